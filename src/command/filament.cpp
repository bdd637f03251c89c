// Loading and unloading filament, and AMS settings.
#include "command/rows.hpp"
#include "command/tray.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/limits.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using namespace plan;
using namespace std::chrono_literals;

/// Commands that are newer than some printers: the first firmware that has them; "0": all.
struct Since {
    Family family = Family::unknown;
    std::string_view change{};    ///< ams_change_filament
    std::string_view read_tags{}; ///< ams_get_rfid; older firmware has a G-code for it
};

constexpr std::array young_commands{Since{Family::a1, "0", "01.06.00.00"},
                                    Since{Family::p1, "01.02.99.10", "01.08.01.00"},
                                    Since{Family::x1, "01.05.06.01", "01.09.00.00"}};

/// Unknown firmware is treated as new. Nothing is known of the X1E, whose versions differ.
bool has_since(const Facts& facts, std::string_view Since::*command) {
    const auto* const row = std::ranges::find(young_commands, facts.traits().family, &Since::family);
    return row == young_commands.end() || facts.firmware.empty() ||
           firmware_at_least(facts.firmware, row->*command);
}

bool changes_by_command(const Facts& facts) {
    return facts.model == Model::x1e || has_since(facts, &Since::change);
}

bool reads_tags_by_command(const Facts& facts) {
    return facts.model != Model::x1e && has_since(facts, &Since::read_tags);
}

/// The temperature of a nozzle at least this hot is sent; otherwise a temperature that melts any filament.
constexpr double melts_from = 180;

std::int64_t real_or(const Situation& situation, std::string_view entity, std::int64_t safe) {
    const auto real = shown_number(situation, entity);
    return real && *real >= melts_from ? static_cast<std::int64_t>(*real) : safe;
}

OrderedJson change_filament(int unit, int slot, int target, std::int64_t current, std::int64_t wanted) {
    return request("print", "ams_change_filament",
                   {{"ams_id", unit},
                    {"slot_id", slot},
                    {"target", target},
                    {"curr_temp", current},
                    {"tar_temp", wanted}});
}

/// One row per case of printer-protocol.md 1.8. `curr_temp` is for the filament to unload, `tar_temp` for the
/// one to load; at -1 the printer decides.
Planned load(const Situation& situation, const Json& arguments) {
    const auto found = tray_of(situation, arguments);
    if (!found) {
        return unexpected(found.error());
    }
    const auto& tray = *found;
    const auto given = optional_integer(arguments, "temperature");
    const int limit = nozzle_limit(situation.facts);
    if (given && *given > limit) {
        return refuse(
            Code::invalid_argument,
            fmt::format("temperature is {}, at most {} °C are expected for the nozzle of this printer",
                        *given, limit));
    }
    if (tray.external) {
        if (tray.spool == Spool::single) {
            return send(change_filament(255, 254, 254, -1, given.value_or(-1)));
        }
        const bool right = tray.spool == Spool::right;
        const auto current =
            real_or(situation, right ? "right_nozzle_temperature" : "left_nozzle_temperature", 215);
        return send(change_filament(tray.unit, 0, tray.global(), current, given.value_or(current)));
    }
    if (!changes_by_command(situation.facts)) {
        return refuse(Code::not_supported,
                      "this printer's firmware is too old to load from an AMS by command");
    }
    if (tray.view(situation.report).present == false) {
        return refuse(Code::conflict, fmt::format("{} is empty", tray.id()));
    }
    return send(change_filament(tray.unit, tray.slot, tray.global(), -1, given.value_or(-1)));
}

bool is_loaded(const Situation& situation, const Json& arguments) {
    const auto found = tray_of(situation, arguments);
    return found && shows(situation, "active_tray", found->id());
}

/// The target of unloading: the given or active unit; 255 for external spools.
expected<int, Refusal> source_of(const Situation& situation, const Json& arguments, const Feed& feed) {
    const auto given = optional_integer(arguments, "ams_id");
    if (given && *given < 254) {
        return unit_of(situation, arguments);
    }
    return given || feed.kind != Feed::Kind::tray ? 255 : feed.unit;
}

