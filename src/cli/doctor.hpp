// The command doctor: checks everything the gateway needs, and prints what is wrong with what to do.
#pragma once

#include "cli/options.hpp"

#include <iosfwd>

namespace bambu2mqtt {

/// Checks configuration, broker and printers (those of options.printers, all if empty), one line each on
/// `output`, or with options.json one JSON object each. A gateway that runs with the same state directory is
/// asked over its socket for what it knows, and nothing else is connected to. 0 without a finding, 1 with
/// one, 2 for a printer that is not in the configuration.
int run_doctor(const Options& options, std::ostream& output, std::ostream& diagnostics);

} // namespace bambu2mqtt
