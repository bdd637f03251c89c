// Drying filament in an AMS 2 Pro or AMS HT.
#include "command/rows.hpp"
#include "command/tray.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/dryer.hpp>
#include <bambu2mqtt/entity/spools.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

using namespace plan;
using namespace std::chrono_literals;

const Unit* unit_at(const Situation& situation, int id) {
    const auto found = std::ranges::find(situation.facts.units, id, &Unit::id);
    return found == situation.facts.units.end() ? nullptr : &*found;
}

/// The unit: `ams_id`, or the only one with a dryer, or the active unit.
expected<int, Refusal> dryer_of(const Situation& situation, const Json& arguments) {
    if (!arguments.contains("ams_id")) {
        const auto dries = [](const Unit& unit) { return unit.present && unit.dries(); };
        if (std::ranges::count_if(situation.facts.units, dries) == 1) {
            return std::ranges::find_if(situation.facts.units, dries)->id;
        }
    }
    const auto chosen = unit_of(situation, arguments);
    const auto* const unit = chosen ? unit_at(situation, *chosen) : nullptr;
    if (chosen && situation.facts.complete && (unit == nullptr || !unit->dries())) {
        return refuse(Code::not_supported, fmt::format("{} has no dryer", name_of_unit(arguments, *chosen)));
    }
    return chosen;
}

/// P1 firmware acknowledges drying without effect, unless bit 5 of `fun2` is set.
bool ignores_drying(const Situation& situation) {
    return situation.facts.traits().family == Family::p1 &&
           !read::bit(read::word(situation.report.find("fun2")).value_or(0), 5);
}

/// Filament type: from the request, else the first filament in the unit that has a type, else PLA. Some
/// firmware ignores a request without one.
std::string filament_in(const Situation& situation, const Json& arguments, const Unit& unit) {
    if (const auto& given = text(arguments, "filament_type"); !given.empty()) {
        return given;
    }
    for (int slot = 0; slot < unit.trays(); ++slot) {
        const auto type = spool_type(tray_view(situation.report, unit.id, slot));
        if (const auto* const name = std::get_if<std::string>(&type)) {
            return *name;
        }
    }
    return "PLA";
}

Planned start(const Situation& situation, const Json& arguments) {
    const auto chosen = dryer_of(situation, arguments);
    if (!chosen) {
        return unexpected(chosen.error());
    }
    const int id = *chosen;
    if (situation.facts.complete && ignores_drying(situation)) {
        return refuse(Code::not_supported, "this printer's firmware ignores drying");
    }
    const Unit unit{.id = id};
    const auto degrees = integer(arguments, "target_temp");
    const int hottest = id >= 128 ? 85 : 65;
    if (degrees > hottest) {
        return refuse(Code::invalid_argument,
                      fmt::format("target_temp is {}, expected a number from 45 to {} °C for {}", degrees,
                                  hottest, name_of_unit(arguments, id)));
    }
    if (const auto obstacles = drying_obstacles(situation.report.unit(id)); !obstacles.empty()) {
        return refuse(Code::conflict,
                      fmt::format("{} cannot dry now: {}", name_of_unit(arguments, id), obstacles));
    }
    return send(request("print", "ams_filament_drying",
                        {{"ams_id", id},
                         {"mode", 1},
                         {"filament", filament_in(situation, arguments, unit)},
                         {"temp", degrees},
                         {"cooling_temp", integer(arguments, "cooling_temp")},
                         {"duration", integer(arguments, "duration")},
                         {"humidity", integer(arguments, "target_humidity")},
                         {"rotate_tray", flag(arguments, "rotate_tray")},
                         {"close_power_conflict", false}}));
}

Planned stop(const Situation& situation, const Json& arguments) {
    const auto chosen = dryer_of(situation, arguments);
    if (!chosen) {
        return unexpected(chosen.error());
    }
    return send(request("print", "ams_filament_drying",
                        {{"ams_id", *chosen},
                         {"mode", 0},
                         {"filament", ""},
                         {"temp", 0},
                         {"cooling_temp", 45},
                         {"duration", 0},
                         {"humidity", 0},
                         {"rotate_tray", false},
                         {"close_power_conflict", false}}));
}

template <bool on>
bool dries(const Situation& situation, const Json& arguments) {
    const auto chosen = dryer_of(situation, arguments);
    const auto* const unit = chosen ? unit_at(situation, *chosen) : nullptr;
    return unit != nullptr && is_switched(situation, unit->prefix() + "_drying", on);
}

// clang-format off
constexpr Argument ams_id{.name = "ams_id", .kind = Kind::unit, .meaning = "AMS unit; left out: the only one with a dryer, or the active one"};

constexpr std::array start_arguments{
    Argument{.name = "target_temp", .kind = Kind::rounded, .required = true, .min = 45, .max = 85, .unit = "°C", .meaning = "at most 65 in an AMS 2 Pro"},
    Argument{.name = "duration", .kind = Kind::integer, .required = true, .min = 1, .max = 24, .unit = "h", .meaning = "how long"},
    Argument{.name = "target_humidity", .kind = Kind::integer, .fallback = "0", .min = 0, .max = 100, .unit = "%", .meaning = "0: by time only"},
    Argument{.name = "cooling_temp", .kind = Kind::rounded, .fallback = "45", .min = 0, .max = 85, .unit = "°C", .meaning = "temperature to cool down to afterwards"},
    Argument{.name = "rotate_tray", .kind = Kind::boolean, .fallback = "false", .meaning = "rotate the spools while drying"},
    ams_id,
    Argument{.name = "filament_type", .fallback = R"("")", .longest = 32, .meaning = "filament type, like PLA; left out: the first filament in the unit, else PLA"},
};
constexpr std::array stop_arguments{ams_id};

constexpr std::array dryer_rows_table{
    Command{.name = "turn_on_ams_dryer", .summary = "Starts drying in an AMS 2 Pro or AMS HT", .arguments = start_arguments, .space = "print", .plan = start, .confirmed = dries<true>, .shown_by = "the unit's drying", .within = 30s},
    Command{.name = "turn_off_ams_dryer", .summary = "Stops drying", .arguments = stop_arguments, .space = "print", .safe = true, .plan = stop, .confirmed = dries<false>, .shown_by = "the unit's drying", .within = 30s},
};
// clang-format on

} // namespace

std::span<const Command> dryer_commands() {
    return dryer_rows_table;
}

} // namespace bambu2mqtt
