// The levels of the gateway's log.
#pragma once

#include <array>
#include <string_view>

namespace bambu2mqtt {

/// From most to least verbose.
inline constexpr std::array<std::string_view, 6> log_level_words{"trace", "debug", "info",
                                                                 "warn",  "error", "off"};

/// How serious a line of the log is.
enum class Level { debug, info, warning, error };

} // namespace bambu2mqtt
