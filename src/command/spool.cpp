// The content of a tray: its filament, and its pressure advance.
#include "command/color.hpp"
#include "command/rows.hpp"
#include "command/tray.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/filament_names.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using namespace plan;

constexpr std::string_view clears = "no_filament";

/// How a tray is addressed in requests that use the unit's own slot. Evidence: printer-protocol.md 1.9, and
/// the recorded requests of slicers (external spool of an A1: ams_id 255, tray_id 254).
OrderedJson local_address(const Tray& tray) {
    if (tray.external) {
        return {{"ams_id", tray.unit}, {"slot_id", 0}, {"tray_id", tray.spool == Spool::single ? 254 : 0}};
    }
    return {{"ams_id", tray.unit}, {"slot_id", tray.slot}, {"tray_id", tray.slot}};
}

std::int64_t degrees_of(const Json* data, std::string_view key) {
    return read::integer(decode::member(data, key)).value_or(0);
}

/// A temperature of -1 is unchanged.
std::optional<std::int64_t> kept(const Json& arguments, std::string_view name, const Json* data) {
    const auto given = integer(arguments, name);
    const auto value = given >= 0 ? given : degrees_of(data, name);
    return value > 0 ? std::optional{value} : std::nullopt;
}

constexpr std::string_view white = "FFFFFFFF";

/// The given colour, or the spool's current one; white, as sent by slicers, if neither is known.
std::optional<std::string> color_of(const Json& arguments, const Json* data) {
    const auto& given = text(arguments, "tray_color");
    if (!given.empty()) {
        return printer_color(given);
    }
    const auto current = printer_color(read::text(decode::member(data, "tray_color")).value_or(""));
    return current.value_or(std::string{white});
}

/// The given type, or the spool's current one, or the first words of the vendor's name of the filament.
std::string type_of(const Json& arguments, const Json* data) {
    const auto& given = text(arguments, "tray_type");
    const auto& id = text(arguments, "tray_info_idx");
    if (!given.empty()) {
        return given;
    }
    if (read::text(decode::member(data, "tray_info_idx")) == id) {
        return std::string{read::text(decode::member(data, "tray_type")).value_or("")};
    }
    return std::string{filament_type(id)};
}

Planned details(const Situation& situation, const Json& arguments) {
    const auto found = tray_of(situation, arguments);
    if (!found) {
        return unexpected(found.error());
    }
    const auto& tray = *found;
    const auto* const data = tray.view(situation.report).data;
    auto fields = local_address(tray);
    if (text(arguments, "tray_info_idx") == clears) {
        fields.update({{"tray_info_idx", ""},
                       {"tray_type", ""},
                       {"tray_color", "FFFFFF00"},
                       {"nozzle_temp_min", 0},
                       {"nozzle_temp_max", 0}});
        return send(request("print", "ams_filament_setting", std::move(fields)));
    }
    const auto type = type_of(arguments, data);
    if (type.empty()) {
        return refuse(Code::invalid_argument,
                      fmt::format("tray_type is missing, and the filament \"{}\" is unknown",
                                  sanitize_for_log(text(arguments, "tray_info_idx"))));
    }
    const auto color = color_of(arguments, data);
    if (!color) {
        return refuse(Code::invalid_argument,
                      fmt::format("tray_color is \"{}\", expected a colour name, RRGGBB or RRGGBBAA",
                                  sanitize_for_log(text(arguments, "tray_color"))));
    }
    const auto low = kept(arguments, "nozzle_temp_min", data);
    const auto high = kept(arguments, "nozzle_temp_max", data);
    if (!low || !high || *low > *high) {
        return refuse(Code::invalid_argument,
                      "nozzle_temp_min and nozzle_temp_max are expected, the second not below "
                      "the first; the spool has no values to keep");
    }
    fields.update({{"tray_info_idx", text(arguments, "tray_info_idx")},
                   {"tray_type", type},
                   {"tray_color", *color},
                   {"nozzle_temp_min", *low},
                   {"nozzle_temp_max", *high}});
    if (const auto& name = text(arguments, "tray_id_name"); !name.empty()) {
        fields["tray_id_name"] = name;
    }
    return send(request("print", "ams_filament_setting", std::move(fields)));
}

