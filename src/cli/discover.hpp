// The command discover: lists printers that announce themselves in the local network.
#pragma once

#include "cli/options.hpp"

#include <iosfwd>

namespace bambu2mqtt {

/// Listens for options.seconds and prints a printer when it is first announced, and again when its
/// announcement has changed: a line of a table, or with options.json a JSON object per line. Needs no
/// configuration. Exit code: 0; 1 if none was received or no UDP port could be opened.
int run_discover(const Options& options, std::ostream& output, std::ostream& diagnostics);

} // namespace bambu2mqtt
