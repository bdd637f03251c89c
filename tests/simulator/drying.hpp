#pragma once
// An AMS that dries its filament: what its unit reports meanwhile. Knows the words of a unit, no request.

#include "simulator/machine.hpp"

#include <string>
#include <vector>

namespace bambu2mqtt::simulator {

/// Dries in a unit with a dryer (AMS 2 Pro, AMS HT) for some hours, counted down in Durations::drying_minute.
void start_drying(Machine& machine, int unit, const std::string& filament, int temperature, int hours);

/// Ends drying; no effect on a unit that is not drying.
void stop_drying(Machine& machine, int unit);

/// Why the unit does not dry: numbers of `dry_sf_reason`, 0 busy, 1 filament is loaded, 3 filament at the
/// outlet, 8 no power adapter; empty: it can dry. Only on units with a dryer.
void set_drying_obstacles(Machine& machine, int unit, const std::vector<int>& reasons);

/// True if the unit reports such a reason. It then acknowledges a request to dry with "success", but does not
/// dry.
[[nodiscard]] bool refuses_drying(const Machine& machine, int unit);

/// Whether that unit is drying.
[[nodiscard]] bool is_drying(const Machine& machine, int unit);

} // namespace bambu2mqtt::simulator
