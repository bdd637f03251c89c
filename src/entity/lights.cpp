// Lamps.
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>

#include <array>

namespace bambu2mqtt {

namespace {

using namespace decode;

std::string_view mode_of(const ReportState& report, std::string_view lamp) {
    return read::text(member(member(report.find("lights_report"), lamp), "mode")).value_or("");
}

/// On when either chamber lamp is on; a flashing lamp is on.
Value chamber_light(const View& view) {
    const auto first = mode_of(view.report, "chamber_light");
    const auto second = mode_of(view.report, "chamber_light2");
    if (!first.empty() || !second.empty()) {
        const auto lit = [](std::string_view mode) { return mode == "on" || mode == "flashing"; };
        return lit(first) || lit(second);
    }
    const auto word = np(view) ? read::word(view.report.find("cfg")) : std::nullopt;
    return word ? Value{read::bit(*word, 7)} : not_known;
}

Value work_light(const View& view) {
    return option(view, mode_of(view.report, "work_light"));
}

bool has_work_light(const Facts& facts, const Place&) {
    return facts.has(Feature::work_light);
}

Value heatbed_light(const View& view) {
    return own(view.gateway.heatbed_light);
}

bool has_heatbed_light(const Facts& facts, const Place&) {
    return facts.traits().heatbed_light;
}

constexpr std::array<std::string_view, 3> lamp_modes{"on", "off", "flashing"};

// clang-format off
constexpr std::array lights_rows_table{
    Entity{.id = "chamber_light", .component = Component::light, .from = {"lights_report", "cfg"}, .decode = chamber_light, .icon = "mdi:lightbulb", .control = {.command = "set_light_state", .payload = Payload::on_off, .argument = "state"}},
    Entity{.id = "work_light", .quantity = quantity::option, .category = Category::diagnostic, .enabled_by_default = false, .from = {"lights_report"}, .decode = work_light, .exists = has_work_light, .options = lamp_modes, .icon = "mdi:led-on"},
    Entity{.id = "heatbed_light", .component = Component::light, .gateway = GatewayField::heatbed_light, .decode = heatbed_light, .exists = has_heatbed_light, .icon = "mdi:lightbulb", .control = {.command = "set_light_state", .payload = Payload::on_off, .argument = "state", .fixed = R"({"node":"heatbed_light"})"}},
};
// clang-format on

} // namespace

std::span<const Entity> light_rows() {
    return lights_rows_table;
}

} // namespace bambu2mqtt
