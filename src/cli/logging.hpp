// Destination and format of log lines.
#pragma once

#include "cli/log_tap.hpp"
#include <bambu2mqtt/config/config.hpp>

#include <memory>
#include <string>

namespace bambu2mqtt {

/// Log lines go to stderr, as text or one JSON object per line; warnings and errors to `tap`, too.
void start_logging(const LogConfig& config, std::shared_ptr<LogTap> tap);

/// Lines below this level, one of log_level_words, are not logged from now on.
void set_log_level(const std::string& level);

/// The same while other threads write to the log.
void change_logging(const LogConfig& config);

} // namespace bambu2mqtt
