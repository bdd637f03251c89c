#include <bambu2mqtt/io/thread/event_queue.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

[[nodiscard]] bool is_report(const Event& event) {
    return std::holds_alternative<ReportArrived>(event.body);
}

[[nodiscard]] bool comes_from_connection(const Event& event) {
    const auto& body = event.body;
    return std::holds_alternative<PrinterUp>(body) || std::holds_alternative<PrinterDown>(body) ||
           std::holds_alternative<ReportArrived>(body) || std::holds_alternative<ReportsLost>(body) ||
           std::holds_alternative<BrokerUp>(body) || std::holds_alternative<BrokerDown>(body) ||
           std::holds_alternative<BrokerMessage>(body) || std::holds_alternative<Published>(body);
}

} // namespace

bool EventQueue::push(Event event) {
    bool taken = true;
    {
        const std::lock_guard lock(mutex_);
        if (is_report(event) && !count_report(event.target)) {
            taken = false;
            Waiting& waiting = per_printer_[event.target];
            if (waiting.lost_told) {
                return false;
            }
            waiting.lost_told = true;
            event.body = ReportsLost{};
        }
        events_.push_back(std::move(event));
    }
    ready_.notify_one();
    return taken;
}

std::optional<Event> EventQueue::pop_until(Instant deadline) {
    std::unique_lock lock(mutex_);
    if (!ready_.wait_until(lock, deadline, [this] { return !events_.empty(); })) {
        return std::nullopt;
    }
    std::optional<Event> event(std::move(events_.front()));
    events_.pop_front();
    if (is_report(*event)) {
        uncount_report(event->target);
    } else if (std::holds_alternative<ReportsLost>(event->body)) {
        per_printer_[event->target].lost_told = false; // what is lost from now on is told again
    }
    return event;
}

void EventQueue::forget_connection(std::size_t target) {
    const std::lock_guard lock(mutex_);
    std::erase_if(events_, [target](const Event& event) {
        return event.target == target && comes_from_connection(event);
    });
    per_printer_.erase(target);
}

bool EventQueue::count_report(std::size_t target) {
    Waiting& waiting = per_printer_[target];
    if (waiting.reports >= limit_) {
        return false;
    }
    ++waiting.reports;
    return true;
}

void EventQueue::uncount_report(std::size_t target) {
    --per_printer_[target].reports;
}

} // namespace bambu2mqtt
