#pragma once
// An AMS that dries its filament: what its unit shows meanwhile. Knows the words of a unit, no request.

#include "simulator/machine.hpp"

#include <string>

namespace bambu2mqtt::simulator {

/// Dries in a unit that can (AMS 2 Pro, AMS HT) for some hours, counted down in Durations::drying_minute.
void start_drying(Machine& machine, int unit, const std::string& filament, int temperature, int hours);

/// Ends it; what is not drying stays as it is.
void stop_drying(Machine& machine, int unit);

/// Whether that unit is drying.
[[nodiscard]] bool is_drying(const Machine& machine, int unit);

} // namespace bambu2mqtt::simulator
