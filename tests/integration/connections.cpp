// TCP connections of a port, as listed by the kernel.
#include "integration/gateway_fixture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace bambu2mqtt::gateway_test {

namespace {

/// Reads the kernel's table once. It is not a snapshot: a connection that closes meanwhile may be listed
/// beside a new one.
std::set<std::string> connections_seen(std::uint16_t port) {
    constexpr std::string_view established = "01";
    const auto wanted = fmt::format("0100007F:{:04X}", port);
    std::ifstream table{"/proc/net/tcp"};
    std::set<std::string> seen;
    for (std::string line; std::getline(table, line);) {
        std::istringstream fields{line};
        std::string number;
        std::string local;
        std::string remote;
        std::string state;
        fields >> number >> local >> remote >> state;
        if (remote == wanted && state == established) {
            seen.insert(local);
        }
    }
    return seen;
}

} // namespace

std::size_t connections_to(std::uint16_t port) {
    const auto before = connections_seen(port);
    const auto after = connections_seen(port);
    return static_cast<std::size_t>(
        std::ranges::count_if(after, [&](const auto& end) { return before.contains(end); }));
}

} // namespace bambu2mqtt::gateway_test
