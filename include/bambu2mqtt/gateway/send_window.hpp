// The messages between next() and the broker's acknowledgement: how many may be on the way, which one an
// acknowledgement belongs to, and those the link did not take.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// What is remembered of a message that is not acknowledged yet.
struct Sending {
    /// An event of a printer.
    struct Event {
        std::size_t session = 0;
        std::uint64_t number = 0;
    };

    std::string topic{};
    std::optional<Event> event{};
};

/// One message at a time is handed to the link; taken(), keep() or drop() says what became of it.
class SendWindow {
  public:
    /// A broker session begins, or has ended: nothing is on the way. At most `size` messages at once.
    void reset(std::size_t size);

    /// Whether the next message has to wait.
    [[nodiscard]] bool full() const { return handed_ || on_the_way_.size() >= size_; }

    /// Whether everything is acknowledged.
    [[nodiscard]] bool empty() const { return !handed_ && on_the_way_.empty() && kept_.empty(); }

    /// Whether an event of a printer is on the way.
    [[nodiscard]] bool carries_event() const;

    /// The link is given this message now.
    void hand_over(Sending sending) { handed_ = std::move(sending); }

    /// The link took it; `packet` is what the acknowledgement will name.
    void taken(int packet);

    /// The link did not take it: again() gives it back from `at` on. Its place is free.
    void keep(Message message, Instant at);

    /// The link did not take it, and it is given up. Its place is free.
    [[nodiscard]] std::optional<Sending> drop();

    /// Nothing else is sent while there is one: the order stays.
    [[nodiscard]] bool keeps() const { return !kept_.empty(); }

    [[nodiscard]] Instant kept_until() const { return kept_until_; }

    /// The first message that was kept, handed over once more; nothing before its time.
    [[nodiscard]] std::optional<Message> again(Instant now);

    /// The broker acknowledged a packet: its place is free. Nothing for one that is not on the way.
    [[nodiscard]] std::optional<Sending> acknowledged(int packet);

  private:
    struct OnTheWay {
        int packet = 0;
        Sending sending{};
    };

    struct Kept {
        Message message{};
        Sending sending{};
    };

    std::size_t size_ = 1;
    std::optional<Sending> handed_;
    std::vector<OnTheWay> on_the_way_;
    std::deque<Kept> kept_;
    Instant kept_until_{};
};

} // namespace bambu2mqtt
