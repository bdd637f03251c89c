// Debouncing of missing storage. Pure; time is an argument.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace bambu2mqtt {

/// Older firmware clears the storage bits of `home_flag` in some partial reports, and sets them again in the
/// next. So "missing" counts only in a full report, or when it was reported continuously for a minute.
class StorageWatch {
  public:
    static constexpr auto believed_after = std::chrono::seconds{60};

    /// Handles the state of the merged report after a message or some time; empty: not reported. `full`: from
    /// a full report. Without `now` only full reports count. Returns the state to show.
    std::string_view follow(std::string_view reported, bool full, std::optional<Now> now);

    /// The shown state; empty before the first.
    [[nodiscard]] std::string_view shown() const noexcept { return shown_; }

    /// True if "missing" was reported but does not count yet.
    [[nodiscard]] bool doubts() const noexcept { return missing_since_.has_value(); }

  private:
    std::string_view shown_;
    std::optional<Instant> missing_since_;
};

} // namespace bambu2mqtt
