#pragma once
// G-code as far as it shows in a printer's reports: temperatures, fans, homing, air duct, spool tags. Every
// other line is taken without effect.

#include "simulator/machine.hpp"

#include <string_view>

namespace bambu2mqtt::simulator {

/// Carries out lines that are separated by line feeds.
void run_gcode(Machine& machine, std::string_view text);

} // namespace bambu2mqtt::simulator
