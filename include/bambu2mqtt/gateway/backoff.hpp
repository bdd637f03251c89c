// Delays between connection attempts.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <random>

namespace bambu2mqtt {

/// Doubles from 1 s to 30 s, each varied by up to a quarter, so that many sessions do not reconnect together.
class Backoff {
  public:
    explicit Backoff(unsigned seed) : random_(seed) {}

    /// The delay before the next attempt.
    [[nodiscard]] std::chrono::milliseconds next();

    /// Constant short delay before the next node of a cluster: 200 ms, plus or minus a quarter.
    [[nodiscard]] std::chrono::milliseconds next_node();

    /// Constant delay for problems that need a person: five minutes, plus or minus a quarter.
    [[nodiscard]] std::chrono::milliseconds slow();

    /// After a success: the next delay is short again.
    void reset() noexcept { step_ = 0; }

  private:
    [[nodiscard]] std::chrono::milliseconds spread(std::chrono::milliseconds wait);

    std::minstd_rand random_;
    int step_ = 0;
};

} // namespace bambu2mqtt
