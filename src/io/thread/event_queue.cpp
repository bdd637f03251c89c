#include <bambu2mqtt/io/thread/event_queue.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

[[nodiscard]] bool is_report(const Event& event) {
    return std::holds_alternative<ReportArrived>(event.body);
}

/// An acknowledgement that is no refusal.
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
           std::holds_alternative<BrokerMessage>(body) || std::holds_alternative<Published>(body);
}

} // namespace

bool EventQueue::push(Event event) {
    bool taken = true;
    bool wakes = true;
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
    std::unique_lock lock(mutex_);
    quiet_wake_ = how == Acknowledgements::wake;
    ready_.wait_until(lock, deadline,
                      [this] { return quiet_wake_ ? !events_.empty() : events_.size() > quiet_; });
    return take_first();
}

std::optional<Event> EventQueue::pop() {
    const std::lock_guard lock(mutex_);
    return take_first();
}

std::optional<Event> EventQueue::take_first() {
    if (events_.empty()) {
        return std::nullopt;
    }
    std::optional<Event> event(std::move(events_.front()));
    events_.pop_front();
    if (is_report(*event)) {
        uncount_report(event->target);
    } else if (std::holds_alternative<ReportsLost>(event->body)) {
        per_printer_[event->target].lost_told = false; // what is lost from now on is told again
    } else if (is_quiet(*event)) {
        --quiet_;
    }
    return event;
}

void EventQueue::forget_connection(std::size_t target) {
    const std::lock_guard lock(mutex_);
    std::erase_if(events_, [target](const Event& event) {
        return event.target == target && comes_from_connection(event);
    });
    quiet_ = static_cast<std::size_t>(std::ranges::count_if(events_, is_quiet));
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
