// Destination and format of log lines.
#pragma once

#include <bambu2mqtt/config/config.hpp>

namespace bambu2mqtt {

/// Log lines go to stderr, as text or one JSON object per line.
void start_logging(const LogConfig& config);

} // namespace bambu2mqtt
