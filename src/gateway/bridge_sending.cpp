// The bridge's messages in flight: those the link accepted or rejected, and those the broker acknowledged.
#include <bambu2mqtt/gateway/bridge.hpp>

#include <fmt/format.h>

#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// A rejected message is retried after this time.
constexpr auto refused_waits = 1s;

} // namespace

/// Published after subscribing; received through the same subscriptions.
std::optional<Message> Bridge::next_marker() {
    if (!std::exchange(marker_due_, false)) {
        return std::nullopt;
    }
    window_.hand_over({.topic = topics_.marker()});
    return Message{.topic = topics_.marker(),
                   .payload = retained_wait_.marker(),
                   .retain = false,
                   .qos = Qos::at_most_once};
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
                        "this session are not logged",
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
    if (packet == 0) {
        (void)window_.drop(); // nothing waits for it
    } else {
        window_.taken(packet);
    }
    ++messages_out_;
}

void Bridge::not_taken(Message message, NotTaken why, Now now, Effects& effects) {
    if (phase_ != Phase::open) {
        (void)window_.drop(); // the marker: the wait ends without it
        return;
    }
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
