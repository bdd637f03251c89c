// Fans and the air duct.
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace bambu2mqtt {

namespace {

using namespace decode;

/// Steps 0-15 to the 10 % steps of the slicer, rounded up: for one target the printer alternates between two
/// neighbouring values (2 and 3 at 20 %).
std::optional<std::int64_t> step_percent(const Json* value) {
    const auto step = read::integer(value);
    if (!step || *step < 0 || *step > 15) {
        return std::nullopt;
    }
    constexpr std::array<std::int64_t, 16> percents{0,  10, 20, 20, 30, 40, 40,  50,
                                                    60, 60, 70, 80, 80, 90, 100, 100};
    return percents[static_cast<std::size_t>(*step)];
}

/// A part of device.airduct: its own state, whose low byte is the exact percentage.
std::optional<std::int64_t> part_percent(const ReportState& report, int id) {
    const auto state =
        read::integer(member(member(report.find("device/airduct/parts"), std::to_string(id)), "state"));
    const auto percent = state.value_or(-1) & 0xFF;
    return state && *state >= 0 && percent <= 100 ? std::optional{percent} : std::nullopt;
}

template <int part>
Value fan(const View& view) {
    auto percent = part_percent(view.report, part);
    if (!percent) {
        percent = step_percent(field(view));
    }
    return percent ? Value{*percent} : not_known;
}

Value heatbreak(const View& view) {
    const auto percent = step_percent(field(view));
    return percent ? Value{*percent} : not_known;
}

/// The printer's air duct list decides; without a list the model does.
bool fitted(const Facts& facts, Feature listed, bool by_model) {
    const bool lists = facts.has(Feature::part_fan) || facts.has(Feature::chamber_fan);
    return lists ? facts.has(listed) : by_model || facts.has(listed);
}

/// A part that a P1P may have, without evidence in its reports.
bool has_aux(const Facts& facts, const Place&) {
    return fitted(facts, Feature::aux_fan, facts.traits().aux_fan || facts.model == Model::p1p);
}

/// On a P1P once it has run.
bool aux_is_fitted(const Facts& facts, const Place&) {
    return facts.model != Model::p1p || facts.has(Feature::aux_fan);
}

bool has_chamber(const Facts& facts, const Place&) {
    return fitted(facts, Feature::chamber_fan, facts.traits().chamber_fan);
}

bool has_secondary(const Facts& facts, const Place&) {
    return facts.has(Feature::secondary_aux_fan);
}

constexpr std::array<std::string_view, 4> mode_names{"cooling", "heating", "laser", "full_cooling"};

Value airduct_mode(const View& view) {
    const auto mode = read::integer(view.report.find("device/airduct/modeCur"));
    return mode && *mode >= 0 && *mode < 4 ? option(view, mode_names[static_cast<std::size_t>(*mode)])
                                           : not_known;
}

/// The modes the printer offers, as names; all combinations of the four are static.
std::span<const std::string_view> offered_modes(const Facts& facts) {
    struct Lists {
        std::array<std::array<std::string_view, 4>, 16> names{};
        std::array<std::size_t, 16> sizes{};
    };

    static constexpr auto lists = [] {
        Lists result;
        for (std::size_t mask = 0; mask < 16; ++mask) {
            for (std::size_t mode = 0; mode < 4; ++mode) {
                if (((mask >> mode) & 1U) != 0) {
                    result.names[mask][result.sizes[mask]++] = mode_names[mode];
                }
            }
        }
        return result;
    }();
    const std::size_t offered = facts.airduct_modes & 0xFU;
    const std::size_t mask = offered == 0 ? 3 : offered; // cooling and heating if no list was sent
    return std::span{lists.names[mask]}.first(lists.sizes[mask]);
}

bool has_airduct(const Facts& facts, const Place&) {
    return facts.has(Feature::airduct) && (facts.traits().airduct || facts.model == Model::unknown);
}

// clang-format off
constexpr std::array fans_rows_table{
    Entity{.id = "part_fan", .component = Component::fan, .quantity = quantity::percent, .qos = moves, .from = {"cooling_fan_speed", "device/airduct"}, .gateway = GatewayField::targets, .decode = fan<16>, .attributes = changed_at, .icon = "mdi:fan", .statistics = "part_fan_speed", .control = {.command = "set_part_cooling_fan_speed_target_percent", .payload = Payload::percent, .argument = "value"}},
    Entity{.id = "aux_fan", .component = Component::fan, .quantity = quantity::percent, .qos = moves, .enabled_for = aux_is_fitted, .from = {"big_fan1_speed", "device/airduct"}, .gateway = GatewayField::targets, .decode = fan<32>, .exists = has_aux, .attributes = changed_at, .icon = "mdi:fan", .statistics = "aux_fan_speed", .control = {.command = "set_aux_fan_speed_target_percent", .payload = Payload::percent, .argument = "value"}},
    Entity{.id = "chamber_fan", .component = Component::fan, .quantity = quantity::percent, .qos = moves, .from = {"big_fan2_speed", "device/airduct"}, .gateway = GatewayField::targets, .decode = fan<48>, .exists = has_chamber, .attributes = changed_at, .icon = "mdi:fan", .statistics = "chamber_fan_speed", .control = {.command = "set_exhaust_fan_speed_target_percent", .payload = Payload::percent, .argument = "value"}},
    Entity{.id = "secondary_aux_fan", .component = Component::fan, .quantity = quantity::percent, .qos = moves, .from = {"device/airduct"}, .gateway = GatewayField::targets, .decode = fan<160>, .exists = has_secondary, .attributes = changed_at, .icon = "mdi:fan", .statistics = "secondary_aux_fan_speed", .control = {.command = "set_secondary_aux_fan_speed_target_percent", .payload = Payload::percent, .argument = "value"}},
    Entity{.id = "heatbreak_fan", .quantity = quantity::percent, .qos = moves, .category = Category::diagnostic, .from = {"heatbreak_fan_speed"}, .decode = heatbreak, .icon = "mdi:fan"},
    Entity{.id = "airduct_mode", .component = Component::select, .from = {"device/airduct"}, .decode = airduct_mode, .exists = has_airduct, .options_of = offered_modes, .icon = "mdi:air-filter", .control = {.command = "set_airduct_mode", .payload = Payload::word, .argument = "mode"}},
};
// clang-format on

} // namespace

std::span<const Entity> fan_rows() {
    return fans_rows_table;
}

} // namespace bambu2mqtt
