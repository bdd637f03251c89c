// The command replay.
#pragma once

#include "cli/options.hpp"

#include <iosfwd>

namespace bambu2mqtt {

/// The gateway with recordings in place of printers, below BASE-replay, as client CLIENT_ID-replay, with an
/// empty state directory of its own, until they end or a signal comes; then its retained messages are removed
/// from the broker. 0; 1 if they could not be; 2 for an unusable configuration or recording. The
/// configuration file may be missing with --broker.
int run_replay(const Options& options, std::ostream& diagnostics);

} // namespace bambu2mqtt
