// The machine: tools, name, camera, buzzer.
#include "command/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/nozzle_type.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using namespace plan;
using namespace std::chrono_literals;

bool has_two_nozzles(const Situation& situation) {
    return situation.facts.two_nozzles();
}

constexpr std::array tools{Word{"right", 0}, Word{"left", 1}};

Planned select_tool(const Situation&, const Json& arguments) {
    return send(
        request("print", "select_extruder", {{"extruder_index", number_of(tools, text(arguments, "id"))}}));
}

bool tool_is_selected(const Situation& situation, const Json& arguments) {
    return shows(situation, "active_nozzle", text(arguments, "id"));
}

constexpr std::array nozzle_words{Word{"stainless_steel", 1}, Word{"hardened_steel", 2},
                                  Word{"tungsten_carbide", 3}, Word{"brass", 4}, Word{"E3D", 5}};

constexpr std::array<double, 4> diameters{0.2, 0.4, 0.6, 0.8};

/// A1, P1 and X1 support two materials, and E3D if bits 10 to 12 of `flag3` are set accordingly.
bool takes_nozzle(const Situation& situation, std::string_view type) {
    const auto family = situation.facts.traits().family;
    const bool old = family == Family::x1 || family == Family::p1 || family == Family::a1;
    const auto flags = read::signed_word(situation.report.find("flag3")).value_or(0);
    return !old || type == "stainless_steel" || type == "hardened_steel" ||
           (type == "E3D" && read::bits(flags, 10, 3) != 0);
}

Planned nozzle_details(const Situation& situation, const Json& arguments) {
    const double diameter = number(arguments, "nozzle_diameter");
    const auto& type = text(arguments, "nozzle_type");
    if (std::ranges::find(diameters, diameter) == diameters.end()) {
        return refuse(Code::invalid_argument,
                      fmt::format("nozzle_diameter is {}, expected 0.2, 0.4, 0.6 or 0.8 mm", diameter));
    }
    if (!takes_nozzle(situation, type)) {
        return refuse(
            Code::not_supported,
            fmt::format("nozzle_type is {}, this printer supports stainless_steel and hardened_steel", type));
    }
    return send(
        request("system", "set_accessories",
                {{"accessory_type", "nozzle"}, {"nozzle_diameter", diameter}, {"nozzle_type", type}}));
}

bool has_nozzle_details(const Situation& situation, const Json& arguments) {
    return shows_number(situation, "nozzle_diameter", number(arguments, "nozzle_diameter"), 0.001) &&
           shows(situation, "nozzle_type", nozzle_type(text(arguments, "nozzle_type")));
}

bool lists_nozzles(const Situation& situation) {
    return situation.facts.traits().family == Family::h2;
}

Planned refresh_nozzles(const Situation&, const Json&) {
    return send(request("print", "refresh_nozzle"));
}

/// The only request without `command`.
Planned rename(const Situation&, const Json& arguments) {
    OrderedJson message = OrderedJson::object();
    message["update"] = OrderedJson{{"sequence_id", ""}, {"name", text(arguments, "new_name")}};
    return send(std::move(message));
}

bool has_buzzer(const Situation& situation) {
    return situation.facts.traits().buzzer;
}

constexpr std::array buzzer_words{Word{"silent", 0}, Word{"alarm", 1}, Word{"beep", 2}};

OrderedJson buzzer_mode(int mode) {
    return request("print", "buzzer_ctrl", {{"mode", mode}, {"reason", ""}});
}

/// A beep is only audible after silence.
Planned buzzer(const Situation&, const Json& arguments) {
    const auto mode = number_of(buzzer_words, text(arguments, "mode"));
    if (mode != 2) {
        return send(buzzer_mode(mode));
    }
    Plan result = send(buzzer_mode(0));
    result.requests.push_back(buzzer_mode(mode));
    return result;
}

OrderedJson camera(std::string_view command, const Json& arguments) {
    return request("camera", command, {{"control", flag(arguments, "enabled") ? "enable" : "disable"}});
}

