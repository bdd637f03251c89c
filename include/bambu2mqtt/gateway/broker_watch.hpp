// Whether sessions with the user's broker last: how long to wait before the next attempt, and what seems to
// be wrong when they do not. Time is an argument.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/backoff.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace bambu2mqtt {

class BrokerWatch {
  public:
    /// A session that stands for so long counts as a success: the backoff begins again at one second.
    static constexpr std::chrono::seconds success_after{60};

    /// After so many sessions in a row that ended earlier, another client seems to use the same client id: a
    /// broker ends a session when the same id logs in again (MQTT 3.1.1, 3.1.4-2).
    static constexpr int short_sessions = 3;

    /// `client_id` is what the gateway logs in with, for the text.
    BrokerWatch(unsigned seed, std::string client_id) : backoff_(seed), client_id_(std::move(client_id)) {}

    /// The broker took the login and the subscriptions.
    void up(Instant now) { up_since_ = now; }

    /// A session ended, or an attempt failed. Gives the wait before the next attempt.
    [[nodiscard]] std::chrono::milliseconds down(const BrokerDown& event, Instant now);

    /// True once for a session that has just stood long enough; problem() is empty from then on.
    [[nodiscard]] bool proven(Instant now);

    /// When proven() may become true.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// What seems to be wrong with the sessions, for people; empty: nothing.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  private:
    [[nodiscard]] bool stood(Instant now) const { return up_since_ && now - *up_since_ >= success_after; }

    Backoff backoff_;
    std::string client_id_;
    std::optional<Instant> up_since_;
    bool proven_ = false; ///< of the session that stands
    int short_in_a_row_ = 0;
    std::string problem_;
};

} // namespace bambu2mqtt
