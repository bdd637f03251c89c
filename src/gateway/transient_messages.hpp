// Messages that are not retained: responses to commands, and the printer's own messages.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace bambu2mqtt {

/// A bounded queue. Pure.
class TransientMessages {
  public:
    static constexpr std::size_t most_messages = 1000;
    static constexpr std::size_t most_bytes = 4UL * 1024 * 1024;         ///< all texts of its messages
    static constexpr std::size_t most_bytes_of_all = 12UL * 1024 * 1024; ///< in the queues of all printers

    /// `sharers`: how many printers there are.
    explicit TransientMessages(std::size_t sharers = 1)
        : most_bytes_(std::min(most_bytes, most_bytes_of_all / std::max<std::size_t>(sharers, 1))) {}

    /// Adds a message, without its retain flag. Drops the oldest ones above the limits; a single message may
    /// be larger: the content of a file.
    void add(Message message);

    /// The oldest message; nothing without one.
    [[nodiscard]] std::optional<Message> next(Instant now);

    /// When next() has a message: the time of the last message, because with raw topics a printer may send
    /// more than the broker accepts, and other printers take turns; nothing while the queue is empty.
    [[nodiscard]] std::optional<Instant> due() const {
        return queue_.empty() ? std::nullopt : std::optional{last_sent_};
    }

    /// Drops all messages: their clients are no longer connected.
    void clear() noexcept { queue_.clear(); }

    /// What waits, in its order; nothing waits any more.
    [[nodiscard]] std::deque<Message> take_all() { return std::exchange(queue_, {}); }

    /// Takes over what waits in another queue.
    void take_over(TransientMessages& former);

  private:
    std::size_t most_bytes_;
    std::deque<Message> queue_;
    Instant last_sent_{};
};

} // namespace bambu2mqtt
