// The levels of the gateway's log.
#pragma once

#include <array>
#include <string_view>

namespace bambu2mqtt {

/// From most to least verbose.
inline constexpr std::array<std::string_view, 6> log_level_words{"trace", "debug", "info",
                                                                 "warn",  "error", "off"};

} // namespace bambu2mqtt
