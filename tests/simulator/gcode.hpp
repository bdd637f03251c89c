#pragma once
// G-code with effects in a printer's reports: temperatures, fans, homing, air duct, spool tags. Every other
// line is accepted without effect.

#include "simulator/machine.hpp"

#include <string_view>

namespace bambu2mqtt::simulator {

/// Executes lines separated by line feeds.
void run_gcode(Machine& machine, std::string_view text);

} // namespace bambu2mqtt::simulator
