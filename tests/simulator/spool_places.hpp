#pragma once
// Where spools are, in the many ways requests name them, and what is written on them. Knows the numbers of
// trays, not what commands do.

#include "simulator/machine.hpp"
#include "simulator/request.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace bambu2mqtt::simulator {

/// The external spool of the only or right nozzle.
inline constexpr TrayPlace external_place{.unit = 255, .slot = 0};

/// The slot of an AMS unit that the model has.
[[nodiscard]] std::optional<TrayPlace> ams_place(const ModelProfile& model, int unit, int slot);

/// A tray counted over all units: 0-15, 128-135 an AMS HT, 254 and 255 external.
[[nodiscard]] std::optional<TrayPlace> place_of_tray(const ModelProfile& model, int tray);

/// The external spool that `ams_id` 254 or 255 means.
[[nodiscard]] std::optional<TrayPlace> external_of(const ModelProfile& model, int ams_id);

/// What a report shows of the spool there; null when there is none. An empty slot is only its id and state.
[[nodiscard]] const nlohmann::json* spool_at(const Machine& machine, const TrayPlace& place);

/// Sets these fields of a spool.
void write_spool(Machine& machine, const TrayPlace& place, const nlohmann::json& fields);

/// Takes the spool out of a slot of an AMS: the tray shows nothing and its bits are cleared.
void take_spool(Machine& machine, const TrayPlace& place);

/// Puts a spool, as spool_at() shows one, into a slot of an AMS.
void put_spool(Machine& machine, const TrayPlace& place, const nlohmann::json& spool);

/// Sets or clears the bit of a slot in a hexadecimal word below `ams`: "tray_exist_bits" and its like.
void set_tray_bit(Machine& machine, const char* key, const TrayPlace& place, bool on);

} // namespace bambu2mqtt::simulator
