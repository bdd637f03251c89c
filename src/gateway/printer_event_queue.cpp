#include "gateway/printer_event_queue.hpp"

#include <bambu2mqtt/base/json_access.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

void PrinterEventQueue::add(const std::vector<PrinterEvent>& printer_events) {
    for (const auto& printer_event : printer_events) {
        const auto payload = json_text(to_json(printer_event));
        push("event", payload);
        push("event/" + std::string{printer_event.type}, payload);
    }
}

void PrinterEventQueue::push(std::string topic, std::string payload) {
    if (queue_.size() >= most_messages) {
        queue_.pop_front();
    }
    queue_.push_back(
        Queued{.number = ++last_number_, .topic = std::move(topic), .payload = std::move(payload)});
}

bool PrinterEventQueue::waiting() const {
    return std::ranges::any_of(queue_, [](const Queued& queued) { return !queued.on_the_way; });
}

const PrinterEventQueue::Queued* PrinterEventQueue::next() {
    const auto found = std::ranges::find(queue_, false, &Queued::on_the_way);
    if (found == queue_.end()) {
        return nullptr;
    }
    found->on_the_way = true;
    return &*found;
}

bool PrinterEventQueue::delivered(std::uint64_t number) {
    return std::erase_if(queue_, [number](const Queued& queued) { return queued.number == number; }) > 0;
}

void PrinterEventQueue::resend() noexcept {
    std::ranges::for_each(queue_, [](Queued& queued) { queued.on_the_way = false; });
}

Json PrinterEventQueue::save() const {
    auto list = Json::array();
    for (const auto& queued : queue_) {
        list.push_back({{"topic", queued.topic}, {"payload", queued.payload}});
    }
    return list;
}

void PrinterEventQueue::restore(const Json& saved) {
    if (!saved.is_array()) {
        return;
    }
    for (const auto& event : saved) {
        auto topic = std::string{read::text_member(event, "topic")};
        auto payload = std::string{read::text_member(event, "payload")};
        if (!payload.empty() && (topic == "event" || topic.starts_with("event/"))) {
            push(std::move(topic), std::move(payload));
        }
    }
}

} // namespace bambu2mqtt
