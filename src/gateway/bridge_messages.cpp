// Messages from the user's broker: retained topics of earlier runs at the start, later commands and the birth
// message of Home Assistant.
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/homeassistant/retained_cleanup.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Time for publishing bridge/health before something is done that may end the session again.
constexpr auto problem_published_within = 1s;

} // namespace

/// Filters that match all our topics.
void Bridge::listen(bool begin, Effects& effects) const {
    const auto& prefix = settings_.discovery.prefix;
    for (const auto& filter : {topics_.base() + "/#", prefix + "/+/+/config"}) {
        effects.push_back(ListenTo{filter, begin});
    }
}

/// Subscribes to the command topics of all printers.
void Bridge::listen_to_commands(Effects& effects) const {
    for (auto& filter : command_topic_filters(topics_.base())) {
        effects.push_back(ListenTo{std::move(filter), true, Interest::commands});
    }
}

/// Passes a message on a command topic to its printer.
void Bridge::on_command_message(const BrokerMessage& message, Now now, Effects& effects) {
    const auto topic = parse_command_topic(message.topic, topics_.base());
    const auto owner = topic ? by_id_.find(topic->printer) : by_id_.end();
    if (owner != by_id_.end()) {
        guarded(owner->second, now,
                [&](PrinterSession& session) { session.handle(message, *topic, now, effects); });
    }
}

void Bridge::on_message(const BrokerMessage& message, Now now, Effects& effects) {
    if (message.topic == settings_.status_topic) {
        if (message.payload == "online" && !message.retained && phase_ == Phase::open) {
            bridge_review_at_ = now.instant + 1s;
            for (std::size_t i = 0; i < sessions_.size(); ++i) {
                guarded(i, now, [&](PrinterSession& session) { session.home_assistant_up(now); });
            }
        }
        return;
    }
    if (phase_ == Phase::open) {
        on_command_message(message, now, effects);
        return;
    }
    if (phase_ == Phase::listening && message.topic == topics_.marker()) {
        retained_wait_.marker_arrived(message.payload, now.instant);
        return;
    }
    if (phase_ == Phase::listening && message.retained && !message.payload.empty()) {
        retained_wait_.retained_arrived(now.instant);
        found_.take(message);
    }
}

/// Whose retained messages are looked for.
FoundMessages Bridge::look_for_own() const {
    FoundMessages found{settings_.discovery};
    for (const auto& printer : settings_.printers) {
        const auto& names = printer.names;
        found.serves(names.serial, names.id, printer.former_ids);
    }
    for (const auto& printer : settings_.former) {
        found.served(printer.serial, printer.id);
    }
    return found;
}

/// All retained messages are known: passes each session its own, clears those of printers that are no longer
/// configured, and starts to publish.
void Bridge::open(Now now, Effects& effects) {
    phase_ = Phase::open;
    listen(false, effects);
    // Commands are subscribed to after the wide subscription has ended, so that no message is received twice.
    // While there is a problem with the broker bridge/health is published first: a refused subscription ends
    // the session.
    if (watch_.problem().empty()) {
        listen_to_commands(effects);
    } else {
        commands_from_ = now.instant + problem_published_within;
    }
    auto found = found_.found();
    if (found.left_out > 0) {
        effects.push_back(
            LogLine{Level::warning, "broker",
                    fmt::format("{} retained messages of earlier runs are left as they are: more "
                                "are on the broker than an earlier run can have published",
                                found.left_out)});
    }
    std::ranges::move(found.of_former_announcements, std::back_inserter(first_));
    std::ranges::move(found.of_former_states, std::back_inserter(pending_clears_));
    announce_bridge_device(found.of_bridge);
    outbox_.forget();
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        guarded(i, now, [&](PrinterSession& session) {
            session.broker_up(std::move(found.of_printers[i]), retain_as_published_);
        });
    }
}

/// The queue was full.
void Bridge::messages_lost(const BrokerMessagesLost& event, Now now, Effects& effects) {
    messages_lost_ += event.count;
    if (loss_noted_.take(now.instant)) {
        effects.push_back(
            LogLine{Level::warning, "broker",
                    fmt::format("{} messages arrived faster than they could be processed and were dropped",
                                std::exchange(messages_lost_, 0))});
    }
}

/// `found`: retained topics of the gateway's discovery messages. Those of the other discovery form are
/// migrated, obsolete ones are cleared.
void Bridge::announce_bridge_device(const std::vector<std::string>& found) {
    if (!settings_.announce) {
        return;
    }
    auto announcement = announce_bridge(templates_, settings_.discovery);
    std::vector<Message> finish;
    for (const auto& topic : found) {
        const auto parts = parse_discovery_topic(topic, settings_.discovery.prefix);
        if (std::ranges::find(announcement.messages, topic, &Message::topic) != announcement.messages.end() ||
            !parts) {
            continue;
        }
        auto steps = migration(topic);
        if (parts->is_device_form() == settings_.discovery.per_component) {
            first_.push_back(std::move(steps.start));
        }
        finish.push_back(std::move(steps.finish));
    }
    std::ranges::move(announcement.messages, std::back_inserter(first_));
    std::ranges::move(finish, std::back_inserter(first_));
}

} // namespace bambu2mqtt
