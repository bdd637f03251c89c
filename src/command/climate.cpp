// Temperatures, fans, air duct and lamps.
#include "command/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/printer/limits.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using namespace plan;
using namespace std::chrono_literals;

unexpected<Refusal> too_hot(std::string_view what, std::int64_t value, int limit) {
    return refuse(Code::invalid_argument,
                  fmt::format("value is {}, expected a number from 0 to {} °C for the {} of this printer",
                              value, limit, what));
}

/// The extruder: 0 right or only one, 1 left; nothing while none is active (tool change).
std::optional<int> tool_of(const Situation& situation, const Json& arguments) {
    const auto wanted = integer(arguments, "tool_num");
    if (wanted >= 0 || !situation.facts.two_nozzles()) {
        return static_cast<int>(std::max<std::int64_t>(wanted, 0));
    }
    return decode::active_extruder(situation.report);
}

Planned nozzle_target(const Situation& situation, const Json& arguments) {
    const auto value = integer(arguments, "value");
    if (value > nozzle_limit(situation.facts)) {
        return too_hot("nozzle", value, nozzle_limit(situation.facts));
    }
    const auto tool = tool_of(situation, arguments);
    if (!situation.facts.two_nozzles()) {
        return tool == 0 ? Planned{send(gcode(fmt::format("M104 S{}", value)))}
                         : refuse(Code::not_supported, "tool_num is 1, but this printer has one nozzle");
    }
    if (!tool) {
        return refuse(Code::conflict, "no nozzle is active; select one with tool_num: 0 right, 1 left");
    }
    return send(gcode(fmt::format("M104 S{} T{}", value, *tool)));
}

bool has_nozzle_target(const Situation& situation, const Json& arguments) {
    constexpr std::array sides{"right_nozzle_target_temperature", "left_nozzle_target_temperature"};
    const auto wanted = integer(arguments, "tool_num");
    const auto* const entity = wanted >= 0 && situation.facts.two_nozzles()
                                   ? sides[static_cast<std::size_t>(wanted)]
                                   : "nozzle_target_temperature";
    return shows_number(situation, entity, number(arguments, "value"));
}

Planned bed_target(const Situation& situation, const Json& arguments) {
    const auto value = integer(arguments, "value");
    if (value > bed_limit(situation.facts)) {
        return too_hot("bed", value, bed_limit(situation.facts));
    }
    return send(gcode(fmt::format("M140 S{}", value)));
}

bool has_bed_target(const Situation& situation, const Json& arguments) {
    return shows_number(situation, "bed_target_temperature", number(arguments, "value"));
}

bool has_heater(const Situation& situation) {
    return situation.facts.traits().chamber_heater;
}

/// Lower targets do not heat the chamber.
constexpr int chamber_min = 40;

Planned chamber_target(const Situation& situation, const Json& arguments) {
    const auto value = integer(arguments, "value");
    const int limit = chamber_limit(situation.facts);
    if (value > limit || (value > 0 && value < chamber_min)) {
        return refuse(
            Code::invalid_argument,
            fmt::format("value is {}, expected 0 or a number from {} to {} °C", value, chamber_min, limit));
    }
    if (situation.facts.model == Model::x1e) {
        return send(gcode(fmt::format("M141 S{}", value)));
    }
    Plan result = send(
        request("print", "set_ctt", {{"ctt_val", value}, {"temper_check", flag(arguments, "temper_check")}}));
    result.requests.push_back(
        request("print", "set_airduct", {{"modeId", value < chamber_min ? 0 : 1}, {"submode", -1}}));
    return result;
}

bool has_chamber_target(const Situation& situation, const Json& arguments) {
    return shows_number(situation, "chamber_target_temperature", number(arguments, "value"));
}

/// A printer with its own sensor needs no external value. The same rule as for the entity
/// chamber_temperature.
bool has_no_chamber_sensor(const Situation& situation) {
    const auto& facts = situation.facts;
    return !facts.traits().chamber_sensor &&
           !(facts.model == Model::unknown && facts.has(Feature::chamber_measured));
}

Handled take_chamber_value(CommandContext& context) {
    context.session.set_chamber_temperature(number(context.arguments, "value"));
    return done();
}

/// One fan: the P of M106, its entity, and the models that can have it, until it is reported.
struct Fan {
    int number = 0;
    std::string_view entity{};
    bool (*possible)(const ModelTraits&) = nullptr;
};

constexpr Fan part_fan{1, "part_fan", [](const ModelTraits&) { return true; }};
constexpr Fan aux_fan{2, "aux_fan",
                      [](const ModelTraits& model) { return model.aux_fan || model.model == Model::p1p; }};
constexpr Fan chamber_fan{3, "chamber_fan", [](const ModelTraits& model) { return model.chamber_fan; }};
constexpr Fan secondary_fan{10, "secondary_aux_fan", [](const ModelTraits& model) {
                                return model.family == Family::p2 || model.family == Family::x2;
                            }};

