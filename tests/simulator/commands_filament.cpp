// Requests about spools and AMS units: loading, tray contents, tags, drying.

#include "simulator/commands.hpp"
#include "simulator/drying.hpp"
#include "simulator/spool_places.hpp"
#include "simulator/tag_reading.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr int none = 255;
constexpr std::uint32_t drying_error = 0x0500C04F;
constexpr int drying_errno = -9;
constexpr std::string_view no_tag = "0000000000000000";

/// Newer firmware uses unit and slot, older firmware the global tray index.
bool goes_by_unit(const ModelProfile& model) {
    return is_latest(model.family);
}

bool is_unloading(const ModelProfile& model, const Request& request) {
    return goes_by_unit(model) ? request.integer("slot_id") == none : request.integer("target") == none;
}

std::optional<TrayPlace> wanted_place(const ModelProfile& model, const Request& request) {
    if (!goes_by_unit(model))
        return place_of_tray(model, request.integer("target").value_or(-1));
    const int unit = request.integer("ams_id").value_or(-1);
    return unit >= 254 ? external_of(model, unit)
                       : ams_place(model, unit, request.integer("slot_id").value_or(-1));
}

/// The nozzle for unloading: that of the unit, else the active one.
int extruder_to_empty(const Machine& machine, const Request& request) {
    const int unit = request.integer("ams_id").value_or(none);
    return ams_place(machine.model(), unit, 0) ? machine.extruder_of({.unit = unit, .slot = 0})
                                               : machine.active_extruder();
}

Outcome change_filament(Machine& machine, const Request& request) {
    const bool unloading = is_unloading(machine.model(), request);
    const bool has_temperatures = request.integer("curr_temp") && request.integer("tar_temp");
    if (unloading && machine.model().family == Family::a1 && !has_temperatures)
        return failed("error string");
    if (machine.changing_filament() || (machine.job_under_way() && !machine.paused()))
        return failed_with({{"err_code", busy_error}});
    if (unloading) {
        machine.change_filament(std::nullopt, extruder_to_empty(machine, request));
        return done();
    }
    const auto place = wanted_place(machine.model(), request);
    if (!place)
        return failed("invalid target");
    if (is_drying(machine, place->unit))
        return failed_with({{"err_code", drying_error}, {"errno", drying_errno}});
    machine.change_filament(place, machine.extruder_of(*place));
    return done();
}

/// Continues after a filament problem, or aborts; here that is a pause because of a spool.
Outcome ams_control(Machine& machine, const Request& request) {
    const auto word = request.text("param").value_or("");
    constexpr std::array<std::string_view, 5> words{"pause", "resume", "reset", "done", "abort"};
    if (std::find(words.begin(), words.end(), word) == words.end())
        return failed("invalid param");
    if (word == "resume" || word == "done")
        machine.resume();
    if (word == "abort") // assumed: no recording shows what printers do
        machine.set_print_error(0);
    return done();
}

Outcome get_tag(Machine& machine, const Request& request) {
    const auto place = ams_place(machine.model(), request.integer("ams_id").value_or(-1),
                                 request.integer("slot_id").value_or(-1));
    if (!place)
        return failed("invalid slot_id");
    if (!tag_readable(machine, *place))
        return failed("filament is loaded");
    read_tag(machine, *place);
    return done();
}

/// The spool of a setting, by unit and slot within it. The external spool of single-nozzle printers is tray
/// 254 of unit 255.
std::optional<TrayPlace> place_to_write(const ModelProfile& model, const Request& request) {
    const int unit = request.integer("ams_id").value_or(-1);
    const auto tray = request.integer("tray_id");
    if (unit >= 254) {
        const bool known = model.extruders > 1 || tray == 254;
        return known ? external_of(model, unit) : std::nullopt;
    }
    const auto slot = request.integer("slot_id");
    if (slot && tray && slot != tray)
        return std::nullopt;
    return ams_place(model, unit, slot ? *slot : tray.value_or(-1));
}

