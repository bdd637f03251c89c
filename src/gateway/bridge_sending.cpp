// The bridge's messages on their way: what comes next, what the link took or did not take, and what the
// broker acknowledged.
#include <bambu2mqtt/gateway/bridge.hpp>

#include <fmt/format.h>

#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// A message that the link did not take is tried again after this.
constexpr auto refused_waits = 1s;

/// Home Assistant warns of empty states of entities it has not dropped yet.
constexpr auto clearing_waits = 1s;

} // namespace

std::optional<Message> Bridge::next(Now now) {
    if (phase_ != Phase::open || window_.full()) {
        return std::nullopt;
    }
    if (window_.keeps()) {
        return window_.again(now.instant);
    }
    auto message = next_own(now);
    Sending sending;
    if (!message) {
        message = next_of_printers(now, sending);
    }
    if (message) {
        sending.topic = message->topic;
        window_.hand_over(std::move(sending));
    }
    return message;
}

std::optional<Message> Bridge::next_of_printers(Now now, Sending& sending) {
    while (true) {
        const auto due = publish_deadlines_.first();
        if (!due || due->first > now.instant) {
            return std::nullopt;
        }
        std::optional<Message> message;
        guarded(due->second, now, [&](PrinterSession& session) {
            auto outgoing = session.next(now);
            if (!outgoing) {
                return;
            }
            message = std::move(outgoing->message);
            if (outgoing->event) {
                sending.event = Sending::Event{due->second, *outgoing->event};
            }
        });
        if (message) {
            if (auto& since = reported_[due->second]) {
                delays_.add(now.instant - *since);
                since.reset();
            }
            return message;
        }
        if (publish_deadlines_.first() == due) {
            // Something waits for something else of the same printer; look again a little later.
            publish_deadlines_.set(due->second, now.instant + 100ms);
        }
    }
}

/// What the bridge itself has to say, before its printers.
std::optional<Message> Bridge::next_own(Now now) {
    const auto take = [](std::deque<Message>& from) {
        auto message = std::move(from.front());
        from.pop_front();
        return message;
    };
    if (!first_.empty()) {
        clears_from_ = now.instant + clearing_waits;
        return take(first_);
    }
    if (!pending_clears_.empty() && now.instant >= clears_from_) {
        return take(pending_clears_);
    }
    return outbox_.next(now.instant);
}

void Bridge::acknowledged(const Published& event, Now now, Effects& effects) {
    constexpr int first_refusal = 0x80;
    const auto sending = window_.acknowledged(event.packet);
    if (!sending) {
        return;
    }
    if (event.reason >= first_refusal && !refusal_noted_) {
        refusal_noted_ = true;
        effects.push_back(LogLine{
            Level::warning, "broker",
            fmt::format("the broker refused a message on '{}' (MQTT reason 0x{:02x}{}); further refusals in "
                        "this session are not noted",
                        sending->topic, event.reason, event.reason == 0x87 ? ", not authorized" : "")});
    }
    delivered(*sending, now);
}

/// An event need not be kept any longer.
void Bridge::delivered(const Sending& sending, Now now) {
    if (const auto& event = sending.event) {
        guarded(event->session, now,
                [&](PrinterSession& session) { session.event_delivered(event->number, now); });
    }
}

void Bridge::taken(int packet) {
    window_.taken(packet);
    ++messages_out_;
}

void Bridge::not_taken(Message message, NotTaken why, Now now, Effects& effects) {
    if (why == NotTaken::for_now) {
        window_.keep(std::move(message), now.instant + refused_waits);
        return;
    }
    effects.push_back(LogLine{Level::error, "broker",
                              fmt::format("a message of {} bytes on '{}' is dropped: MQTT cannot carry it",
                                          message.payload.size(), message.topic.substr(0, 256))});
    if (const auto sending = window_.drop()) {
        delivered(*sending, now);
    }
}

} // namespace bambu2mqtt
