// Messages from the user's broker: retained topics of earlier runs at the start, later commands and the
// birth of Home Assistant.
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/homeassistant/retained_cleanup.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// With more received than this the rest of an earlier run's retained topics is left for the next start.
constexpr std::size_t heard_limit = 500'000;

/// Time for publishing bridge/health before something is done that may end the session again.
constexpr auto problem_published_within = 1s;

} // namespace

/// The filters under which anything of ours can stand on the broker.
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

/// Hands a message on a command topic to the printer it is for.
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
    if (phase_ == Phase::listening && message.retained && !message.payload.empty() &&
        retained_.size() < heard_limit) {
        retained_wait_.retained_arrived(now.instant);
        // Of a state only its topic matters; of an announcement everything.
        const bool announcement = message.topic.ends_with("/config");
        retained_.push_back(Message{message.topic, announcement ? message.payload : std::string{}});
    }
}

/// All that stands on the broker is known: hand each session its own, clear what is of printers no longer
/// served, and begin to publish.
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
    std::vector<std::string> own;
    auto shares = distribute(std::exchange(retained_, {}), own);
    announce_bridge_device(own);
    outbox_.forget();
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        guarded(i, now,
                [&](PrinterSession& session) { session.broker_up(std::move(shares[i]), tells_retained_); });
    }
}

/// The messages of each session; `own`: the topics of the bridge's own announcements.
std::vector<std::vector<Message>> Bridge::distribute(std::vector<Message> retained_messages,
                                                     std::vector<std::string>& own_topics) {
    std::unordered_map<std::string, std::size_t>
        owners; // by id and by serial; former printers beyond the last
    std::vector<std::string> serials;
    const auto own = [&](const std::string& serial, const std::string& id, std::size_t index) {
        owners.emplace(id, index);
        owners.emplace(serial, index);
        serials.push_back(serial);
    };
    for (std::size_t i = 0; i < settings_.printers.size(); ++i) {
        own(settings_.printers[i].names.serial, settings_.printers[i].names.id, i);
    }
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        for (const auto& id : settings_.printers[i].former_ids) {
            owners.emplace(id, i);
        }
    }
    for (const auto& printer : settings_.former) {
        own(printer.serial, printer.id, sessions_.size());
    }
    std::vector<std::vector<Message>> shares(sessions_.size());
    for (auto& message : retained_messages) {
        std::string owner;
        if (message.topic.starts_with(topics_.base() + "/")) {
            const auto from = topics_.base().size() + 1;
            owner = message.topic.substr(from, message.topic.find('/', from) - from);
        } else if (const auto discovery =
                       own_discovery(message.topic, message.payload, settings_.discovery, serials)) {
            if (discovery->serial.empty()) {
                own_topics.push_back(std::move(message.topic));
                continue;
            }
            owner = discovery->serial;
        }
        const auto found = owners.find(owner);
        if (found == owners.end()) {
            continue;
        }
        const std::vector<std::string> ids{owner};
        const bool state = message.topic.starts_with(topics_.base() + "/");
        if (state && !owns_state_topic(message.topic, topics_.base(), ids)) {
            continue;
        }
        if (found->second < shares.size()) {
            shares[found->second].push_back(std::move(message));
        } else {
            auto& queue = state ? pending_clears_ : first_;
            queue.push_back(Message{std::move(message.topic), ""});
        }
    }
    return shares;
}

/// `found`: topics of the bridge's announcements that stand on the broker. Those of the other discovery form
/// are migrated, others that are no more are cleared.
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
