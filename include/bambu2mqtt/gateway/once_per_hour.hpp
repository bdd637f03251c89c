// Limit for log lines about what a peer can repeat at any rate.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <chrono>
#include <optional>

namespace bambu2mqtt {

/// True at most once an hour.
class OncePerHour {
  public:
    /// True the first time, and then when an hour has passed since it was last true.
    [[nodiscard]] bool take(Instant now) {
        if (last_ && now - *last_ < std::chrono::hours{1}) {
            return false;
        }
        last_ = now;
        return true;
    }

  private:
    std::optional<Instant> last_;
};

} // namespace bambu2mqtt
