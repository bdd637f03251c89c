#include "simulator/sessions.hpp"

#include <algorithm>

namespace bambu2mqtt::simulator {
namespace {

constexpr std::string_view report_begin = "device/";
constexpr std::string_view report_end = "/report";

/// Removes the text up to the first space from `rest` and returns it.
std::string_view word(std::string_view& rest) {
    const auto end = std::min(rest.find(' '), rest.size());
    const auto result = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return result;
}

} // namespace

std::optional<std::string> Sessions::read(std::string_view line) {
    word(line); // the time
    const auto first = std::string{word(line)};
    const auto second = word(line);
    if (first == "Client") { // "Client NAME disconnected." and all other forms of disconnection
        gone(std::string{second});
        return std::nullopt;
    }
    if (second != "0" && second != "1" && second != "2")
        return std::nullopt;
    return subscribed(first, line); // "NAME QOS FILTER"
}

std::optional<std::string> Sessions::subscribed(const std::string& client, std::string_view filter) {
    if (filter.size() <= report_begin.size() + report_end.size() || !filter.starts_with(report_begin) ||
        !filter.ends_with(report_end))
        return std::nullopt;
    filter.remove_prefix(report_begin.size());
    filter.remove_suffix(report_end.size());
    if (filter.find_first_of("+#/") != std::string_view::npos)
        return std::nullopt;
    std::string serial{filter};
    auto& door = doors_[serial];
    if (!door.clients.insert(client).second)
        return std::nullopt;
    ++door.sessions;
    return serial;
}

void Sessions::gone(const std::string& client) {
    for (auto& [serial, door] : doors_)
        door.clients.erase(client);
}

void Sessions::all_gone() {
    for (auto& [serial, door] : doors_)
        door.clients.clear();
}

int Sessions::newest(const std::string& serial) const {
    const auto found = doors_.find(serial);
    return found == doors_.end() ? 0 : found->second.sessions;
}

std::set<std::string> Sessions::clients(const std::string& serial) const {
    const auto found = doors_.find(serial);
    return found == doors_.end() ? std::set<std::string>{} : found->second.clients;
}

} // namespace bambu2mqtt::simulator