Planned unload(const Situation& situation, const Json& arguments) {
    const auto feed = active_feed(situation.report, situation.facts);
    if (feed.kind == Feed::Kind::none) {
        return refuse(Code::conflict, "no filament is loaded");
    }
    const auto unit = source_of(situation, arguments, feed);
    if (!unit) {
        return unexpected(unit.error());
    }
    const auto degrees = real_or(situation, "nozzle_temperature", 210);
    return send(change_filament(*unit, 255, 255, degrees, degrees));
}

bool is_unloaded(const Situation& situation, const Json&) {
    return shows(situation, "active_tray", "none");
}

Planned read_tag(const Situation& situation, const Json& arguments) {
    const auto found = tray_of(situation, arguments);
    if (!found) {
        return unexpected(found.error());
    }
    const auto& tray = *found;
    if (tray.external) {
        return refuse(Code::not_supported, "an external spool has no tag reader");
    }
    const auto feed = active_feed(situation.report, situation.facts);
    if (feed.kind == Feed::Kind::tray || feed.kind == Feed::Kind::external) {
        return refuse(Code::conflict, fmt::format("{} is loaded; send unload_filament first", feed_id(feed)));
    }
    if (tray.view(situation.report).present == false) {
        return refuse(Code::conflict, fmt::format("{} is empty", tray.id()));
    }
    return reads_tags_by_command(situation.facts)
               ? send(request("print", "ams_get_rfid", {{"ams_id", tray.unit}, {"slot_id", tray.slot}}))
               : send(gcode(fmt::format("M620 R{}", tray.global())));
}

OrderedJson ams_control(std::string_view word) {
    return request("print", "ams_control", {{"param", word}});
}

constexpr std::array control_words{Word{"pause", 0}, Word{"resume", 1}, Word{"reset", 2}, Word{"done", 3},
                                   Word{"abort", 4}};

/// Resuming the AMS also resumes the job it has stopped.
Planned control(const Situation&, const Json& arguments) {
    const auto& word = text(arguments, "ams_control_cmd");
    Plan result = send(ams_control(word));
    if (word == "resume") {
        result.requests.push_back(request("print", "resume", {{"param", ""}}));
    }
    return result;
}

Planned retry_load(const Situation&, const Json&) {
    return send(ams_control("resume"));
}

Planned done_load(const Situation&, const Json&) {
    return send(ams_control("done"));
}

/// The three flags are sent together; each is shown by an entity.
struct Setting {
    std::string_view name{};
    std::string_view entity{};
};

constexpr std::array settings{Setting{"calibrate_remain_flag", "ams_remaining_estimate"},
                              Setting{"startup_read_option", "ams_startup_read"},
                              Setting{"tray_read_option", "ams_tray_read"}};

constexpr std::array setting_words{Word{"calibrate_remain_flag", 0}, Word{"startup_read_option", 1},
                                   Word{"tray_read_option", 2}};

/// Without a unit the setting applies to all: -1, as sent by slicers.
Planned user_setting(const Situation& situation, const Json& arguments) {
    const auto unit =
        arguments.contains("ams_id") ? unit_of(situation, arguments) : expected<int, Refusal>{-1};
    if (!unit) {
        return unexpected(unit.error());
    }
    OrderedJson fields{{"ams_id", *unit}};
    for (const auto& setting : settings) {
        if (setting.name == text(arguments, "setting")) {
            fields[std::string{setting.name}] = flag(arguments, "enabled");
            continue;
        }
        const auto* const shown = std::get_if<bool>(&situation.value(setting.entity));
        if (shown == nullptr) {
            return refuse(Code::conflict,
                          fmt::format("{} is unknown, and would be changed as well", setting.name));
        }
        fields[std::string{setting.name}] = *shown;
    }
    return send(request("print", "ams_user_setting", std::move(fields)));
}

bool has_user_setting(const Situation& situation, const Json& arguments) {
    const auto* const setting = std::ranges::find(settings, text(arguments, "setting"), &Setting::name);
    return setting != settings.end() && is_switched(situation, setting->entity, flag(arguments, "enabled"));
}

bool has_ams(const Situation& situation) {
    return !situation.facts.complete || !situation.facts.units.empty();
}

