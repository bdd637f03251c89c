#include "gateway/session_clock.hpp"

#include <utility>

namespace bambu2mqtt {

bool SessionClock::was_set(Now now) {
    constexpr std::chrono::seconds whole_seconds{2};
    const auto lead = now.wall.time_since_epoch() -
                      std::chrono::floor<std::chrono::seconds>(now.instant.time_since_epoch());
    if (lead_ && std::chrono::abs(lead - *lead_) < whole_seconds) {
        return false;
    }
    return std::exchange(lead_, lead).has_value();
}

std::optional<std::chrono::seconds> SessionClock::minute_passed(Now now) {
    if (now.instant - last_minute_ < minute) {
        return std::nullopt;
    }
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now.instant - last_minute_);
    last_minute_ = now.instant;
    return passed;
}

} // namespace bambu2mqtt
