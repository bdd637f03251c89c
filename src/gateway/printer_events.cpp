// The events of a session: kept until a broker has them, over restarts as well.
#include <bambu2mqtt/gateway/printer_session.hpp>
#include <bambu2mqtt/state/saved_json.hpp>

#include <utility>

namespace bambu2mqtt {

/// Written down before it is told, and kept until a broker has it: once for all, and once by its type.
void PrinterSession::queue_events(const std::vector<PrinterEvent>& printer_events, Now now) {
    constexpr std::size_t most = 400; // 200 events: of an outage that long nobody wants to hear more
    for (const auto& printer_event : printer_events) {
        const auto payload =
            to_json(printer_event).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
        for (const auto& topic : {std::string{"event"}, "event/" + std::string{printer_event.type}}) {
            if (events_.size() >= most) {
                events_.pop_front();
            }
            add_event(topic, payload);
        }
        save_by(now.instant);
    }
}

void PrinterSession::add_event(std::string topic, std::string payload) {
    events_.push_back(
        QueuedEvent{.number = ++last_event_, .topic = std::move(topic), .payload = std::move(payload)});
}

void PrinterSession::event_delivered(std::uint64_t event, Now now) {
    if (std::erase_if(events_, [event](const QueuedEvent& queued) { return queued.number == event; }) > 0) {
        save_by(now.instant); // killed before it is written, the gateway would tell it again
    }
}

void PrinterSession::restore_events(const Json& saved) {
    const Json* const list = saved_member(saved, "events");
    if (list == nullptr || !list->is_array()) {
        return;
    }
    for (const auto& event : *list) {
        auto topic = saved_text(event, "topic");
        auto payload = saved_text(event, "payload");
        if (!payload.empty() && (topic == "event" || topic.starts_with("event/"))) {
            add_event(std::move(topic), std::move(payload));
        }
    }
}

Json PrinterSession::saved_events() const {
    auto events = Json::array();
    for (const auto& queued : events_) {
        events.push_back({{"topic", queued.topic}, {"payload", queued.payload}});
    }
    return events;
}

} // namespace bambu2mqtt
