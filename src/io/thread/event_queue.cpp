#include <bambu2mqtt/io/thread/event_queue.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

[[nodiscard]] EventBody loss(std::size_t target) {
    return target == broker_target ? EventBody{BrokerMessagesLost{}} : EventBody{ReportsLost{}};
}

[[nodiscard]] bool is_loss(const Event& event) {
    return std::holds_alternative<ReportsLost>(event.body) ||
           std::holds_alternative<BrokerMessagesLost>(event.body);
}

/// A positive acknowledgement.
[[nodiscard]] bool is_quiet(const Event& event) {
    constexpr int first_refusal = 0x80;
    const auto* const published = std::get_if<Published>(&event.body);
    return published != nullptr && published->reason < first_refusal;
}

[[nodiscard]] bool comes_from_connection(const Event& event) {
    const auto& body = event.body;
    return std::holds_alternative<PrinterUp>(body) || std::holds_alternative<PrinterDown>(body) ||
           std::holds_alternative<ReportArrived>(body) || std::holds_alternative<ReportsLost>(body) ||
           std::holds_alternative<BrokerUp>(body) || std::holds_alternative<BrokerDown>(body) ||
           std::holds_alternative<BrokerMessage>(body) || std::holds_alternative<BrokerMessagesLost>(body) ||
           std::holds_alternative<Published>(body);
}

} // namespace

std::size_t message_bytes(const EventBody& body) noexcept {
    if (const auto* const report = std::get_if<ReportArrived>(&body)) {
        return sizeof(Event) + report->payload.size();
    }
    if (const auto* const message = std::get_if<BrokerMessage>(&body)) {
        return sizeof(Event) + message->topic.size() + message->payload.size() +
               message->response_topic.size() + message->correlation.size();
    }
    return 0;
}

bool EventQueue::push(Event event) {
    bool taken = true;
    bool wakes = true;
    {
        const MutexLock lock(mutex_);
        if (const auto bytes = message_bytes(event.body); bytes > 0) {
            Waiting& waiting = waiting_[event.target];
            if (has_room(event.target, bytes)) {
                ++waiting.messages;
                waiting.bytes += bytes;
            } else {
                taken = false;
                ++waiting.lost;
                if (waiting.loss_reported) {
                    return false;
                }
                waiting.loss_reported = true;
                event.body = loss(event.target);
            }
        }
        if (is_quiet(event)) {
            ++quiet_;
            wakes = quiet_wake_;
        }
        events_.push_back(std::move(event));
    }
    if (wakes) {
        ready_.notify_one();
    }
    return taken;
}

std::optional<Event> EventQueue::pop_until(Instant deadline, Acknowledgements how) {
    const MutexLock lock(mutex_);
    quiet_wake_ = how == Acknowledgements::wake;
    while (quiet_wake_ ? events_.empty() : events_.size() <= quiet_) {
        if (!ready_.wait_until(mutex_, deadline)) {
            break;
        }
    }
    return take_first();
}

std::optional<Event> EventQueue::pop() {
    const MutexLock lock(mutex_);
    return take_first();
}

std::optional<Event> EventQueue::take_first() {
    if (events_.empty()) {
        return std::nullopt;
    }
    std::optional<Event> event(std::move(events_.front()));
    events_.pop_front();
    forget_message(*event);
    if (is_loss(*event)) {
        Waiting& waiting = waiting_[event->target];
        waiting.loss_reported = false; // further losses are reported again
        const auto count = std::exchange(waiting.lost, 0);
        if (auto* const lost = std::get_if<BrokerMessagesLost>(&event->body)) {
            lost->count = count;
        }
    } else if (is_quiet(*event)) {
        --quiet_;
    }
    return event;
}

void EventQueue::forget_connection(std::size_t target) {
    const MutexLock lock(mutex_);
    std::erase_if(events_, [target](const Event& event) {
        return event.target == target && comes_from_connection(event);
    });
    quiet_ = static_cast<std::size_t>(std::ranges::count_if(events_, is_quiet));
    waiting_.erase(target);
}

bool EventQueue::has_room(std::size_t target, std::size_t bytes) const {
    const Waiting& waiting = waiting_.at(target);
    if (waiting.messages == 0) {
        return true;
    }
    if (target == broker_target) {
        return waiting.bytes + bytes <= bounds_.broker_bytes;
    }
    return waiting.messages < bounds_.reports && waiting.bytes + bytes <= bounds_.report_bytes;
}

void EventQueue::forget_message(const Event& event) {
    if (const auto bytes = message_bytes(event.body); bytes > 0) {
        Waiting& waiting = waiting_[event.target];
        --waiting.messages;
        waiting.bytes -= bytes;
    }
}

} // namespace bambu2mqtt
