#include "interop/broker_server.hpp"

#include "support/eventually.hpp"
#include "support/files.hpp"
#include "support/ports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace bambu2mqtt::interop {

using namespace std::chrono_literals;

namespace {

/// RabbitMQ takes half a minute on an idle machine.
constexpr auto start_timeout = 5 * test_support::test_timeout;

} // namespace

std::string BrokerServer::url(std::size_t node) const {
    return fmt::format("mqtt://127.0.0.1:{}", port(node));
}

test_support::ObserverOptions BrokerServer::client(std::size_t node) const {
    return {.port = port(node), .username = username(), .password = password()};
}

std::string word_after(std::string_view text, std::string_view marker) {
    const auto at = text.find(marker);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto rest = text.substr(at + marker.size());
    const auto begin = std::min(rest.find_first_not_of(" \t"), rest.size());
    return std::string{rest.substr(begin, rest.find_first_of(" \t\r\n", begin) - begin)};
}

void wait_for_login(const BrokerServer& server, std::size_t node, const std::filesystem::path& log) {
    auto options = server.client(node);
    options.timeout = 10s;
    const bool accepted = test_support::eventually(start_timeout, [&] {
        return test_support::accepts_connections(server.port(node)) &&
               test_support::MqttObserver::login(options) == 0;
    });
    if (!accepted) {
        throw std::runtime_error{
            fmt::format("{} accepts no login:\n{}", server.url(node), test_support::read_file(log))};
    }
}

} // namespace bambu2mqtt::interop
