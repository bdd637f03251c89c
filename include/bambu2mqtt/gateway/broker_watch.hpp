// Tracks whether sessions with the user's broker last: the delay before the next attempt, and the probable
// cause of short sessions. Time is an argument.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/backoff.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace bambu2mqtt {

class BrokerWatch {
  public:
    /// A session of this duration counts as a success: the backoff restarts at one second.
    static constexpr std::chrono::seconds success_after{60};

    /// After this number of consecutive shorter sessions, another client seems to use the same client id: a
    /// broker ends a session when the same id logs in again (MQTT 3.1.1, 3.1.4-2).
    static constexpr int short_sessions = 3;

    /// `client_id` is the gateway's client id, for the text. `nodes` of the cluster are tried in turn: the
    /// backoff is only between rounds, and after a session that lasted a round begins.
    BrokerWatch(unsigned seed, std::string client_id, std::size_t nodes = 1)
        : backoff_(seed), client_id_(std::move(client_id)), nodes_(nodes) {}

    /// The broker accepted the login and the subscriptions.
    void up(Instant now) { up_since_ = now; }

    /// A session ended, or an attempt failed. Returns the delay before the next attempt.
    [[nodiscard]] std::chrono::milliseconds down(const BrokerDown& event, Instant now);

    /// True once for a session that has lasted long enough; problem() is empty from then on.
    [[nodiscard]] bool proven(Instant now);

    /// When proven() may become true.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// The probable problem of the sessions, for people; empty: none.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  private:
    [[nodiscard]] bool has_lasted(Instant now) const {
        return up_since_ && now - *up_since_ >= success_after;
    }

    Backoff backoff_;
    std::string client_id_;
    std::size_t nodes_;
    std::size_t failed_in_round_ = 0; ///< attempts and short sessions
    std::optional<Instant> up_since_;
    bool proven_ = false; ///< of the current session
    int short_in_a_row_ = 0;
    std::string problem_;
};

} // namespace bambu2mqtt
