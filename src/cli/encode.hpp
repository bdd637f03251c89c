// The offline command encode: the requests of a command, or the reason of its refusal.
#pragma once

#include "cli/options.hpp"

#include <iosfwd>

namespace bambu2mqtt {

/// Prints one JSON line per step: {"topic", "payload"} for a request, {"ftps", "path"} for a file action. For
/// local actions only a note is printed on `diagnostics`. Exit code: 0; 1 and {"error": {"code", "message"}}
/// where the gateway would refuse; 2 if the state could not be read. Everything except raw commands is
/// allowed.
int run_encode(const Options& options, std::istream& input, std::ostream& output, std::ostream& diagnostics);

} // namespace bambu2mqtt
