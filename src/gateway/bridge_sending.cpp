// The bridge's messages in flight: which is next, those the link accepted or rejected, and those the broker
// acknowledged.
#include <bambu2mqtt/gateway/bridge.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// A rejected message is retried after this time.
constexpr auto refused_waits = 1s;

} // namespace

std::optional<Message> Bridge::next(Now now) {
    if (auto marker = broker_.next_marker()) {
        window_.hand_over({.topic = marker->topic});
        return marker;
    }
    if (!broker_.open() || window_.full() || !window_.link_has_room()) {
        return std::nullopt;
    }
    if (window_.keeps()) {
        return window_.again(now.instant);
    }
    Sending sending;
    auto message = publisher_.next(now.instant);
    if (!message) {
        message = sessions_.next(now, sending);
    }
    if (message) {
        sending.topic = message->topic;
        window_.hand_over(std::move(sending));
    }
    return message;
}

void Bridge::taken(int packet) {
    if (packet == 0) {
        (void)window_.drop(); // nothing waits for it
    } else {
        window_.taken(packet);
    }
    health_.count_sent();
}

void Bridge::not_taken(Message message, NotTaken why, Now now, Effects& effects) {
    if (!broker_.open()) {
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
        sessions_.delivered(*sending, now);
    }
}

void Bridge::acknowledged(const Published& event, Now now, Effects& effects) {
    constexpr int first_refusal = 0x80;
    const auto sending = window_.acknowledged(event.packet);
    if (!sending) {
        return;
    }
    if (event.reason >= first_refusal && window_.note_refusal()) {
        effects.push_back(LogLine{
            Level::warning, "broker",
            fmt::format("the broker refused a message on '{}' (MQTT reason 0x{:02x}{}); further refusals in "
                        "this session are not logged",
                        sending->topic, event.reason, event.reason == 0x87 ? ", not authorized" : "")});
    }
    sessions_.delivered(*sending, now);
}

} // namespace bambu2mqtt
