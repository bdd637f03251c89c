// Motion by hand, and raw requests.
#include "command/raw_request.hpp"
#include "command/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <array>

namespace bambu2mqtt {

namespace {

using namespace plan;

Planned home(const Situation&, const Json&) {
    return send(gcode("G28"));
}

/// `home_flag` bits 0 to 2: x, y and z are homed.
bool is_homed(const ReportState& report) {
    return (read::signed_word(report.find("home_flag")).value_or(0) & 7U) == 7U;
}

constexpr std::array axes{Word{"x", 0}, Word{"y", 1}, Word{"z", 2}};

/// Models whose bed moves along y, and head along z: the signs are inverted.
bool is_bed_slinger(const Facts& facts) {
    return facts.traits().family == Family::a1 || facts.traits().family == Family::a2;
}

/// The seven lines that keep the printer's limits and position.
Planned move(const Situation& situation, const Json& arguments) {
    if (situation.report.complete() && !is_homed(situation.report)) {
        return refuse(Code::conflict, "the axes are not homed; send home_axes first");
    }
    const auto& axis = text(arguments, "axis");
    const auto distance = integer(arguments, "distance");
    if (distance == 0) {
        return refuse(Code::invalid_argument,
                      "distance is 0, expected a number from -100 to 100 mm other than 0");
    }
    const bool turned = axis != "x" && is_bed_slinger(situation.facts);
    constexpr std::array letters{'X', 'Y', 'Z'};
    return send(gcode(fmt::format("M211 S\nM211 X1 Y1 Z1\nM1002 push_ref_mode\nG91\nG1 {}{}.0 F{}\nM1002 "
                                  "pop_ref_mode\nM211 R",
                                  letters[static_cast<std::size_t>(number_of(axes, axis))],
                                  turned ? -distance : distance, axis == "z" ? 900 : 3000)));
}

/// Minimum nozzle temperature for moving filament.
constexpr double extrude_from = 170;

Planned extrude(const Situation& situation, const Json& arguments) {
    const auto length = integer(arguments, "length");
    if (length == 0) {
        return refuse(Code::invalid_argument,
                      "length is 0, expected a number from -50 to 50 mm other than 0");
    }
    const auto nozzle = shown_number(situation, "nozzle_temperature");
    if (situation.report.complete() && nozzle.value_or(0) < extrude_from) {
        const auto found = nozzle ? fmt::format("the nozzle has {} °C", *nozzle)
                                  : std::string{"the temperature of the nozzle is not known"};
        return refuse(Code::conflict, fmt::format("{}, at least {} °C are expected", found, extrude_from));
    }
    return send(gcode(fmt::format("M83\nG0 E{} F900", length)));
}

/// Lines end with a single newline, including the last one.
Planned raw_gcode(const Situation&, const Json& arguments) {
    auto lines = text(arguments, "gcode");
    std::erase(lines, '\r');
    auto message = gcode(std::move(lines));
    if (message["print"]["param"] == "\n") {
        return refuse(Code::invalid_argument, "gcode is empty, expected at least one line");
    }
    if (auto checked = check_request(Json(message)); !checked) {
        return unexpected(std::move(checked).error());
    }
    return send(std::move(message));
}

Planned raw_request(const Situation&, const Json& arguments) {
    const Json& message = arguments["anything"];
    if (auto checked = check_request(message); !checked) {
        return unexpected(std::move(checked).error());
    }
    return send(OrderedJson(message));
}

// clang-format off
constexpr std::array move_arguments{
    Argument{.name = "axis", .kind = Kind::word, .required = true, .words = axes, .meaning = "which axis"},
    Argument{.name = "distance", .kind = Kind::rounded, .required = true, .min = -100, .max = 100, .unit = "mm", .meaning = "distance in whole millimetres"},
};
constexpr std::array extrude_arguments{
    Argument{.name = "length", .kind = Kind::rounded, .fallback = "10", .min = -50, .max = 50, .unit = "mm", .meaning = "length of filament; negative retracts it"},
};
constexpr std::array gcode_arguments{
    Argument{.name = "gcode", .kind = Kind::lines, .required = true, .shortest = 1, .longest = 8192, .meaning = "one line of G-code, or several separated by newlines"},
};
constexpr std::array anything_arguments{
    Argument{.name = "anything", .kind = Kind::object, .required = true, .meaning = "the message, with one namespace: {\"print\": {...}}"},
};

constexpr std::array motion_rows_table{
    Command{.name = "home_axes", .summary = "Homes all axes", .space = "print", .when = When::no_job, .plan = home},
    Command{.name = "move_axis", .summary = "Moves one axis by some millimetres", .arguments = move_arguments, .space = "print", .when = When::no_job, .plan = move},
    Command{.name = "extrude", .summary = "Extrudes filament through the hot nozzle, or retracts it", .arguments = extrude_arguments, .space = "print", .when = When::not_printing, .plan = extrude},
    Command{.name = "send_gcode", .summary = "Sends raw G-code", .arguments = gcode_arguments, .space = "print", .raw = true, .plan = raw_gcode},
    Command{.name = "send_anything", .summary = "Sends a raw request, unchanged", .arguments = anything_arguments, .raw = true, .plan = raw_request},
};
// clang-format on

} // namespace

std::span<const Command> motion_commands() {
    return motion_rows_table;
}

} // namespace bambu2mqtt
