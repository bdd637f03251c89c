// What a session wants to stand on the broker, and in which order it goes there.
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/command/controls.hpp>
#include <bambu2mqtt/gateway/printer_session.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>

#include <algorithm>
#include <cmath>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

constexpr auto slow_change_waits = 60s;
constexpr auto version_timeout = 30s;

/// After its announcement Home Assistant takes that long, at most, to drop an entity or to follow it to
/// another topic.
constexpr auto announcement_works_after = 1s;

/// Outcomes and raw messages that wait for the broker; beyond this the oldest are dropped. One message alone
/// may be larger: the content of a file.
constexpr std::size_t max_transient_messages = 1000;
constexpr std::size_t max_transient_bytes = 4UL * 1024 * 1024;

} // namespace

/// Whether everything the printer has is known: absence means something only then. Firmware that never
/// answers get_version is waited for half a minute.
bool PrinterSession::whole(Now now) const {
    const auto up = connection_.up_since();
    const bool version_unanswered = up && now.instant - *up > version_timeout;
    return printer_.report_state().complete() && (!printer_.facts().firmware.empty() || version_unanswered);
}

/// Sorts what stands on the broker: own states, states below a former id, announcements. A former id below
/// which nothing stands is done with.
void PrinterSession::take_found(std::vector<Message> found) {
    found_states_.clear();
    found_moved_.clear();
    std::vector<Message> discovery;
    for (auto& message : found) {
        if (message.topic.starts_with(topics_.root() + "/")) {
            found_states_.insert(std::move(message.topic));
        } else if (message.topic.starts_with(settings_.discovery.base_topic + "/")) {
            found_moved_.insert(std::move(message.topic));
        } else {
            discovery.push_back(std::move(message));
        }
    }
    announcer_.found(std::move(discovery));
    for (const auto& id : settings_.former_ids) {
        const PrinterTopics former{settings_.discovery.base_topic, id};
        if (found_moved_.contains(former.availability())) {
            // Until its announcement is replaced, Home Assistant looks there.
            outbox_.want(former.availability(), "offline", Outbox::Rank::availability);
        }
    }
    const auto is_done = [this](const std::string& id) {
        const auto root = PrinterTopics{settings_.discovery.base_topic, id}.root() + "/";
        return std::ranges::none_of(found_moved_,
                                    [&root](const std::string& topic) { return topic.starts_with(root); });
    };
    if (std::erase_if(former_ids_, is_done) > 0) {
        save_by(Instant{});
    }
}

/// Clears what stands on the broker of things the printer does not have.
void PrinterSession::remove_stale_topics(Now now) {
    if (!cleanup_pending_ || !broker_up_ || !whole(now)) {
        return;
    }
    cleanup_pending_ = false;
    const auto wanted = topics_of_layout();
    outbox_.keep_only(wanted);
    std::vector<std::string> retained_cleanup{found_moved_.begin(), found_moved_.end()};
    std::ranges::copy_if(found_states_, std::back_inserter(retained_cleanup),
                         [&](const auto& topic) { return !wanted.contains(topic); });
    found_moved_.clear();
    std::ranges::sort(retained_cleanup);
    for (const auto& topic : retained_cleanup) {
        outbox_.clear(topic);
    }
    // What stands of a unit that is not plugged in has nothing newer.
    std::unordered_set<std::string> kept;
    for (std::size_t i = 0; i < printer_.layout().instances().size(); ++i) {
        for (auto& message :
             printer_.present(i) ? std::vector<Message>{} : state_messages(printer_, i, topics_)) {
            if (found_states_.contains(message.topic)) {
                kept.insert(std::move(message.topic));
            }
        }
    }
    found_states_ = std::move(kept);
    announcer_.remove_stale_topics(printer_.layout());
}

void PrinterSession::publish(std::size_t index) {
    if (!broker_up_) {
        return; // everything is looked at when the broker is there
    }
    const bool present = printer_.present(index);
    const auto& entity = *printer_.layout().instances()[index].entity;
    auto messages = state_messages(printer_, index, topics_);
    if (const auto hoped = optimistic_.find(printer_.layout().instances()[index].id);
        hoped != optimistic_.end() && hoped->second.shown && !messages.empty()) {
        messages.front().payload = payload_of(*hoped->second.shown);
    }
    for (const auto& message : messages) {
        // What an earlier run published stays until the printer has said something else, and what was said of
        // a unit that is not plugged in stays as it was.
        const bool nothing_new = !printer_.report_state().complete() && !known(printer_.value(index));
        const bool stands =
            found_states_.contains(message.topic) || (!present && outbox_.wants(message.topic));
        if ((nothing_new || !present) && stands) {
            continue;
        }
        auto hold = std::chrono::milliseconds{1s};
        if (entity.slow_change > 0) {
            const auto* const before = outbox_.sent(message.topic);
            const Json old(before != nullptr ? *before : std::string{});
            const auto shown = read::number(&old);
            const auto* const next = std::get_if<std::int64_t>(&printer_.value(index));
            const bool small = shown && next != nullptr &&
                               std::abs(static_cast<double>(*next) - *shown) < entity.slow_change;
            hold = small ? std::chrono::milliseconds{slow_change_waits} : hold;
        }
        outbox_.want(message.topic, message.payload, Outbox::Rank::state, hold);
    }
}

