// The offline command encode: what a command would send, and why it would be refused.
#pragma once

#include "cli/options.hpp"

#include <iosfwd>

namespace bambu2mqtt {

/// Prints one JSON line per step: {"topic", "payload"} for a request, {"ftps", "path"} for a file action.
/// What the gateway answers itself prints nothing but a note on `diagnostics`. Exit code: 0; 1 and {"error":
/// {"code", "message"}} where the gateway would refuse; 2 when the state could not be read. Everything counts
/// as allowed by the configuration, raw commands too.
int run_encode(const Options& options, std::istream& input, std::ostream& output, std::ostream& diagnostics);

} // namespace bambu2mqtt
