#include "command/tray.hpp"

#include "command/rows.hpp"
#include <bambu2mqtt/printer/ams_id.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace bambu2mqtt {

namespace {

using plan::optional_integer;

bool is_external(std::int64_t number) {
    return number == 254 || number == 255;
}

Tray external(std::int64_t number, const Facts& facts) {
    if (!facts.two_nozzles()) {
        return Tray{.unit = 255, .external = true, .spool = Spool::single};
    }
    const auto spool = number == 255 ? Spool::right : Spool::left;
    return Tray{.unit = static_cast<int>(number), .external = true, .spool = spool};
}

/// The tray of a global index; nothing for invalid ones.
std::optional<Tray> numbered(std::int64_t number, const Facts& facts) {
    if (is_external(number)) {
        return external(number, facts);
    }
    const auto tray = numbered_tray(number);
    return tray ? std::optional{Tray{.unit = tray->unit.wire(), .slot = tray->slot}} : std::nullopt;
}

std::vector<int> plugged_in(const Facts& facts) {
    std::vector<int> units;
    for (const auto& unit : facts.units) {
        if (unit.present) {
            units.push_back(unit.id);
        }
    }
    return units;
}

std::optional<int> default_unit(const Situation& situation) {
    const auto feed = active_feed(situation.report, situation.facts);
    if (feed.kind == Feed::Kind::tray) {
        return feed.unit;
    }
    const auto units = plugged_in(situation.facts);
    if (units.size() == 1) {
        return units.front();
    }
    return situation.facts.complete ? std::nullopt : std::optional{0};
}

/// True if the unit is the gateway's default: neither ams_id nor a global tray index names it.
bool is_assumed(const Json& arguments) {
    return !optional_integer(arguments, "ams_id") && !optional_integer(arguments, "tray_id");
}

/// Refuses a unit that is absent according to the reports.
expected<void, Refusal> check_unit(const Situation& situation, const Json& arguments, int unit) {
    if (is_external(unit)) {
        return refuse(Code::invalid_argument, fmt::format("ams_id is {}, which is not an AMS", unit));
    }
    if (!situation.report.complete() || situation.report.unit_present(unit)) {
        return {};
    }
    if (is_assumed(arguments)) {
        return refuse(Code::not_found, fmt::format("{} is not plugged in", name_of_unit(arguments, unit)));
    }
    const auto id = AmsId::from_wire(unit);
    return refuse(Code::not_found, fmt::format("there is no AMS with the id {}{}", unit,
                                               id ? fmt::format(" ({})", id->name()) : std::string{}));
}

unexpected<Refusal> no_tray(std::string_view text) {
    return refuse(
        Code::invalid_argument,
        fmt::format("{}, expected tray_id (0 to 15, 64 to 67, 128 to 135, 254 or 255), or ams_id and slot_id",
                    text));
}

} // namespace

int Tray::global() const {
    if (external) {
        return spool == Spool::right ? 255 : 254;
    }
    const auto id = AmsId::from_wire(unit);
    return id ? id->tray_number(slot) : unit;
}

std::string Tray::id() const {
    return external ? std::string{prefix_of(spool)}
                    : feed_id(Feed{.kind = Feed::Kind::tray, .unit = unit, .slot = slot});
}

SpoolView Tray::view(const ReportState& report) const {
    return external ? external_view(report, spool) : tray_view(report, unit, slot);
}

std::string name_of_unit(const Json& arguments, int unit) {
    const auto name = Unit{.id = unit}.prefix();
    return is_assumed(arguments) ? name + " (assumed, ams_id was left out)" : name;
}

expected<int, Refusal> unit_of(const Situation& situation, const Json& arguments) {
    const auto given = optional_integer(arguments, "ams_id");
    const auto unit = given ? std::optional{static_cast<int>(*given)} : default_unit(situation);
    if (!unit) {
        return refuse(Code::invalid_argument, "ams_id is missing, and no unit is active");
    }
    if (auto checked = check_unit(situation, arguments, *unit); !checked) {
        return unexpected(std::move(checked).error());
    }
    return *unit;
}

expected<Tray, Refusal> tray_of(const Situation& situation, const Json& arguments) {
    const auto tray = optional_integer(arguments, "tray_id");
    const auto slot = optional_integer(arguments, "slot_id");
    const auto unit = optional_integer(arguments, "ams_id");
    for (const auto& number : {unit, slot, tray}) {
        if (number && is_external(*number)) {
            return external(*number, situation.facts);
        }
    }
    if (tray && slot) {
        return no_tray("both tray_id and slot_id are given");
    }
    const auto local = slot ? slot : tray;
    if (!local) {
        return no_tray("no tray is given");
    }
    if (tray && (!unit || *tray >= 4)) {
        const auto found = numbered(*tray, situation.facts);
        if (!found || found->unit != unit.value_or(found->unit)) {
            return no_tray(unit ? fmt::format("tray_id is {} and ams_id is {}", *tray, *unit)
                                : fmt::format("tray_id is {}", *tray));
        }
        if (auto checked = check_unit(situation, arguments, found->unit); !checked) {
            return unexpected(std::move(checked).error());
        }
        return *found;
    }
    const auto chosen = unit_of(situation, arguments);
    if (!chosen) {
        return unexpected(chosen.error());
    }
    const int id = *chosen;
    if (*local < 0 || *local >= Unit{.id = id}.trays()) {
        return no_tray(
            fmt::format("slot_id is {}, which {} does not have", *local, name_of_unit(arguments, id)));
    }
    return Tray{.unit = id, .slot = static_cast<int>(*local)};
}

} // namespace bambu2mqtt
