// Warnings and errors of the gateway's log, for bridge/log.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// A bounded queue. Lines are dropped while there is no session with the broker, and when there are too many;
/// one line says how many. Pure.
class BridgeLog {
  public:
    static constexpr std::size_t most_per_second = 10;
    static constexpr std::size_t most_waiting = 20;

    /// `topic`: of its messages.
    explicit BridgeLog(std::string topic) : topic_(std::move(topic)) {}

    /// Messages can be published from now on.
    void broker_up() noexcept { state_ = State::open; }

    void broker_down();

    /// The broker does not take messages on the topic: no further ones in this session. Otherwise the line
    /// about that would be the next message.
    void refused();

    [[nodiscard]] const std::string& topic() const noexcept { return topic_; }

    void add(LogWritten line);

    /// The next message, if one is due.
    [[nodiscard]] std::optional<Message> next(Now now);

    /// When next() has a message; nothing without one.
    [[nodiscard]] std::optional<Instant> due() const;

  private:
    enum class State { closed, open, refused };

    std::string topic_;
    State state_ = State::closed;
    std::deque<LogWritten> waiting_;
    std::size_t dropped_ = 0;  ///< lines, since that was said last
    std::deque<Instant> sent_; ///< when the last messages were, at most `most_per_second`
};

/// The payload of a line: time, level, area, text. The area is the word that a text begins with ("broker: not
/// connected"), else "gateway".
[[nodiscard]] std::string log_payload(const LogWritten& line);

} // namespace bambu2mqtt
