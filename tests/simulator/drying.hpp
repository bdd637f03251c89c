#pragma once
// An AMS that dries its filament: what its unit shows meanwhile. Knows the words of a unit, no request.

#include "simulator/machine.hpp"

#include <string>
#include <vector>

namespace bambu2mqtt::simulator {

/// Dries in a unit that can (AMS 2 Pro, AMS HT) for some hours, counted down in Durations::drying_minute.
void start_drying(Machine& machine, int unit, const std::string& filament, int temperature, int hours);

/// Ends it; what is not drying stays as it is.
void stop_drying(Machine& machine, int unit);

/// Why the unit does not dry: numbers of `dry_sf_reason`, 0 busy, 1 filament is loaded, 3 filament at the
/// outlet, 8 no power adapter; empty: it dries. Only on units that can dry.
void set_drying_obstacles(Machine& machine, int unit, const std::vector<int>& reasons);

/// Whether the unit shows such a reason. It then says "success" to a request to dry, and does nothing.
[[nodiscard]] bool refuses_drying(const Machine& machine, int unit);

/// Whether that unit is drying.
[[nodiscard]] bool is_drying(const Machine& machine, int unit);

} // namespace bambu2mqtt::simulator
