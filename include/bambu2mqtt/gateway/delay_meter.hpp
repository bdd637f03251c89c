// Delay from a report to the first message it causes.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace bambu2mqtt {

/// The median of the last 127 delays.
class DelayMeter {
  public:
    void add(Instant::duration delay) { delays_[count_++ % delays_.size()] = delay; }

    /// In milliseconds, to the microsecond; 0 before anything was measured.
    [[nodiscard]] double median_ms() const {
        const auto size = std::min(count_, delays_.size());
        if (size == 0) {
            return 0;
        }
        auto sorted = delays_;
        const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(size / 2);
        std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(size));
        return static_cast<double>(std::chrono::round<std::chrono::microseconds>(*middle).count()) / 1000;
    }

  private:
    std::array<Instant::duration, 127> delays_{};
    std::size_t count_ = 0;
};

} // namespace bambu2mqtt
