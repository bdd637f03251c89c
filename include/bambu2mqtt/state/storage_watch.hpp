// Whether a printer's storage is really missing. Pure; time is an argument.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace bambu2mqtt {

/// Older firmware clears the storage bits of `home_flag` in some partial reports, and sets them again in the
/// next. So "missing" counts only when a full report says it, or when it was reported without a break for a
/// minute.
class StorageWatch {
  public:
    static constexpr auto believed_after = std::chrono::seconds{60};

    /// Takes the state the merged report shows after a message or a while; empty: not reported. `full`: a
    /// full report said it. Without `now` only full reports are believed. Returns the state to show.
    std::string_view follow(std::string_view reported, bool full, std::optional<Now> now);

    /// The state that is shown; empty before there is one.
    [[nodiscard]] std::string_view shown() const noexcept { return shown_; }

    /// Whether "missing" was reported and is not believed yet.
    [[nodiscard]] bool doubts() const noexcept { return missing_since_.has_value(); }

  private:
    std::string_view shown_;
    std::optional<Instant> missing_since_;
};

} // namespace bambu2mqtt
