#include "config/config_advice.hpp"

#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/config/config_table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

/// A name from other programs, and what says the same here.
struct ForeignName {
    std::string_view section{};
    std::string_view name{};
    std::string_view here{};
};

constexpr std::array foreign_names{
    ForeignName{"broker", "host", R"(url = "mqtt://HOST[:PORT]")"},
    ForeignName{"broker", "hostname", R"(url = "mqtt://HOST[:PORT]")"},
    ForeignName{"broker", "server", R"(url = "mqtt://HOST[:PORT]")"},
    ForeignName{"broker", "address", R"(url = "mqtt://HOST[:PORT]")"},
    ForeignName{"broker", "port", R"(the port in the url: url = "mqtt://HOST:PORT")"},
    ForeignName{"broker", "ssl", R"(url = "mqtts://HOST[:PORT]")"},
    ForeignName{"printer", "ip", R"(host = "192.168.1.50")"},
    ForeignName{"printer", "ip_address", R"(host = "192.168.1.50")"},
};

} // namespace

std::vector<std::string_view> names_in(std::string_view section) {
    std::vector<std::string_view> names;
    for (const auto& row : config_keys()) {
        if (row.section == section) {
            names.push_back(row.name);
        }
    }
    if (section.empty()) {
        const auto sections = config_sections();
        names.insert(names.end(), sections.begin() + 1, sections.end());
    }
    return names;
}

std::string advice(std::string_view section, std::string_view name, std::span<const std::string_view> known) {
    const auto foreign = std::ranges::find_if(
        foreign_names, [=](const ForeignName& each) { return each.section == section && each.name == name; });
    if (foreign != foreign_names.end()) {
        return fmt::format("expected {}", foreign->here);
    }
    const auto row = std::ranges::find(config_keys(), name, &ConfigKey::name);
    if (row != config_keys().end()) {
        return row->section.empty() ? "expected before the first section"
                                    : fmt::format("expected in the section {}", header_of(row->section));
    }
    const auto meant = nearest_name(name, known);
    return meant.empty() ? fmt::format("expected one of {}", one_of(known))
                         : fmt::format("did you mean \"{}\"?", meant);
}

} // namespace bambu2mqtt
