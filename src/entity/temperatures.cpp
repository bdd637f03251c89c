// Nozzle, bed and chamber temperatures and their targets.
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>

#include <array>

namespace bambu2mqtt {

namespace {

using namespace decode;

enum class Side : std::uint8_t { right = 0, left = 1 };

std::optional<Packed> extruder(const ReportState& report, int index) {
    const Json* const info = member(report.find("device/extruder/info"), index == 0 ? "0" : "1");
    return packed(member(info, "temp"));
}

/// The active nozzle. With two nozzles and none active (tool change) only the printer's own plain fields are
/// valid.
std::optional<Packed> nozzle_in_use(const View& view) {
    if (!view.facts.two_nozzles()) {
        return extruder(view.report, 0);
    }
    const auto index = active_extruder(view.report);
    return index ? extruder(view.report, *index) : std::nullopt;
}

Value measured(const std::optional<Packed>& pair, const Json* plain) {
    if (pair) {
        return plausible(pair->current) ? Value{static_cast<double>(pair->current)} : not_known;
    }
    const auto number = read::number(plain);
    return number && plausible(*number) ? Value{*number} : not_known;
}

Value target(const std::optional<Packed>& pair, const Json* plain) {
    const auto number = pair ? std::optional<double>{pair->target} : read::number(plain);
    return number && plausible(*number) ? Value{*number} : not_known;
}

Value nozzle(const View& view) {
    return measured(nozzle_in_use(view), view.report.find("nozzle_temper"));
}

Value nozzle_target(const View& view) {
    return target(nozzle_in_use(view), view.report.find("nozzle_target_temper"));
}

template <Side side>
Value side_nozzle(const View& view) {
    return measured(extruder(view.report, static_cast<int>(side)), nullptr);
}

template <Side side>
Value side_target(const View& view) {
    return target(extruder(view.report, static_cast<int>(side)), nullptr);
}

std::optional<Packed> bed(const View& view) {
    return packed(view.report.find("device/bed/info/temp"));
}

Value bed_temperature(const View& view) {
    return measured(bed(view), view.report.find("bed_temper"));
}

Value bed_target(const View& view) {
    return target(bed(view), view.report.find("bed_target_temper"));
}

/// A temperature set from outside (where the printer has no sensor) takes precedence.
Value chamber(const View& view) {
    if (const auto given = view.gateway.chamber_temperature) {
        return *given;
    }
    return measured(packed(view.report.find("device/ctc/info/temp")), view.report.find("chamber_temper"));
}

void chamber_attributes(const View& view, OrderedJson& out) {
    out["source"] = view.gateway.chamber_temperature ? "external" : "printer";
}

Value chamber_target(const View& view) {
    return target(packed(view.report.find("device/ctc/info/temp")), view.report.find("ctt"));
}

bool has_two_nozzles(const Facts& facts, const Place&) {
    return facts.two_nozzles();
}

bool has_chamber(const Facts& facts, const Place&) {
    return facts.traits().chamber_sensor || facts.has(Feature::chamber_given) ||
           (facts.model == Model::unknown && facts.has(Feature::chamber_measured));
}

bool has_heater(const Facts& facts, const Place&) {
    return facts.traits().chamber_heater;
}

constexpr auto measure = quantity::temperature;
constexpr auto goal = quantity::target_temperature;

// clang-format off
constexpr std::array temperatures_rows_table{
    Entity{.id = "nozzle_temperature", .quantity = measure, .qos = moves, .from = {"nozzle_temper", "device/extruder"}, .decode = nozzle, .icon = "mdi:printer-3d-nozzle-heat", .coarse = true},
    Entity{.id = "nozzle_target_temperature", .component = Component::number, .quantity = goal, .from = {"nozzle_target_temper", "device/extruder"}, .gateway = GatewayField::targets, .decode = nozzle_target, .attributes = changed_at, .coarse = true, .statistics = "nozzle_target", .control = {.command = "set_nozzle_temp_target", .payload = Payload::number, .argument = "value"}},
    Entity{.id = "left_nozzle_temperature", .quantity = measure, .qos = moves, .from = {"device/extruder"}, .decode = side_nozzle<Side::left>, .exists = has_two_nozzles, .icon = "mdi:printer-3d-nozzle-heat", .coarse = true},
    Entity{.id = "right_nozzle_temperature", .quantity = measure, .qos = moves, .from = {"device/extruder"}, .decode = side_nozzle<Side::right>, .exists = has_two_nozzles, .icon = "mdi:printer-3d-nozzle-heat", .coarse = true},
    Entity{.id = "left_nozzle_target_temperature", .component = Component::number, .quantity = goal, .from = {"device/extruder"}, .gateway = GatewayField::targets, .decode = side_target<Side::left>, .exists = has_two_nozzles, .attributes = changed_at, .coarse = true, .statistics = "left_nozzle_target", .control = {.command = "set_nozzle_temp_target", .payload = Payload::number, .argument = "value", .fixed = R"({"tool_num":1})"}},
    Entity{.id = "right_nozzle_target_temperature", .component = Component::number, .quantity = goal, .from = {"device/extruder"}, .gateway = GatewayField::targets, .decode = side_target<Side::right>, .exists = has_two_nozzles, .attributes = changed_at, .coarse = true, .statistics = "right_nozzle_target", .control = {.command = "set_nozzle_temp_target", .payload = Payload::number, .argument = "value", .fixed = R"({"tool_num":0})"}},
    Entity{.id = "bed_temperature", .quantity = measure, .qos = moves, .from = {"bed_temper", "device/bed"}, .decode = bed_temperature, .icon = "mdi:radiator", .coarse = true},
    Entity{.id = "bed_target_temperature", .component = Component::number, .quantity = goal, .from = {"bed_target_temper", "device/bed"}, .gateway = GatewayField::targets, .decode = bed_target, .attributes = changed_at, .coarse = true, .statistics = "bed_target", .control = {.command = "set_bed_temp_target", .payload = Payload::number, .argument = "value"}},
    Entity{.id = "chamber_temperature", .quantity = measure, .qos = moves, .from = {"chamber_temper", "device/ctc"}, .gateway = GatewayField::chamber_temperature, .decode = chamber, .exists = has_chamber, .attributes = chamber_attributes, .coarse = true},
    Entity{.id = "chamber_target_temperature", .component = Component::number, .quantity = goal, .from = {"ctt", "device/ctc"}, .gateway = GatewayField::targets, .decode = chamber_target, .exists = has_heater, .attributes = changed_at, .coarse = true, .statistics = "chamber_target", .control = {.command = "set_chamber_temp_target", .payload = Payload::number, .argument = "value"}},
};
// clang-format on

} // namespace

std::span<const Entity> temperature_rows() {
    return temperatures_rows_table;
}

} // namespace bambu2mqtt
