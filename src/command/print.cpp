// Starting a print. Facts: printer-protocol.md 1.3.
#include "command/print.hpp"

#include "command/tray.hpp"
#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/file/path.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace bambu2mqtt {

namespace {

using namespace plan;
using namespace std::chrono_literals;

constexpr std::array plates{Word{"auto", 0},      Word{"cool_plate", 1},     Word{"eng_plate", 2},
                            Word{"hot_plate", 3}, Word{"textured_plate", 4}, Word{"supertack_plate", 5}};

/// The file's name without .3mf and .gcode: the job's name on the printer.
std::string task_name(std::string_view path) {
    auto name = path.substr(path.rfind('/') + 1);
    for (const std::string_view suffix : {".3mf", ".gcode"}) {
        if (ends_in_any_case(name, suffix)) {
            name.remove_suffix(suffix.size());
        }
    }
    return std::string{name};
}

/// `file:///sdcard/...` works on A1 and P1, `ftp://...` on all others.
std::string url_of(const Situation& situation, const std::string& path) {
    const auto family = situation.facts.traits().family;
    const bool by_model = family == Family::a1 || family == Family::p1;
    const bool on_card =
        situation.policy.url_scheme.empty() ? by_model : situation.policy.url_scheme == "sdcard";
    return (on_card ? "file:///sdcard" : "ftp://") + path;
}

/// The source of one filament of the plate, in both forms.
struct Source {
    std::int64_t flat = -1;
    int unit = 255;
    int slot = 255;
    bool from_tray = false;
};

/// A tray number of the mapping: -1 not used, else global. External spools are -1 in the flat list.
expected<Source, Refusal> source_of(const Situation& situation, std::int64_t number) {
    if (number == -1) {
        return Source{};
    }
    const auto found = tray_of(situation, Json{{"tray_id", number}});
    if (!found) {
        return refuse(found.error().code,
                      fmt::format("ams_mapping has {}: {}", number, found.error().message));
    }
    const auto& tray = *found;
    if (tray.external) {
        return Source{.flat = -1, .unit = tray.unit, .slot = 0};
    }
    // On the wire the A2L's unit numbers its own slots.
    return Source{.flat = tray.unit == 16 ? tray.slot : tray.global(),
                  .unit = tray.unit,
                  .slot = tray.slot,
                  .from_tray = true};
}

struct Mapping {
    OrderedJson flat = OrderedJson::array();
    OrderedJson pairs = OrderedJson::array();
    bool has_tray = false;
    bool maps = false; ///< at least one filament has a source
};

expected<Mapping, Refusal> mapping_of(const Situation& situation, const Json& arguments) {
    Mapping mapping;
    for (const auto& number : arguments["ams_mapping"]) {
        const auto source = source_of(situation, number.get<std::int64_t>());
        if (!source) {
            return unexpected(source.error());
        }
        const auto& one = *source;
        mapping.flat.push_back(one.flat);
        mapping.pairs.push_back({{"ams_id", one.unit}, {"slot_id", one.slot}});
        mapping.has_tray = mapping.has_tray || one.from_tray;
        mapping.maps = mapping.maps || one.slot != 255;
    }
    if (!mapping.flat.empty() && !mapping.maps) {
        return refuse(Code::invalid_argument, "ams_mapping names no tray, so nothing is mapped; 254 is the "
                                              "external spool, and an empty list leaves it to the printer");
    }
    return mapping;
}

/// With one nozzle the mapping decides, if given: `use_ams` without a tray makes a P1 give up, and a tray
/// without `use_ams` aborts at the first layer. With two nozzles the slicer's choice is kept.
bool uses_ams(const Situation& situation, const Json& arguments, const Mapping& mapping) {
    const bool by_units =
        !situation.facts.complete ||
        std::ranges::any_of(situation.facts.units, [](const Unit& unit) { return unit.present; });
    const bool wanted = arguments.contains("use_ams") ? flag(arguments, "use_ams") : by_units;
    return situation.facts.two_nozzles() || mapping.flat.empty() ? wanted : mapping.has_tray;
}

/// Calibrations before a print: the argument, its boolean on the wire, and its number (0 off, 1 on, 2
/// automatic) preferred by firmware with three states. Source: printer-protocol.md 1.3, and a slicer's
/// requests to an X2D.
struct Calibration {
    std::string_view argument{};
    std::string_view flag{}; ///< empty: none
    std::string_view number{};
    bool two_nozzles = false; ///< only printers with two nozzles have it
};

constexpr std::array calibrations{
    Calibration{.argument = "bedlevel", .flag = "bed_leveling", .number = "auto_bed_leveling"},
    Calibration{.argument = "flow", .flag = "flow_cali", .number = "extrude_cali_flag"},
    Calibration{.argument = "nozzle_offset", .number = "nozzle_offset_cali", .two_nozzles = true}};

constexpr std::array calibration_states{Word{"off", 0}, Word{"on", 1}, Word{"auto", 2}};

/// Bit 40 of `fun`: the firmware can decide itself whether a calibration is needed.
bool has_three_states(const Situation& situation) {
    return read::bit(read::word(situation.report.find("fun")).value_or(0), 40);
}

expected<void, Refusal> check_calibrations(const Situation& situation, const Json& arguments) {
    for (const auto& row : calibrations) {
        const auto& state = text(arguments, row.argument);
        if (row.two_nozzles && !situation.facts.two_nozzles() && (state == "on" || state == "auto")) {
            return refuse(Code::not_supported, fmt::format("{} needs two nozzles", row.argument));
        }
        if (state == "auto" && situation.facts.complete && !has_three_states(situation)) {
            return refuse(
                Code::not_supported,
                fmt::format("{} is auto, this printer's firmware accepts only on and off", row.argument));
        }
    }
    return {};
}

void add_calibrations(OrderedJson& body, const Situation& situation, const Json& arguments) {
    const bool numbers =
        has_three_states(situation) || std::ranges::any_of(calibrations, [&](const Calibration& row) {
            return text(arguments, row.argument) == "auto";
        });
    for (const auto& row : calibrations) {
        const auto& state = text(arguments, row.argument);
        if (!row.flag.empty()) {
            body[std::string{row.flag}] = state == "on";
        }
        const bool absent = row.two_nozzles && !situation.facts.two_nozzles(); // expects 0 then
        if (state.empty() ? numbers && absent : numbers || row.flag.empty()) {
            body[std::string{row.number}] = number_of(calibration_states, state);
        }
    }
}

/// Printers whose right nozzle is changed from a rack (H2C): bit 60 of `fun`, or nozzles in it.
bool has_rack(const Situation& situation) {
    return situation.facts.has(Feature::rack) ||
           read::bit(read::word(situation.report.find("fun")).value_or(0), 60);
}

Planned print_3mf(const Situation& situation, const Json& arguments) {
    auto made = print_request(situation, arguments);
    if (!made) {
        return unexpected(std::move(made).error());
    }
    auto plan = send(*std::move(made));
    plan.note = print_note(situation, arguments);
    return plan;
}

Planned print_gcode(const Situation&, const Json& arguments) {
    const auto path = printer_path(text(arguments, "name"));
    if (!path) {
        return refuse(Code::invalid_argument, fmt::format("name: {}", path.error().detail));
    }
    if (ends_in_any_case(*path, ".3mf")) {
        return refuse(Code::invalid_argument, "name is a .3mf; use print_3mf_file for it");
    }
    return send(request("print", "gcode_file", {{"param", *path}}));
}

bool job_has_begun(const Situation& situation, const Json&) {
    return is_active(job_state(situation.report));
}

// clang-format off
constexpr std::array arguments_3mf{
    Argument{.name = "name", .required = true, .shortest = 1, .longest = 512, .meaning = "path of the .3mf on the printer"},
    Argument{.name = "plate", .kind = Kind::integer, .fallback = "1", .min = 1, .max = 100, .meaning = "number of the plate, from 1"},
    Argument{.name = "bed", .kind = Kind::word, .fallback = R"("auto")", .words = plates, .meaning = "build plate"},
    Argument{.name = "use_ams", .kind = Kind::boolean, .meaning = "feed from the AMS; left out: if there is one. With one nozzle ams_mapping decides, if it is given"},
    Argument{.name = "ams_mapping", .kind = Kind::integers, .fallback = "[]", .min = -1, .max = 255, .longest = 64, .meaning = "the tray of each filament of the plate: 0 to 15, 64 to 67, 128 to 135, 254, 255; -1: not used"},
    Argument{.name = "nozzle_mapping", .kind = Kind::integers, .fallback = "[]", .min = -1, .max = 65535, .longest = 64, .meaning = "printers with a nozzle rack: the nozzles to print with, as the slicer sends them (rack places are 16 to 21)"},
    Argument{.name = "bedlevel", .kind = Kind::on_off_auto, .fallback = R"("on")", .meaning = "level the bed first; auto where the firmware has three states"},
    Argument{.name = "flow", .kind = Kind::on_off_auto, .fallback = R"("on")", .meaning = "calibrate the flow first; auto where the firmware has three states"},
    Argument{.name = "nozzle_offset", .kind = Kind::on_off_auto, .meaning = "calibrate the offset of two nozzles first; auto where the firmware has three states; left out: the printer decides"},
    Argument{.name = "timelapse", .kind = Kind::boolean, .fallback = "false", .meaning = "record a timelapse"},
    Argument{.name = "vibration", .kind = Kind::boolean, .meaning = "calibrate vibration first; left out: yes, but not on a P2S"},
    Argument{.name = "layer_inspect", .kind = Kind::boolean, .fallback = "true", .meaning = "inspect the first layer, where there is a lidar"},
    Argument{.name = "md5", .fallback = R"("")", .longest = 32, .meaning = "MD5 of the whole .3mf in hexadecimal; empty: not checked"},
};
constexpr std::array gcode_file_arguments{
    Argument{.name = "name", .required = true, .shortest = 1, .longest = 512, .meaning = "path of the G-code file on the printer"},
};

constexpr std::array print_rows_table{
    Command{.name = "print_3mf_file", .summary = "Starts a print of a sliced .3mf that is on the printer", .arguments = arguments_3mf, .space = "print", .when = When::can_start, .plan = print_3mf, .confirmed = print_has_begun, .shown_by = "print_status, task_name", .within = 180s},
    Command{.name = "print_gcode_file", .summary = "Starts a print of a plain G-code file that is on the printer", .arguments = gcode_file_arguments, .space = "print", .when = When::can_start, .plan = print_gcode, .confirmed = job_has_begun, .shown_by = "print_status", .within = 180s},
};
// clang-format on

} // namespace

