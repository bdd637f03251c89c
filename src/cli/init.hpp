// The command init: from nothing to a configuration file that works.
#pragma once

#include "cli/options.hpp"

#include <iosfwd>

namespace bambu2mqtt {

class Dialogue;

/// Finds printers that announce themselves, takes the rest from the options or asks for it, tries broker and
/// printers with the checks of doctor, and writes options.config (see write_config_file()). `dialogue` null:
/// nothing is asked; what is missing is named, and after a finding that keeps the gateway from working
/// nothing is written. 0 if the file was written, 1 if not, 2 for options that are missing or wrong.
int run_init(const Options& options, Dialogue* dialogue, std::ostream& output, std::ostream& diagnostics);

} // namespace bambu2mqtt
