// The one way into the core: a bounded queue that every other thread pushes events into.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace bambu2mqtt {

/// Thread-safe. Reports are bounded per printer, so that one that floods loses its own reports and nobody
/// else's; all other events are always taken.
class EventQueue {
  public:
    /// At most this many reports of one printer wait; what comes beyond is dropped and one ReportsLost event
    /// tells so.
    explicit EventQueue(std::size_t reports_per_printer = 64) : limit_(reports_per_printer) {}

    /// From any thread; never blocks for long. Returns false when a report was dropped.
    bool push(Event event);

    /// Whether an acknowledgement (Published) ends the wait of pop_until(). One with a refusal does always.
    enum class Acknowledgements { wake, wait };

    /// From the core thread: the next event, or nothing when `deadline` has come first. Acknowledgements that
    /// do not end the wait come out at its end, in their order.
    [[nodiscard]] std::optional<Event> pop_until(Instant deadline,
                                                 Acknowledgements how = Acknowledgements::wake);

    /// From the core thread: the next event if there is one.
    [[nodiscard]] std::optional<Event> pop();

    /// Takes back what waits from the connection of `target`: up, down, messages and acknowledgements. For a
    /// link that drops its connection, so that nothing of the old one is taken for news of the next.
    void forget_connection(std::size_t target);

  private:
    struct Waiting {
        std::size_t reports = 0;
        bool lost_told = false;
    };

    [[nodiscard]] std::optional<Event> take_first();
    bool count_report(std::size_t target);
    void uncount_report(std::size_t target);

    std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Event> events_;                             // guarded by mutex_
    std::size_t quiet_ = 0;                                // acknowledgements in events_; guarded by mutex_
    bool quiet_wake_ = true;                               // guarded by mutex_
    std::unordered_map<std::size_t, Waiting> per_printer_; // guarded by mutex_
};

} // namespace bambu2mqtt
