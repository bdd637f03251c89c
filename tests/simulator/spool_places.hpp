#pragma once
// Places of spools, in the different forms of requests, and their values. Knows the numbers of trays, not the
// effects of commands.

#include "simulator/machine.hpp"
#include "simulator/request.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace bambu2mqtt::simulator {

/// The external spool of the only or right nozzle.
inline constexpr TrayPlace external_place{.unit = 255, .slot = 0};

/// The slot of an AMS unit that the model has.
[[nodiscard]] std::optional<TrayPlace> ams_place(const ModelProfile& model, int unit, int slot);

/// A global tray index: 0-15, 128-135 an AMS HT, 254 and 255 external.
[[nodiscard]] std::optional<TrayPlace> place_of_tray(const ModelProfile& model, int tray);

/// The external spool that `ams_id` 254 or 255 means.
[[nodiscard]] std::optional<TrayPlace> external_of(const ModelProfile& model, int ams_id);

/// The reported spool at that place; null when there is no such place. An empty slot has only its id and
/// state.
[[nodiscard]] const nlohmann::json* spool_at(const Machine& machine, const TrayPlace& place);

/// Sets these fields of a spool.
void write_spool(Machine& machine, const TrayPlace& place, const nlohmann::json& fields);

/// Removes the spool from an AMS slot: the tray has no values and its bits are cleared.
void take_spool(Machine& machine, const TrayPlace& place);

/// Puts a spool, as returned by spool_at(), into an AMS slot.
void put_spool(Machine& machine, const TrayPlace& place, const nlohmann::json& spool);

/// Sets or clears the bit of a slot in a hexadecimal word below `ams`: "tray_exist_bits" and similar keys.
void set_tray_bit(Machine& machine, const char* key, const TrayPlace& place, bool on);

} // namespace bambu2mqtt::simulator
