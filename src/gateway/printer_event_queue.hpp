// The events of one printer until the user's broker has them, over restarts of the gateway as well.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/state/printer_event.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// Messages in the order of the events; each is kept until delivered() names it. Pure.
class PrinterEventQueue {
  public:
    struct Queued {
        std::uint64_t number = 0; ///< unique in this queue
        std::string topic{};      ///< below B/P/: "event", "event/print_started"
        std::string payload{};
        bool on_the_way = false; ///< given out by next(), and neither delivered nor lost with a connection
    };

    /// 200 events: more are of no use after an outage.
    static constexpr std::size_t most_messages = 400;

    /// Adds two messages for each event, one for all types and one for its own; drops the oldest beyond
    /// most_messages.
    void add(const std::vector<PrinterEvent>& printer_events);

    /// Whether next() has a message.
    [[nodiscard]] bool waiting() const;

    /// The oldest message that is not in flight, which it then becomes; nullptr if there is none. Valid until
    /// the queue is changed.
    [[nodiscard]] const Queued* next();

    /// The broker has acknowledged a message. False when it was acknowledged or dropped before.
    bool delivered(std::uint64_t number);

    /// A new broker session: messages in flight have to be sent again.
    void resend() noexcept;

    /// All messages, as a list of {topic, payload}.
    [[nodiscard]] Json save() const;

    /// Adds what save() gave in an earlier run; skips content of any other form.
    void restore(const Json& saved);

  private:
    void push(std::string topic, std::string payload);

    std::deque<Queued> queue_; ///< the oldest first
    std::uint64_t last_number_ = 0;
};

} // namespace bambu2mqtt
