#include "gateway/printer_publisher.hpp"

#include "gateway/earliest_of.hpp"
#include "gateway/response_messages.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Maximum time that Home Assistant needs after a discovery message to drop an entity or to follow it to
/// another topic.
constexpr auto announcement_works_after = 1s;

} // namespace

PrinterPublisher::PrinterPublisher(const SessionSettings& settings, const Templates& templates,
                                   const Printer& printer, const Connection& connection)
    : settings_(settings), printer_(printer), topics_(settings.discovery.base_topic, settings.names.id),
      announcer_(settings.names, templates, settings.discovery), states_(settings, printer, connection),
      transient_messages_(settings.sharers) {}

bool PrinterPublisher::broker_up(std::vector<Message> found) {
    transient_messages_.clear(); // their clients are no longer connected
    events_.resend();
    announcer_.found(states_.broker_up(std::move(found)));
    announcer_.review(printer_.layout(), true);
    return states_.drop_empty_former_ids();
}

void PrinterPublisher::home_assistant_up(Instant now) {
    const auto wait = 1s + std::chrono::milliseconds{(settings_.seed * 2654435761U) % 9000U};
    announcer_.review_at(now + wait);
}

void PrinterPublisher::reconfigure() {
    announcer_.configure(settings_.names, settings_.discovery);
    layout_changed();
    add_all();
}

bool PrinterPublisher::publish_changes(bool whole) {
    const bool another_layout = changed_.layout_changed();
    if (another_layout) {
        layout_changed();
    }
    if (changed_.all()) {
        states_.publish_all();
    } else {
        changed_.for_each([this](std::size_t index) { states_.publish(index); });
    }
    if (changed_.updated()) {
        remove_stale_topics(whole);
    }
    changed_.clear();
    return another_layout;
}

void PrinterPublisher::layout_changed() {
    announcer_.review(printer_.layout(), false);
    states_.request_cleanup();
}

void PrinterPublisher::remove_stale_topics(bool whole) {
    if (states_.remove_stale_topics(whole)) {
        announcer_.remove_stale_topics(printer_.layout());
    }
}

void PrinterPublisher::enqueue(Message message) {
    if (states_.is_broker_up()) {
        transient_messages_.add(std::move(message));
    }
}

void PrinterPublisher::respond(const CommandResponse& response) {
    for (auto& message : response_messages(response, topics_.response())) {
        enqueue(std::move(message));
    }
}

void PrinterPublisher::publish_raw(const std::string& payload, const Update& update) {
    if (!update.reply || update.reply->command != "get_access_code") {
        enqueue(Message{topics_.raw_report(), payload});
    }
}

void PrinterPublisher::tick(Instant now) {
    if (const auto due = announcer_.review_due(); due && now >= *due) {
        states_.outbox().forget();
        announcer_.review(printer_.layout(), true);
    }
    states_.tick(now);
}

std::optional<Instant> PrinterPublisher::deadline() const {
    return earliest_of({announcer_.review_due(), states_.deadline()});
}

/// Events come after the announcements: Home Assistant does not listen before.
bool PrinterPublisher::may_send_event() const {
    return events_.waiting() && !(settings_.announce && announcer_.busy());
}

std::optional<Outgoing> PrinterPublisher::next(Instant now, bool whole) {
    if (!states_.is_broker_up()) {
        return std::nullopt;
    }
    if (may_send_event()) {
        const auto& queued = *events_.next();
        return Outgoing{Message{topics_.root() + "/" + queued.topic, queued.payload, false}, queued.number};
    }
    if (auto message = transient_messages_.next(now)) {
        return Outgoing{.message = *std::move(message)};
    }
    if (settings_.announce) {
        bool changed = false;
        auto message = announcer_.next(printer_.facts(), printer_.layout(), whole, changed);
        if (changed) {
            // Home Assistant subscribes again after a changed discovery message: the states are published
            // again.
            states_.repeat_all(now + 1s);
        }
        if (message) {
            states_.outbox().hold_clears(now + announcement_works_after);
            return Outgoing{.message = *std::move(message)};
        }
    }
    auto message = states_.outbox().next(now);
    return message ? std::optional{Outgoing{.message = *std::move(message)}} : std::nullopt;
}

std::optional<Instant> PrinterPublisher::next_due() const {
    if (!states_.is_broker_up()) {
        return std::nullopt;
    }
    if (may_send_event() || (settings_.announce && announcer_.busy())) {
        return Instant{};
    }
    const auto transient = transient_messages_.due();
    return transient ? transient : states_.outbox().due();
}

void PrinterPublisher::shutdown() {
    announcer_.cancel();
    states_.shutdown();
}

} // namespace bambu2mqtt
