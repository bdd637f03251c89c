// What the gateway counts since its start, and when the next bridge/health is published.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/delay_meter.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace bambu2mqtt {

class BridgeHealth {
  public:
    /// A report of a printer arrived.
    void count_received() noexcept { ++received_; }

    [[nodiscard]] std::uint64_t received() const noexcept { return received_; }

    /// The link accepted a message for the broker.
    void count_sent() noexcept { ++sent_; }

    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

    /// An exception was caught.
    void count_internal_error() noexcept { ++internal_errors_; }

    [[nodiscard]] std::uint64_t internal_errors() const noexcept { return internal_errors_; }

    /// Time from a report to the first message it causes.
    void add_delay(Instant::duration delay) { delays_.add(delay); }

    /// The median of the last 127 of them; 0 before the first.
    [[nodiscard]] double delay_ms() const { return delays_.median_ms(); }

    /// Something has changed that should be published immediately.
    void request(Instant now) { due_at_ = now; }

    /// When the next one is due; nothing before the first request().
    [[nodiscard]] std::optional<Instant> due_at() const { return due_at_; }

    [[nodiscard]] bool due(Instant now) const { return due_at_ && now >= *due_at_; }

    /// Writes the counters into `health`; the next one is due after a minute.
    void fill(Health& health, Instant now) {
        due_at_ = now + std::chrono::seconds{60};
        health.messages_in = received_;
        health.messages_out = sent_;
        health.publish_delay_ms = delay_ms();
        health.internal_errors = internal_errors_;
    }

  private:
    std::uint64_t received_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t internal_errors_ = 0;
    DelayMeter delays_;
    std::optional<Instant> due_at_;
};

} // namespace bambu2mqtt
