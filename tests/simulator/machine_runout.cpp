// How a simulated machine runs out of filament: it pauses, or a spool with the same filament takes over.

#include "simulator/machine.hpp"
#include "simulator/runout.hpp"
#include "simulator/spool_places.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds switched_is_shown{60};
constexpr const char* shown_timer = "runout message";
constexpr std::array messages_of_runout{RunoutMessage::insert_filament, RunoutMessage::purging,
                                        RunoutMessage::switched};

/// The next filled slot of the unit.
std::optional<TrayPlace> backup_of(const Machine& machine, const TrayPlace& place) {
    const auto units = machine.model().units;
    const auto unit = std::find_if(units.begin(), units.end(), [&place](const AmsUnitProfile& candidate) {
        return candidate.id == place.unit;
    });
    const int slots = unit == units.end() ? 0 : slots_of(unit->kind);
    for (int step = 1; step < slots; ++step) {
        const TrayPlace candidate{.unit = place.unit, .slot = (place.slot + step) % slots};
        const auto* const spool = spool_at(machine, candidate);
        if (spool != nullptr && spool->contains("tray_type"))
            return candidate;
    }
    return std::nullopt;
}

/// The properties that make two spools the same filament for a printer.
json filament_of(const json& spool) {
    json fields = json::object();
    for (const auto* const key : {"tray_info_idx", "tray_type", "tray_sub_brands", "tray_color",
                                  "tray_id_name", "cols", "nozzle_temp_min", "nozzle_temp_max"}) {
        if (spool.contains(key))
            fields[key] = spool.at(key);
    }
    return fields;
}

} // namespace

void Machine::empty_slot(const TrayPlace& place) {
    const auto* const spool = spool_at(*this, place);
    const bool in_unit = spool != nullptr && ams_place(model(), place.unit, place.slot);
    empty_.push_back({.place = place, .spool = in_unit ? *spool : json()});
    if (in_unit)
        take_spool(*this, place);
}

/// New spools are inserted where the last ones ran out.
void Machine::refill() {
    forget_runout();
    for (const auto& slot : std::exchange(empty_, {})) {
        if (slot.spool.is_object())
            put_spool(*this, slot.place, slot.spool);
    }
}

void Machine::forget_runout() {
    for (const auto& slot : empty_) {
        for (const auto message : messages_of_runout) {
            if (const auto entry = runout_hms(model(), slot.place, message))
                remove_hms(*entry);
        }
    }
    not_later(shown_timer);
    switching_ = false;
}

void Machine::run_out_of_filament() {
    const auto place = phase_ == Phase::printing && !change_ ? tray_of(moment()) : std::nullopt;
    if (!place)
        return;
    forget_runout();
    pause(moment().stage, runout_error(model(), *place));
    if (const auto entry = runout_hms(model(), *place, RunoutMessage::insert_filament))
        add_hms(*entry);
    empty_slot(*place);
    feed_ = Feed::ran_out;
}

bool Machine::switch_to_backup() {
    const auto place = phase_ == Phase::printing && !change_ ? tray_of(moment()) : std::nullopt;
    const auto to = place && settings().auto_switch_filament ? backup_of(*this, *place) : std::nullopt;
    if (!to)
        return false;
    forget_runout();
    write_spool(*this, *to, filament_of(*spool_at(*this, *place)));
    empty_slot(*place);
    add_hms(*runout_hms(model(), *place, RunoutMessage::purging));
    switching_ = true;
    const int extruder = extruder_of(*place);
    target_before_change_ = heaters_.nozzles[static_cast<std::size_t>(extruder)].target;
    change_.emplace(*place, *to, extruder, options_.durations.filament_change);
    return true;
}

/// The new spool is loaded: the message is shown for a while.
void Machine::report_backup() {
    if (!std::exchange(switching_, false))
        return;
    const auto& place = empty_.back().place;
    remove_hms(*runout_hms(model(), place, RunoutMessage::purging));
    const auto switched = *runout_hms(model(), place, RunoutMessage::switched);
    add_hms(switched);
    later(
        switched_is_shown, [switched](Machine& self) { self.remove_hms(switched); }, shown_timer);
}

} // namespace bambu2mqtt::simulator