bool is_colour(const std::string& text) {
    return text.size() == 8 && std::all_of(text.begin(), text.end(), [](char c) {
               return std::isxdigit(static_cast<unsigned char>(c)) != 0;
           });
}

Outcome write_filament(Machine& machine, const Request& request) {
    const auto place = place_to_write(machine.model(), request);
    const auto index = request.text("tray_info_idx");
    const auto type = request.text("tray_type");
    const auto colour = request.text("tray_color").value_or("");
    const auto coldest = request.integer("nozzle_temp_min");
    const auto hottest = request.integer("nozzle_temp_max");
    if (!place || !index || !type || !is_colour(colour) || !coldest || !hottest || *coldest < 0 ||
        *hottest < *coldest)
        return {.kind = Outcome::Kind::failed};
    const auto* const spool = spool_at(machine, *place);
    const bool tagged = spool != nullptr && spool->value("tag_uid", std::string{no_tag}) != no_tag;
    if (spool == nullptr || !spool->contains("tray_type") || tagged)
        return done(); // an empty slot stores nothing, and a tag is not overwritten
    json fields{{"tray_info_idx", *index},
                {"tray_type", *type},
                {"tray_color", colour},
                {"cols", json::array({colour})},
                {"nozzle_temp_min", std::to_string(*coldest)},
                {"nozzle_temp_max", std::to_string(*hottest)},
                {"tray_sub_brands", request.text("tray_sub_brands").value_or("")},
                {"tray_id_name", request.text("tray_id_name").value_or("")},
                {"cali_idx", -1}};
    write_spool(machine, *place, fields);
    return done();
}

/// P2S firmware ignores a request without these two.
bool filament_change_is_overheard(const Machine& machine, const Request& request) {
    return machine.model().family == Family::p2 &&
           (!request.text("filament") || !request.flag("close_power_conflict"));
}

Outcome dry(Machine& machine, const Request& request) {
    struct Limit {
        AmsKind kind{};
        int hottest = 0; ///< °C
    };

    constexpr std::array limits{Limit{AmsKind::ams_2_pro, 65}, Limit{AmsKind::ams_ht, 85}};
    const int id = request.integer("ams_id").value_or(-1);
    const auto mode = request.integer("mode");
    if (filament_change_is_overheard(machine, request))
        return ignored();
    if (!ams_place(machine.model(), id, 0) || !mode || *mode < 0 || *mode > 2)
        return failed("invalid ams_id");
    if (mode == 0) {
        stop_drying(machine, id);
        return done();
    }
    const auto units = machine.model().units;
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [id](const AmsUnitProfile& candidate) { return candidate.id == id; });
    const auto* const limit = std::find_if(limits.begin(), limits.end(), [unit](const Limit& candidate) {
        return candidate.kind == unit->kind;
    });
    const int temperature = request.integer("temp").value_or(0);
    const int hours = request.integer("duration").value_or(0);
    const bool possible = limit != limits.end() && temperature >= 45 && temperature <= limit->hottest &&
                          hours >= 1 && hours <= 24;
    if (possible && !refuses_drying(machine, id))
        start_drying(machine, id, request.text("filament").value_or(""), temperature, hours);
    return done(); // also acknowledged without effect
}

constexpr std::array commands_filament_rows{
    Command{"print.ams_change_filament", AnswerForm::setting, change_filament},
    Command{"print.ams_control", AnswerForm::queued, ams_control},
    Command{"print.ams_get_rfid", AnswerForm::plain, get_tag},
    Command{"print.ams_filament_setting", AnswerForm::setting, write_filament},
    Command{"print.ams_filament_drying", AnswerForm::setting, dry},
};

} // namespace

std::span<const Command> filament_commands() {
    return commands_filament_rows;
}

} // namespace bambu2mqtt::simulator
