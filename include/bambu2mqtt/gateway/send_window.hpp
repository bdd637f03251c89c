// Messages between next() and the broker's acknowledgement: their maximum number in flight, matching of
// acknowledgements, and messages the link rejected.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// Data of a message that is not acknowledged yet.
struct Sending {
    /// An event of a printer.
    struct Event {
        std::size_t target = 0; ///< the printer's
        std::uint64_t number = 0;
    };

    std::string topic{};
    std::optional<Event> event{};
};

/// One message at a time is passed to the link; taken(), keep() or drop() reports the result.
class SendWindow {
  public:
    /// A broker session begins, or has ended: nothing is in flight, and the link has room. At most `size`
    /// messages in flight.
    void reset(std::size_t size);

    /// Whether the link takes more messages at the moment, whatever is in flight.
    void set_link_room(bool has_room) noexcept { link_has_room_ = has_room; }

    [[nodiscard]] bool link_has_room() const noexcept { return link_has_room_; }

    /// True if the next message has to wait.
    [[nodiscard]] bool full() const { return handed_ || on_the_way_.size() >= size_; }

    /// True if everything is acknowledged.
    [[nodiscard]] bool empty() const { return !handed_ && on_the_way_.empty() && kept_.empty(); }

    /// Whether an event of a printer was sent and is not acknowledged yet.
    [[nodiscard]] bool carries_event() const;

    /// Passes this message to the link.
    void hand_over(Sending sending) { handed_ = std::move(sending); }

    /// The link accepted it; `packet` identifies its acknowledgement.
    void taken(int packet);

    /// The link rejected it: again() returns it from `at` on. Its place is free.
    void keep(Message message, Instant at);

    /// The link rejected it, and it is dropped. Its place is free.
    [[nodiscard]] std::optional<Sending> drop();

    /// While there is one nothing else is sent: the order is kept.
    [[nodiscard]] bool keeps() const { return !kept_.empty(); }

    [[nodiscard]] Instant kept_until() const { return kept_until_; }

    /// The first rejected message, to be sent again; nothing before its time.
    [[nodiscard]] std::optional<Message> again(Instant now);

    /// The broker acknowledged a packet: its place is free. Nothing for an unknown one.
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
    bool link_has_room_ = true;
};

} // namespace bambu2mqtt
