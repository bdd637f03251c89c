// The command record.
#pragma once

#include "cli/options.hpp"

#include <iosfwd>

namespace bambu2mqtt {

/// Writes the reports of a printer, with their times, one JSON object a line, to a new file or to `output`:
/// over the session of the running gateway, else over one of its own. 0; 1 without a single message, if the
/// connection ended early, or the file cannot be written; 2 for an unusable configuration or an unknown
/// printer. Ends at a signal, too.
int run_record(const Options& options, std::ostream& output, std::ostream& diagnostics);

} // namespace bambu2mqtt
