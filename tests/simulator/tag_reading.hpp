#pragma once
// An AMS reading the tag of a spool: its bits meanwhile. Knows no request.

#include "simulator/machine.hpp"

namespace bambu2mqtt::simulator {

/// True if the tag there can be read: a spool in an AMS, while nothing is loaded and nothing is printed.
[[nodiscard]] bool tag_readable(const Machine& machine, const TrayPlace& place);

/// Reads it; takes Durations::tag_reading. The spool does not change.
void read_tag(Machine& machine, const TrayPlace& place);

} // namespace bambu2mqtt::simulator