/// Computed like the class BambuPrinter: the extruder of each unit, where the register numbers them in
/// reverse (unit on the right nozzle: 1); a single unit gets a companion on the other side. Bits 8-11 of
/// `info` name the nozzle: 0 right, 1 left.
Planned bind_list(const Situation& situation, const Json&) {
    OrderedJson list = OrderedJson::array();
    for (const auto& unit : situation.facts.units) {
        if (!unit.present) {
            continue;
        }
        const auto info = read::word(decode::member(situation.report.unit(unit.id), "info")).value_or(0);
        const int extruder = read::bits(info, 8, 4) == 0 ? 1 : 0;
        list.push_back({{"ams_f_bind", unit.id}, {"ams_s_bind", 0}, {"extruder", extruder}});
    }
    if (list.size() == 1) {
        const int other = list[0]["extruder"] == 0 ? 1 : 0;
        list.push_back({{"ams_f_bind", 1}, {"ams_s_bind", 0}, {"extruder", other}});
    }
    return Plan{.data = std::move(list)};
}

// clang-format off
constexpr Argument ams_id{.name = "ams_id", .kind = Kind::unit, .meaning = "AMS unit; left out: the active one, or the only one"};
constexpr Argument slot_id{.name = "slot_id", .kind = Kind::integer, .min = 0, .max = 255, .meaning = "slot of the unit, from 0"};
constexpr Argument tray_id{.name = "tray_id", .kind = Kind::integer, .min = 0, .max = 255, .meaning = "tray by its global index instead of ams_id and slot_id"};

constexpr std::array load_arguments{
    slot_id, ams_id, tray_id,
    Argument{.name = "temperature", .kind = Kind::rounded, .min = 170, .max = hottest_target, .unit = "°C", .meaning = "nozzle temperature for the filament that is loaded; left out: the printer decides"},
};
constexpr std::array unload_arguments{ams_id};
constexpr std::array tag_arguments{slot_id, ams_id, tray_id};
constexpr std::array control_arguments{
    Argument{.name = "ams_control_cmd", .kind = Kind::word, .required = true, .words = control_words, .meaning = "action of the AMS"},
};
constexpr std::array setting_arguments{
    Argument{.name = "setting", .kind = Kind::word, .required = true, .words = setting_words, .meaning = "which setting"},
    Argument{.name = "enabled", .kind = Kind::boolean, .required = true, .meaning = "on or off"},
    Argument{.name = "ams_id", .kind = Kind::unit, .meaning = "AMS unit; left out: all"},
};

constexpr std::array filament_rows_table{
    Command{.name = "load_filament", .summary = "Loads filament from a tray or an external spool", .arguments = load_arguments, .space = "print", .when = When::not_printing, .plan = load, .confirmed = is_loaded, .shown_by = "active_tray", .within = 180s},
    Command{.name = "unload_filament", .summary = "Unloads the loaded filament", .arguments = unload_arguments, .space = "print", .when = When::not_printing, .plan = unload, .confirmed = is_unloaded, .shown_by = "active_tray", .within = 180s},
    Command{.name = "refresh_spool_rfid", .summary = "Reads the tag of a spool again", .arguments = tag_arguments, .space = "print", .supported = has_ams, .needs = "an AMS", .plan = read_tag},
    Command{.name = "send_ams_control_command", .summary = "Sends pause, resume, reset, done or abort to the AMS", .arguments = control_arguments, .space = "print", .plan = control},
    Command{.name = "retry_load_filament", .summary = "Answers the loading dialog: try again", .space = "print", .plan = retry_load},
    Command{.name = "done_load_filament", .summary = "Answers the loading dialog: the filament is loaded", .space = "print", .plan = done_load},
    Command{.name = "set_ams_user_setting", .summary = "Switches a setting of the AMS; the other two are unchanged", .arguments = setting_arguments, .space = "print", .supported = has_ams, .needs = "an AMS", .plan = user_setting, .confirmed = has_user_setting, .shown_by = "ams_startup_read, ams_tray_read, ams_remaining_estimate"},
    Command{.name = "get_current_bind_list", .summary = "Returns which AMS feeds which extruder; nothing is sent", .safe = true, .plan = bind_list},
};
// clang-format on

} // namespace

std::span<const Command> filament_commands() {
    return filament_rows_table;
}

} // namespace bambu2mqtt