bool has_timelapse(const Situation& situation) {
    return has_entity(situation, "timelapse");
}

Planned timelapse(const Situation&, const Json& arguments) {
    return send(camera("ipcam_timelapse", arguments));
}

bool timelapse_is(const Situation& situation, const Json& arguments) {
    return is_switched(situation, "timelapse", flag(arguments, "enabled"));
}

bool has_recording(const Situation& situation) {
    return has_entity(situation, "camera_recording");
}

Planned recording(const Situation&, const Json& arguments) {
    return send(camera("ipcam_record_set", arguments));
}

bool recording_is(const Situation& situation, const Json& arguments) {
    return is_switched(situation, "camera_recording", flag(arguments, "enabled"));
}

Planned get_version(const Situation&, const Json&) {
    return send(request("info", "get_version"));
}

// clang-format off
constexpr std::array tool_arguments{
    Argument{.name = "id", .kind = Kind::word, .required = true, .words = tools, .meaning = "0 right, 1 left"},
};
constexpr std::array nozzle_arguments{
    Argument{.name = "nozzle_diameter", .kind = Kind::number, .required = true, .min = 0.2, .max = 0.8, .unit = "mm", .meaning = "0.2, 0.4, 0.6 or 0.8"},
    Argument{.name = "nozzle_type", .kind = Kind::word, .required = true, .words = nozzle_words, .meaning = "material"},
};
constexpr std::array name_arguments{
    Argument{.name = "new_name", .required = true, .shortest = 1, .longest = 32, .meaning = "the new name"},
};
constexpr std::array buzzer_arguments{
    Argument{.name = "mode", .kind = Kind::word, .required = true, .words = buzzer_words, .meaning = "mode of the buzzer"},
};
constexpr std::array enabled_arguments{
    Argument{.name = "enabled", .kind = Kind::boolean, .required = true, .meaning = "on or off"},
};

constexpr std::array machine_rows_table{
    Command{.name = "set_active_tool", .summary = "Changes to the other nozzle", .arguments = tool_arguments, .space = "print", .when = When::not_printing, .supported = has_two_nozzles, .needs = "two nozzles", .plan = select_tool, .confirmed = tool_is_selected, .shown_by = "active_nozzle", .within = 60s},
    Command{.name = "set_nozzle_details", .summary = "Sets which nozzle is mounted", .arguments = nozzle_arguments, .space = "system", .plan = nozzle_details, .confirmed = has_nozzle_details, .shown_by = "nozzle_diameter, nozzle_type"},
    Command{.name = "refresh_nozzles", .summary = "Makes the printer detect its nozzles again", .space = "print", .safe = true, .supported = lists_nozzles, .needs = "an H2", .plan = refresh_nozzles},
    Command{.name = "rename_printer", .summary = "Renames the printer", .arguments = name_arguments, .space = "update", .safe = true, .plan = rename},
    Command{.name = "set_buzzer", .summary = "Sets the buzzer to silent, alarm or beep", .arguments = buzzer_arguments, .space = "print", .safe = true, .supported = has_buzzer, .needs = "a buzzer", .plan = buzzer},
    Command{.name = "set_timelapse", .summary = "Switches timelapse recording", .arguments = enabled_arguments, .space = "camera", .safe = true, .supported = has_timelapse, .needs = "a camera", .plan = timelapse, .confirmed = timelapse_is, .shown_by = "timelapse"},
    Command{.name = "set_camera_recording", .summary = "Switches recording of the camera", .arguments = enabled_arguments, .space = "camera", .safe = true, .supported = has_recording, .needs = "a camera", .plan = recording, .confirmed = recording_is, .shown_by = "camera_recording"},
    Command{.name = "get_version", .summary = "Requests the modules and their firmware; data has them", .space = "info", .safe = true, .plan = get_version},
};
// clang-format on

} // namespace

std::span<const Command> machine_commands() {
    return machine_rows_table;
}

} // namespace bambu2mqtt
