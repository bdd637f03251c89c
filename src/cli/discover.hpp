// The command discover: which printers announce themselves in the local network.
#pragma once

#include "cli/options.hpp"

#include <iosfwd>

namespace bambu2mqtt {

/// Listens for options.seconds and prints a printer as soon as it is heard, and again when what it says has
/// changed: a line of a table, or with options.json a JSON object per line. Needs no configuration. Exit
/// code: 0; 1 when none was heard or nothing could be listened on.
int run_discover(const Options& options, std::ostream& output, std::ostream& diagnostics);

} // namespace bambu2mqtt
