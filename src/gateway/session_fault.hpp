// The last exception that escaped from a printer's session, and when that session is rebuilt.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/backoff.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace bambu2mqtt {

class SessionFault {
  public:
    /// A session that fails after working for this time is rebuilt immediately, any other after a growing
    /// delay.
    static constexpr std::chrono::seconds worked_for{60};

    /// `seed` spreads the delays of many sessions.
    explicit SessionFault(unsigned seed) : seed_(seed) {}

    /// An exception has escaped; `what` is its text. The session receives nothing until rebuilt().
    void occurred(std::string what, Instant now) {
        if (!backoff_) {
            backoff_.emplace(seed_);
        }
        const bool worked = !rebuilt_at_ || now - *rebuilt_at_ >= worked_for;
        if (worked) {
            backoff_->reset();
        }
        broken_ = true;
        reported_ = false;
        what_ = std::move(what);
        rebuild_at_ = now + (worked ? std::chrono::milliseconds{0} : backoff_->next());
    }

    [[nodiscard]] bool broken() const noexcept { return broken_; }

    /// True once per exception.
    [[nodiscard]] bool take_report() { return !std::exchange(reported_, true); }

    [[nodiscard]] const std::string& what() const noexcept { return what_; }

    [[nodiscard]] Instant rebuild_at() const noexcept { return rebuild_at_; }

    void rebuilt(Instant now) {
        broken_ = false;
        rebuilt_at_ = now;
    }

  private:
    unsigned seed_;
    bool broken_ = false;
    bool reported_ = true;
    std::string what_;
    Instant rebuild_at_{};
    std::optional<Instant> rebuilt_at_;
    std::optional<Backoff> backoff_; ///< most sessions never need one: it is large
};

} // namespace bambu2mqtt