namespace plan {

std::span<const Argument> print_arguments_without_name() {
    return std::span{arguments_3mf}.subspan(1);
}

expected<OrderedJson, Refusal> print_request(const Situation& situation, const Json& arguments) {
    const auto path = printer_path(text(arguments, "name"));
    if (!path) {
        return refuse(Code::invalid_argument, fmt::format("name: {}", path.error().detail));
    }
    if (!ends_in_any_case(*path, ".3mf")) {
        return refuse(Code::invalid_argument,
                      fmt::format("name is \"{}\", expected a .3mf; print_gcode_file prints plain G-code",
                                  sanitize_for_log(*path)));
    }
    const auto mapped = mapping_of(situation, arguments);
    if (!mapped) {
        return unexpected(mapped.error());
    }
    if (auto checked = check_calibrations(situation, arguments); !checked) {
        return unexpected(std::move(checked).error());
    }
    const auto& nozzles = arguments["nozzle_mapping"];
    if (!nozzles.empty() && situation.facts.complete && !has_rack(situation)) {
        return refuse(Code::not_supported, "nozzle_mapping needs a nozzle rack");
    }
    const bool vibration =
        arguments.contains("vibration") ? flag(arguments, "vibration") : situation.facts.model != Model::p2s;
    const auto& mapping = *mapped;
    const auto id = std::to_string(situation.job_id);
    auto message = request("print", "project_file",
                           {{"param", fmt::format("Metadata/plate_{}.gcode", integer(arguments, "plate"))},
                            {"url", url_of(situation, *path)},
                            {"file", *path},
                            {"md5", text(arguments, "md5")},
                            {"subtask_name", task_name(*path)},
                            {"bed_type", text(arguments, "bed")},
                            {"timelapse", flag(arguments, "timelapse")},
                            {"vibration_cali", vibration},
                            {"layer_inspect", flag(arguments, "layer_inspect")},
                            {"use_ams", uses_ams(situation, arguments, mapping)},
                            {"ams_mapping", mapping.flat},
                            {"ams_mapping2", mapping.pairs},
                            {"profile_id", "0"},
                            {"project_id", id},
                            {"subtask_id", id},
                            {"task_id", id}});
    auto& body = message["print"];
    add_calibrations(body, situation, arguments);
    if (!nozzles.empty()) {
        body["nozzle_mapping"] = nozzles;
    }
    return message;
}

std::string print_note(const Situation& situation, const Json& arguments) {
    return has_rack(situation) && arguments["nozzle_mapping"].empty()
               ? "nozzle_mapping was left out: a printer with a nozzle rack may print with other nozzles "
                 "than "
                 "the plate was sliced for"
               : std::string{};
}

bool print_has_begun(const Situation& situation, const Json& arguments) {
    return is_active(job_state(situation.report)) &&
           situation.word("task_name") == task_name(text(arguments, "name"));
}

} // namespace plan

std::span<const Command> print_commands() {
    return print_rows_table;
}

} // namespace bambu2mqtt