/// Printers have steps of 10 %.
std::int64_t in_tens(const Json& arguments) {
    return (integer(arguments, "value") + 5) / 10 * 10;
}

template <const Fan& fan>
bool has_fan(const Situation& situation) {
    const auto& facts = situation.facts;
    const bool by_model = facts.model == Model::unknown || fan.possible(facts.traits());
    return facts.complete ? has_entity(situation, fan.entity) : by_model;
}

template <const Fan& fan>
Planned fan_target(const Situation&, const Json& arguments) {
    return send(gcode(fmt::format("M106 P{} S{}", fan.number, (in_tens(arguments) * 255 + 50) / 100)));
}

/// Old firmware reports sixteenths, so that a neighbouring step is the same.
template <const Fan& fan>
bool fan_runs(const Situation& situation, const Json& arguments) {
    const auto wanted = static_cast<double>(in_tens(arguments));
    return shows_number(situation, fan.entity, wanted, wanted == 0 ? 0 : 10);
}

constexpr std::array airduct_modes{Word{"cooling", 0}, Word{"heating", 1}, Word{"laser", 2},
                                   Word{"full_cooling", 3}};

bool has_airduct(const Situation& situation) {
    return situation.facts.complete ? has_entity(situation, "airduct_mode")
                                    : situation.facts.traits().airduct;
}

Planned airduct_mode(const Situation& situation, const Json& arguments) {
    const auto& mode = text(arguments, "mode");
    const auto number = number_of(airduct_modes, mode);
    const auto offered = situation.facts.airduct_modes;
    if (offered != 0 && ((offered >> static_cast<unsigned>(number)) & 1U) == 0) {
        return refuse(Code::not_supported,
                      fmt::format("this printer does not offer the air duct mode {}", mode));
    }
    return send(request("print", "set_airduct", {{"modeId", number}, {"submode", -1}}));
}

bool has_airduct_mode(const Situation& situation, const Json& arguments) {
    return shows(situation, "airduct_mode", text(arguments, "mode"));
}

constexpr std::array lamps{Word{"chamber_light", 0}, Word{"heatbed_light", 1}, Word{"work_light", 2},
                           Word{"chamber_light2", 3}};

OrderedJson lamp(std::string_view node, bool on, int milliseconds) {
    return request("system", "ledctrl",
                   {{"led_node", node},
                    {"led_mode", on ? "on" : "off"},
                    {"led_on_time", milliseconds},
                    {"led_off_time", milliseconds},
                    {"loop_times", 0},
                    {"interval_time", 0}});
}

const Json* reported_lamp(const Situation& situation, std::string_view node) {
    return decode::member(situation.report.find("lights_report"), node);
}

bool has_second_light(const Situation& situation) {
    return situation.facts.traits().second_light || reported_lamp(situation, "chamber_light2") != nullptr;
}

Planned light(const Situation& situation, const Json& arguments) {
    const auto& node = text(arguments, "node");
    const bool on = flag(arguments, "state");
    if (node == "heatbed_light") {
        return situation.facts.traits().heatbed_light
                   ? Planned{send(lamp(node, on, 0))}
                   : refuse(Code::not_supported, "this printer has no heatbed light");
    }
    if (node == "work_light" && situation.facts.complete && !situation.facts.has(Feature::work_light)) {
        return refuse(Code::not_supported, "this printer reports no work light");
    }
    if (node == "chamber_light2" && !has_second_light(situation)) {
        return refuse(Code::not_supported, "this printer has no second chamber light");
    }
    Plan result = send(lamp(node, on, 500));
    if (node == "chamber_light" && has_second_light(situation)) {
        result.requests.push_back(lamp("chamber_light2", on, 500));
    }
    return result;
}

bool light_is(const Situation& situation, const Json& arguments) {
    const auto& node = text(arguments, "node");
    const bool on = flag(arguments, "state");
    if (node == "chamber_light" || node == "heatbed_light") {
        return is_switched(situation, node, on);
    }
    return read::text(decode::member(reported_lamp(situation, node), "mode")) == (on ? "on" : "off");
}

