// Where log lines go and how they look.
#pragma once

#include <bambu2mqtt/config/config.hpp>

namespace bambu2mqtt {

/// Log lines go to stderr, as text or one JSON object a line.
void start_logging(const LogConfig& config);

} // namespace bambu2mqtt
