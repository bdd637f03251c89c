// Time as an argument: the core never reads a clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// For deadlines and ages: never jumps.
using Instant = std::chrono::steady_clock::time_point;

/// For display: seconds since 1970 in UTC.
using WallTime = std::chrono::sys_seconds;

/// One reading of both clocks.
struct Now {
    Instant instant{};
    WallTime wall{};
};

/// RFC 3339 in UTC: 2026-01-31T18:00:00Z.
[[nodiscard]] std::string rfc3339(WallTime time);

/// Parses RFC 3339 with "Z" or a numeric offset, fractions of a second are dropped; nothing if invalid.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

} // namespace bambu2mqtt