// clang-format off
constexpr std::array nozzle_arguments{
    Argument{.name = "value", .kind = Kind::rounded, .required = true, .min = 0, .max = hottest_target, .unit = "°C", .meaning = "target; the maximum depends on the model"},
    Argument{.name = "tool_num", .kind = Kind::integer, .fallback = "-1", .min = -1, .max = 1, .meaning = "0 right or only nozzle, 1 left, -1 the active one"},
};
constexpr std::array bed_arguments{
    Argument{.name = "value", .kind = Kind::rounded, .required = true, .min = 0, .max = hottest_target, .unit = "°C", .meaning = "target; the maximum depends on the model"},
};
constexpr std::array chamber_arguments{
    Argument{.name = "value", .kind = Kind::rounded, .required = true, .min = 0, .max = hottest_target, .unit = "°C", .meaning = "target: 0, or 40 and above; the maximum depends on the model"},
    Argument{.name = "temper_check", .kind = Kind::boolean, .fallback = "true", .meaning = "make the printer refuse a temperature that is too high for the filament"},
};
constexpr std::array chamber_value_arguments{
    Argument{.name = "value", .kind = Kind::number, .required = true, .min = -50, .max = 150, .unit = "°C", .meaning = "temperature measured by another sensor"},
};
constexpr std::array fan_arguments{
    Argument{.name = "value", .kind = Kind::rounded, .required = true, .min = 0, .max = 100, .unit = "%", .meaning = "speed, rounded to the printer's steps of 10 %"},
};
constexpr std::array airduct_arguments{
    Argument{.name = "mode", .kind = Kind::word, .required = true, .words = airduct_modes, .meaning = "mode of the air duct, by name or as 0 to 3"},
};
constexpr std::array light_arguments{
    Argument{.name = "state", .kind = Kind::boolean, .required = true, .meaning = "on or off"},
    Argument{.name = "node", .kind = Kind::word, .fallback = R"("chamber_light")", .words = lamps, .meaning = "which lamp; chamber_light is both lamps of the chamber where there are two, chamber_light2 the second one alone"},
};

constexpr std::array climate_rows_table{
    Command{.name = "set_nozzle_temp_target", .summary = "Sets the target temperature of a nozzle", .arguments = nozzle_arguments, .space = "print", .plan = nozzle_target, .confirmed = has_nozzle_target, .shown_by = "nozzle_target_temperature", .within = 5s},
    Command{.name = "set_bed_temp_target", .summary = "Sets the target temperature of the bed", .arguments = bed_arguments, .space = "print", .plan = bed_target, .confirmed = has_bed_target, .shown_by = "bed_target_temperature", .within = 5s},
    Command{.name = "set_chamber_temp_target", .summary = "Sets the target temperature of the chamber", .arguments = chamber_arguments, .space = "print", .supported = has_heater, .needs = "a chamber heater", .plan = chamber_target, .confirmed = has_chamber_target, .shown_by = "chamber_target_temperature", .within = 5s},
    Command{.name = "set_chamber_temp", .summary = "Sets a chamber temperature that was measured elsewhere; nothing is sent", .arguments = chamber_value_arguments, .safe = true, .session = true, .supported = has_no_chamber_sensor, .needs = "a printer without a chamber sensor", .plan = nothing, .run = take_chamber_value},
    Command{.name = "set_part_cooling_fan_speed_target_percent", .summary = "Sets the part cooling fan", .arguments = fan_arguments, .space = "print", .safe = true, .plan = fan_target<part_fan>, .confirmed = fan_runs<part_fan>, .shown_by = "part_fan", .within = 5s},
    Command{.name = "set_aux_fan_speed_target_percent", .summary = "Sets the auxiliary fan", .arguments = fan_arguments, .space = "print", .safe = true, .supported = has_fan<aux_fan>, .needs = "an auxiliary fan", .plan = fan_target<aux_fan>, .confirmed = fan_runs<aux_fan>, .shown_by = "aux_fan", .within = 5s},
    Command{.name = "set_exhaust_fan_speed_target_percent", .summary = "Sets the chamber fan", .arguments = fan_arguments, .space = "print", .safe = true, .supported = has_fan<chamber_fan>, .needs = "a chamber fan", .plan = fan_target<chamber_fan>, .confirmed = fan_runs<chamber_fan>, .shown_by = "chamber_fan", .within = 5s},
    Command{.name = "set_secondary_aux_fan_speed_target_percent", .summary = "Sets the second auxiliary fan", .arguments = fan_arguments, .space = "print", .safe = true, .supported = has_fan<secondary_fan>, .needs = "a second auxiliary fan", .plan = fan_target<secondary_fan>, .confirmed = fan_runs<secondary_fan>, .shown_by = "secondary_aux_fan", .within = 5s},
    Command{.name = "set_airduct_mode", .summary = "Switches the air duct", .arguments = airduct_arguments, .space = "print", .supported = has_airduct, .needs = "an air duct with modes", .plan = airduct_mode, .confirmed = has_airduct_mode, .shown_by = "airduct_mode"},
    Command{.name = "set_light_state", .summary = "Switches a lamp", .arguments = light_arguments, .space = "system", .safe = true, .plan = light, .confirmed = light_is, .shown_by = "chamber_light, heatbed_light, work_light", .within = 3s},
};
// clang-format on

} // namespace

std::span<const Command> climate_commands() {
    return climate_rows_table;
}

} // namespace bambu2mqtt