void PrinterSession::publish_all() {
    for (std::size_t i = 0; i < printer_.layout().instances().size(); ++i) {
        publish(i);
    }
    publish_availability();
}

void PrinterSession::publish_availability() {
    if (!broker_up_) {
        return;
    }
    const auto reachable = connection_.state() == ConnectionState::connected ? Reachable::yes : Reachable::no;
    for (auto& message : availability_messages(printer_, topics_, reachable)) {
        outbox_.want(message.topic, std::move(message.payload), Outbox::Rank::availability);
    }
    publish_controls();
}

void PrinterSession::publish_controls() {
    for (auto& message : control_availability_messages(printer_, topics_, settings_.discovery.policy)) {
        if (printer_.report_state().complete() || !found_states_.contains(message.topic)) {
            outbox_.want(message.topic, std::move(message.payload), Outbox::Rank::availability);
        }
    }
}

/// Says something once, to whoever listens now.
void PrinterSession::enqueue_transient(Message message) {
    if (!broker_up_) {
        return;
    }
    auto bytes = message.payload.size();
    std::ranges::for_each(transient_messages_,
                          [&](const Message& waiting) { bytes += waiting.payload.size(); });
    while (!transient_messages_.empty() &&
           (transient_messages_.size() >= max_transient_messages || bytes > max_transient_bytes)) {
        bytes -= transient_messages_.front().payload.size();
        transient_messages_.pop_front();
    }
    message.retain = false;
    transient_messages_.push_back(std::move(message));
}

void PrinterSession::take_over(PrinterSession& former, bool broker_open, bool tells_retained) {
    announcer_.take_over(former.announcer_);
    command_runner_.continue_after(former.command_runner_);
    if (!broker_open) {
        return;
    }
    std::vector<Message> found;
    for (auto& topic : former.outbox_.topics()) {
        found.push_back(Message{std::move(topic), ""});
    }
    for (const auto* const topics : {&former.found_states_, &former.found_moved_}) {
        for (const auto& topic : *topics) {
            found.push_back(Message{topic, ""});
        }
    }
    broker_up(std::move(found), tells_retained);
    pending_clears_ = former.pending_clears_;
}

std::unordered_set<std::string> PrinterSession::topics_of_layout() const {
    std::unordered_set<std::string> topics;
    for (std::size_t i = 0; i < printer_.layout().instances().size(); ++i) {
        for (auto& message : state_messages(printer_, i, topics_)) {
            topics.insert(std::move(message.topic));
        }
    }
    for (auto& message : availability_messages(printer_, topics_, Reachable::no)) {
        topics.insert(std::move(message.topic));
    }
    for (auto& message : control_availability_messages(printer_, topics_, settings_.discovery.policy)) {
        topics.insert(std::move(message.topic));
    }
    return topics;
}

/// Events come after the announcements: who is not announced yet is not listening.
bool PrinterSession::may_tell_event() const {
    return std::ranges::any_of(events_, [](const QueuedEvent& queued) { return !queued.on_the_way; }) &&
           !(settings_.announce && announcer_.busy());
}

std::optional<PrinterSession::Outgoing> PrinterSession::next(Now now) {
    if (!broker_up_) {
        return std::nullopt;
    }
    if (may_tell_event()) {
        auto& queued = *std::ranges::find(events_, false, &QueuedEvent::on_the_way);
        queued.on_the_way = true;
        return Outgoing{Message{topics_.root() + "/" + queued.topic, queued.payload, false}, queued.number};
    }
    if (!transient_messages_.empty()) {
        Outgoing outgoing{.message = std::move(transient_messages_.front())};
        transient_messages_.pop_front();
        raw_report_at_ = now.instant;
        return outgoing;
    }
    if (settings_.announce) {
        bool changed = false;
        auto message = announcer_.next(printer_.facts(), printer_.layout(), whole(now), changed);
        if (changed) {
            // Home Assistant subscribes again after a changed announcement: publish the states again.
            for (const auto& topic : topics_of_layout()) {
                outbox_.repeat(topic, now.instant + 1s);
            }
        }
        if (message) {
            outbox_.hold_clears(now.instant + announcement_works_after);
            return Outgoing{.message = *std::move(message)};
        }
    }
    auto message = outbox_.next(now.instant);
    return message ? std::optional{Outgoing{.message = *std::move(message)}} : std::nullopt;
}

std::optional<Instant> PrinterSession::next_due() const {
    if (!broker_up_) {
        return std::nullopt;
    }
    if (may_tell_event() || (settings_.announce && announcer_.busy())) {
        return Instant{};
    }
    // With raw topics a printer may say more than the broker takes; others come in between.
    return transient_messages_.empty() ? outbox_.due() : std::optional{raw_report_at_};
}

} // namespace bambu2mqtt
