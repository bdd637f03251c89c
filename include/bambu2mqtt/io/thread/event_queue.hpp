// The only input of the core: a bounded queue into which all other threads push events.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>

namespace bambu2mqtt {

/// Bytes that a message of a peer (a report, or a message from the broker) holds while it waits; 0 for events
/// that no peer can make large or many.
[[nodiscard]] std::size_t message_bytes(const EventBody& body) noexcept;

/// How many messages may wait for the core.
struct QueueBounds {
    std::size_t reports = 64;                   ///< of one printer
    std::size_t report_bytes = 2 * 1024 * 1024; ///< of one printer; real reports have up to 40 kB
    std::size_t broker_bytes = 8 * 1024 * 1024; ///< of the broker
};

/// Thread-safe. Messages are bounded per source, so that a printer that floods loses its own reports and
/// nobody else's, and a flood from the broker loses messages from the broker; all other events are always
/// taken, and a message that is alone is taken whatever its size.
class EventQueue {
  public:
    /// What comes beyond the bounds is dropped, and one ReportsLost or BrokerMessagesLost event reports it.
    explicit EventQueue(QueueBounds bounds = {}) : bounds_(bounds) {}

    /// From any thread; never blocks for long. Returns false when a message was dropped.
    bool push(Event event);

    /// Whether an acknowledgement (Published) ends the wait of pop_until(). One with a refusal does always.
    enum class Acknowledgements { wake, wait };

    /// From the core thread: the next event, or nothing when `deadline` has come first. Acknowledgements that
    /// do not end the wait come out at its end, in their order.
    [[nodiscard]] std::optional<Event> pop_until(Instant deadline,
                                                 Acknowledgements how = Acknowledgements::wake);

    /// From the core thread: the next event if there is one.
    [[nodiscard]] std::optional<Event> pop();

    /// Removes waiting events of the connection of `target`: up, down, messages and acknowledgements. For a
    /// link that drops its connection, so that old events are not attributed to the next one.
    void forget_connection(std::size_t target);

  private:
    struct Waiting {
        std::size_t messages = 0;
        std::size_t bytes = 0;      ///< of them
        std::size_t lost = 0;       ///< since the event that reports it was queued
        bool loss_reported = false; ///< that event is in the queue
    };

    [[nodiscard]] std::optional<Event> take_first() REQUIRES(mutex_);
    [[nodiscard]] bool has_room(std::size_t target, std::size_t bytes) const REQUIRES(mutex_);
    void forget_message(const Event& event) REQUIRES(mutex_);

    const QueueBounds bounds_;
    Mutex mutex_;
    ConditionVariable ready_;
    std::deque<Event> events_ GUARDED_BY(mutex_);
    std::size_t quiet_ GUARDED_BY(mutex_) = 0; ///< acknowledgements in events_
    bool quiet_wake_ GUARDED_BY(mutex_) = true;
    std::unordered_map<std::size_t, Waiting> waiting_ GUARDED_BY(mutex_); ///< by source
};

} // namespace bambu2mqtt