bool has_details(const Situation& situation, const Json& arguments) {
    const auto found = tray_of(situation, arguments);
    if (!found) {
        return false;
    }
    const auto* const data = found->view(situation.report).data;
    const auto is = [&](std::string_view key, std::string_view wanted) {
        return read::text(decode::member(data, key)).value_or("") == wanted;
    };
    const auto keeps = [&](std::string_view key) {
        const auto wanted = integer(arguments, key);
        return wanted < 0 || degrees_of(data, key) == wanted;
    };
    if (text(arguments, "tray_info_idx") == clears) {
        return is("tray_info_idx", "");
    }
    const auto& type = text(arguments, "tray_type");
    const auto& color = text(arguments, "tray_color");
    return is("tray_info_idx", text(arguments, "tray_info_idx")) && (type.empty() || is("tray_type", type)) &&
           (color.empty() || is("tray_color", printer_color(color).value_or(""))) &&
           keeps("nozzle_temp_min") && keeps("nozzle_temp_max");
}

/// The extruder of a tray: 0 right or only one, 1 left. Bits 8-11 of a unit's `info` name it; a unit
/// connected to both uses the active one.
int extruder_of(const Situation& situation, const Tray& tray) {
    if (!situation.facts.two_nozzles()) {
        return 0;
    }
    if (tray.external) {
        return tray.spool == Spool::left ? 1 : 0;
    }
    const auto info = read::word(decode::member(situation.report.unit(tray.unit), "info"));
    const auto bound = info ? read::bits(*info, 8, 4) : 15;
    return bound <= 1 ? static_cast<int>(bound) : decode::active_extruder(situation.report).value_or(0);
}

const Json* nozzle_of(const Situation& situation, int extruder) {
    return decode::member(situation.report.find("device/nozzle/info"), extruder == 0 ? "0" : "1");
}

/// "0.4", as in profiles.
std::string diameter(const Situation& situation, int extruder) {
    const auto own = read::number(decode::member(nozzle_of(situation, extruder), "diameter"));
    return fmt::format("{}", own ? *own : shown_number(situation, "nozzle_diameter").value_or(0.4));
}

/// "HS00-0.4": the nozzle code reported by the printer, or the one of its type.
std::string nozzle_code(const Situation& situation, int extruder) {
    const auto type = read::text(decode::member(nozzle_of(situation, extruder), "type")).value_or("");
    if (type.size() >= 4 && type.front() == 'H') {
        return fmt::format("{}-{}", type.substr(0, 4), diameter(situation, extruder));
    }
    const auto word = situation.word("nozzle_type");
    const auto* const material = word == "hardened_steel" ? "01" : word == "tungsten_carbide" ? "05" : "00";
    return fmt::format("HS{}-{}", material, diameter(situation, extruder));
}

/// A1 and P1 store one factor per tray.
Plan legacy_k_factor(const Tray& tray, const Json& arguments) {
    OrderedJson fields{{"tray_id", tray.global()},
                       {"k_value", number(arguments, "k_value")},
                       {"n_coef", arguments.contains("n_coef") ? number(arguments, "n_coef") : 1.4}};
    for (const char* const name : {"nozzle_temp", "bed_temp", "max_volumetric_speed"}) {
        if (number(arguments, name) >= 0) {
            fields[name] = arguments[name];
        }
    }
    return send(request("print", "extrusion_cali_set", std::move(fields)));
}

