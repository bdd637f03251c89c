// Detects for a session that a minute has passed, and that the clock of this machine was set.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <chrono>
#include <optional>

namespace bambu2mqtt {

/// Pure; time is an argument.
class SessionClock {
  public:
    static constexpr auto minute = std::chrono::seconds{60};

    void start(Now now) noexcept { last_minute_ = now.instant; }

    /// Whether the wall clock was set since the last call: it moved against the steady one by 2 s or more, as
    /// both are read in whole seconds, one after the other. False at the first call.
    [[nodiscard]] bool was_set(Now now);

    /// The time since start() or the last minute, once that is a minute or more; nothing before.
    [[nodiscard]] std::optional<std::chrono::seconds> minute_passed(Now now);

    /// When minute_passed() has something.
    [[nodiscard]] Instant deadline() const noexcept { return last_minute_ + minute; }

  private:
    std::optional<std::chrono::seconds> lead_; ///< of the wall clock before the steady one
    Instant last_minute_{};
};

} // namespace bambu2mqtt
