// How long to wait before the next attempt.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <random>

namespace bambu2mqtt {

/// Doubles from 1 s up to 30 s, each wait made up to a quarter shorter or longer so that many do not come at
/// once.
class Backoff {
  public:
    explicit Backoff(unsigned seed) : random_(seed) {}

    /// The wait before the next attempt.
    [[nodiscard]] std::chrono::milliseconds next();

    /// Slow and steady, for what only a person can repair: five minutes, give or take a quarter.
    [[nodiscard]] std::chrono::milliseconds slow();

    /// After a success: the next wait is a short one again.
    void reset() noexcept { step_ = 0; }

  private:
    [[nodiscard]] std::chrono::milliseconds spread(std::chrono::milliseconds wait);

    std::minstd_rand random_;
    int step_ = 0;
};

} // namespace bambu2mqtt