/// All others have profiles per filament, nozzle and extruder; cali_idx -1 creates a new one.
Planned profile_k_factor(const Situation& situation, const Tray& tray, const Json& arguments) {
    const auto filament = read::text(decode::member(tray.view(situation.report).data, "tray_info_idx"));
    if (!filament) {
        return refuse(Code::conflict,
                      fmt::format("{} has no filament description; send set_spool_details first", tray.id()));
    }
    const auto k = number(arguments, "k_value");
    const int extruder = extruder_of(situation, tray);
    OrderedJson profile{
        {"ams_id", 0},
        {"cali_idx", -1},
        {"extruder_id", extruder},
        {"filament_id", std::string{*filament}},
        {"k_value", fmt::format("{:.6f}", k)},
        {"n_coef", fmt::format("{:.6f}", arguments.contains("n_coef") ? number(arguments, "n_coef") : 0.0)},
        {"name", fmt::format("{} K {:.3f}", *filament, k)},
        {"nozzle_diameter", diameter(situation, extruder)},
        {"nozzle_id", nozzle_code(situation, extruder)},
        {"setting_id", fmt::format("PF{:017}", situation.job_id)},
        {"tray_id", 0}};
    return send(request("print", "extrusion_cali_set",
                        {{"filaments", OrderedJson::array({std::move(profile)})},
                         {"nozzle_diameter", diameter(situation, extruder)}}));
}

Planned k_factor(const Situation& situation, const Json& arguments) {
    const auto found = tray_of(situation, arguments);
    if (!found) {
        return unexpected(found.error());
    }
    const auto family = situation.facts.traits().family;
    const auto& tray = *found;
    return family == Family::a1 || family == Family::p1 ? legacy_k_factor(tray, arguments)
                                                        : profile_k_factor(situation, tray, arguments);
}

/// Uses the tray's global index; external spools: unit and tray 254 (left or only), 255 (right).
Planned choose_profile(const Situation& situation, const Json& arguments) {
    const auto found = tray_of(situation, arguments);
    if (!found) {
        return unexpected(found.error());
    }
    const auto& tray = *found;
    const auto filament = read::text(decode::member(tray.view(situation.report).data, "tray_info_idx"));
    return send(request("print", "extrusion_cali_sel",
                        {{"tray_id", tray.global()},
                         {"ams_id", tray.external ? tray.global() : tray.unit},
                         {"slot_id", tray.slot},
                         {"cali_idx", integer(arguments, "cali_idx")},
                         {"filament_id", std::string{filament.value_or("")}},
                         {"nozzle_diameter", diameter(situation, extruder_of(situation, tray))}}));
}

bool has_profile(const Situation& situation, const Json& arguments) {
    const auto found = tray_of(situation, arguments);
    return found && read::integer(decode::member(found->view(situation.report).data, "cali_idx")) ==
                        integer(arguments, "cali_idx");
}

/// The list is for one nozzle diameter, and, with a tray, for that tray's filament.
Planned list_profiles(const Situation& situation, const Json& arguments) {
    int extruder = decode::active_extruder(situation.report).value_or(0);
    std::string filament;
    if (arguments.contains("tray_id")) {
        const auto found = tray_of(situation, arguments);
        if (!found) {
            return unexpected(found.error());
        }
        const auto& tray = *found;
        filament = read::text(decode::member(tray.view(situation.report).data, "tray_info_idx")).value_or("");
        if (filament.empty()) {
            return refuse(Code::conflict, fmt::format("{} has no filament description", tray.id()));
        }
        extruder = extruder_of(situation, tray);
    }
    const auto size = arguments.contains("nozzle_diameter")
                          ? fmt::format("{}", number(arguments, "nozzle_diameter"))
                          : diameter(situation, extruder);
    return send(
        request("print", "extrusion_cali_get", {{"filament_id", filament}, {"nozzle_diameter", size}}));
}

// clang-format off
constexpr Argument tray_id{.name = "tray_id", .kind = Kind::integer, .min = 0, .max = 255, .meaning = "tray: 0 to 15, 64 to 67 (A2L), 128 to 135 (AMS HT), 254 left or only external spool, 255 right one"};
constexpr Argument ams_id{.name = "ams_id", .kind = Kind::unit, .meaning = "AMS unit, together with slot_id, instead of tray_id"};
constexpr Argument slot_id{.name = "slot_id", .kind = Kind::integer, .min = 0, .max = 255, .meaning = "slot of the unit, from 0"};

constexpr std::array detail_arguments{
    tray_id,
    Argument{.name = "tray_info_idx", .required = true, .shortest = 1, .longest = 32, .meaning = "filament id like GFA00; no_filament clears the tray"},
    Argument{.name = "tray_id_name", .fallback = R"("")", .longest = 64, .meaning = "the vendor's name of the colour, like A00-G1"},
    Argument{.name = "tray_type", .fallback = R"("")", .longest = 32, .meaning = "like PLA; left out: by the filament id"},
    Argument{.name = "tray_color", .fallback = R"("")", .longest = 32, .meaning = "colour name of CSS, RRGGBB or RRGGBBAA; left out: unchanged"},
    Argument{.name = "nozzle_temp_min", .kind = Kind::rounded, .fallback = "-1", .min = -1, .max = 350, .unit = "°C", .meaning = "lowest nozzle temperature; -1: unchanged"},
    Argument{.name = "nozzle_temp_max", .kind = Kind::rounded, .fallback = "-1", .min = -1, .max = 350, .unit = "°C", .meaning = "highest nozzle temperature; -1: unchanged"},
    ams_id, slot_id,
};
constexpr std::array k_factor_arguments{
    tray_id,
    Argument{.name = "k_value", .kind = Kind::number, .required = true, .min = 0, .max = 2, .meaning = "pressure advance factor"},
    Argument{.name = "n_coef", .kind = Kind::number, .min = 0, .max = 10, .meaning = "exponent; left out: 1.4 on A1 and P1, 0 in profiles"},
    Argument{.name = "nozzle_temp", .kind = Kind::rounded, .fallback = "-1", .min = -1, .max = 350, .unit = "°C", .meaning = "A1 and P1: value at the measurement; -1: not given"},
    Argument{.name = "bed_temp", .kind = Kind::rounded, .fallback = "-1", .min = -1, .max = 150, .unit = "°C", .meaning = "A1 and P1: value at the measurement; -1: not given"},
    Argument{.name = "max_volumetric_speed", .kind = Kind::number, .fallback = "-1", .min = -1, .max = 100, .unit = "mm³/s", .meaning = "A1 and P1: value at the measurement; -1: not given"},
    ams_id, slot_id,
};
constexpr std::array profile_arguments{
    tray_id,
    Argument{.name = "cali_idx", .kind = Kind::integer, .fallback = "-1", .min = -1, .max = 65535, .meaning = "number of the profile, from get_extrusion_calibration_profiles; -1: the default one"},
    ams_id, slot_id,
};

constexpr std::array list_profiles_arguments{
    Argument{.name = "nozzle_diameter", .kind = Kind::number, .min = 0.2, .max = 0.8, .unit = "mm", .meaning = "the nozzle; left out: the active one, or the one the tray feeds"},
    Argument{.name = "tray_id", .kind = Kind::integer, .min = 0, .max = 255, .meaning = "only profiles of this tray's filament"},
};

constexpr std::array spool_rows_table{
    Command{.name = "set_spool_details", .summary = "Sets the filament of a tray", .arguments = detail_arguments, .space = "print", .plan = details, .confirmed = has_details, .shown_by = "the tray's entities"},
    Command{.name = "set_spool_k_factor", .summary = "Sets the pressure advance factor: of the tray on A1 and P1, else as a new profile of its filament", .arguments = k_factor_arguments, .space = "print", .plan = k_factor},
    Command{.name = "select_extrusion_calibration_profile", .summary = "Selects the pressure advance profile of a tray", .arguments = profile_arguments, .space = "print", .plan = choose_profile, .confirmed = has_profile, .shown_by = "the tray's cali_idx"},
    Command{.name = "get_extrusion_calibration_profiles", .summary = "Requests the printer's pressure advance profiles; data has them, cali_idx is their number", .arguments = list_profiles_arguments, .space = "print", .safe = true, .plan = list_profiles},
};
// clang-format on

} // namespace

std::span<const Command> spool_commands() {
    return spool_rows_table;
}

} // namespace bambu2mqtt
