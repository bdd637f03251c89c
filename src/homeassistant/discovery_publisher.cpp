#include <bambu2mqtt/homeassistant/discovery_publisher.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace bambu2mqtt {

namespace {

std::size_t hash_of(const std::vector<Message>& messages) {
    std::size_t result = messages.size();
    for (const auto& message : messages) {
        result = result * 31 + std::hash<std::string>{}(message.topic);
        result = result * 31 + std::hash<std::string>{}(message.payload);
    }
    return result;
}

void add_missing(std::vector<AnnouncedComponent>& to, const std::vector<AnnouncedComponent>& from) {
    for (const auto& component : from) {
        if (std::ranges::find(to, component) == to.end()) {
            to.push_back(component);
        }
    }
}

} // namespace

void Announcer::found(std::vector<Message> messages) {
    const std::vector<std::string> serials{names_.serial};
    ready_.clear();
    found_.clear();
    for (const auto& message : messages) {
        const auto own = own_discovery(message.topic, message.payload, settings_, serials);
        if (!own) {
            continue;
        }
        found_[message.topic] = own->identifier;
        if (own->device_form && !settings_.per_component) {
            add_missing(known_[own->identifier].components, announced_components(message.payload));
        }
    }
}

std::vector<std::string> Announcer::topics() const {
    std::set<std::string> all;
    for (const auto& [identifier, known] : known_) {
        all.insert(known.topics.begin(), known.topics.end());
    }
    for (const auto& [topic, identifier] : found_) {
        all.insert(topic);
    }
    return {all.begin(), all.end()};
}

void Announcer::review(const Layout& layout, bool again) {
    again_ = again_ || again;
    const auto devices = devices_of(layout);
    waiting_.assign(devices.begin(), devices.end());
    if (again) {
        review_at_.reset();
    }
}

std::optional<Message> Announcer::next(const Facts& facts, const Layout& layout, bool complete,
                                       bool& changed) {
    while (ready_.empty() && !waiting_.empty()) {
        const auto device = std::move(waiting_.front());
        waiting_.pop_front();
        announce(device, facts, layout, complete, changed);
        again_ = again_ && !waiting_.empty();
    }
    if (ready_.empty() && settling_) {
        settling_ = false;
        sweep(layout);
    }
    if (ready_.empty()) {
        return std::nullopt;
    }
    auto message = std::move(ready_.front());
    ready_.pop_front();
    return message;
}

void Announcer::announce(const DeviceKey& device, const Facts& facts, const Layout& layout, bool complete,
                         bool& changed) {
    auto announcement = announce_device(device, names_, facts, layout, templates_, settings_);
    auto& known = known_[announcement.identifier];
    const bool is_retained = std::ranges::any_of(
        found_, [&](const auto& found) { return found.second == announcement.identifier; });
    const bool published_before = known.hash == 0 && is_retained;
    if (!facts.complete && published_before) {
        return; // an earlier run knew more of this printer than we do; wait for its reports
    }
    const auto hash = hash_of(announcement.messages);
    // While the state is incomplete, more may have been published than is known now.
    const bool to_take_back = complete && known.components.size() > announcement.components.size();
    if (hash == known.hash && !again_ && !to_take_back) {
        return;
    }
    changed = changed || (known.hash != 0 && hash != known.hash);
    auto finish = begin_migration(announcement.identifier);

    const auto removed = removed_components(known.components, announcement.components);
    if (complete && !removed.empty() && !settings_.per_component && !announcement.messages.empty()) {
        if (auto reduced = removal_form(announcement.messages.front().payload, removed)) {
            ready_.push_back(Message{announcement.messages.front().topic, *std::move(reduced)});
        }
    }
    std::vector<std::string> topics;
    for (const auto& message : announcement.messages) {
        topics.push_back(message.topic);
    }
    for (const auto& topic : known.topics) {
        if (std::ranges::find(topics, topic) != topics.end()) {
            continue;
        }
        if (complete) {
            ready_.push_back(Message{topic, ""});
        } else {
            topics.push_back(topic);
        }
    }
    std::ranges::move(announcement.messages, std::back_inserter(ready_));
    std::ranges::move(finish, std::back_inserter(ready_));
    known.hash = hash;
    known.topics = std::move(topics);
    if (complete) {
        known.components = std::move(announcement.components);
    } else {
        add_missing(known.components, announcement.components);
    }
}

/// Switching the discovery form keeps the entities in Home Assistant's registry. Returns the messages to send
/// after the new ones.
std::vector<Message> Announcer::begin_migration(const std::string& identifier) {
    std::vector<Message> finish;
    for (const auto& [topic, owner] : found_) {
        const auto own = parse_discovery_topic(topic, settings_.prefix);
        if (owner == identifier && own && own->is_device_form() == settings_.per_component) {
            auto steps = migration(topic);
            ready_.push_back(std::move(steps.start));
            finish.push_back(std::move(steps.finish));
        }
    }
    for (const auto& message : finish) {
        found_.erase(message.topic);
    }
    return finish;
}

void Announcer::remove_stale_topics(const Layout& layout) {
    review(layout, false);
    settling_ = true;
}

void Announcer::cancel() {
    waiting_.clear();
    settling_ = false;
}

/// Clears the messages of devices that no longer exist, and found messages that are not published any more.
void Announcer::sweep(const Layout& layout) {
    std::vector<std::string> wanted;
    for (const auto& device : devices_of(layout)) {
        wanted.push_back(device_identifier(names_.serial, device));
    }
    for (auto known = known_.begin(); known != known_.end();) {
        if (std::ranges::find(wanted, known->first) != wanted.end()) {
            ++known;
            continue;
        }
        for (const auto& topic : known->second.topics) {
            ready_.push_back(Message{topic, ""});
        }
        known = known_.erase(known);
    }
    for (const auto& [topic, identifier] : std::exchange(found_, {})) {
        const auto known = known_.find(identifier);
        const bool announced = known != known_.end() &&
                               std::ranges::find(known->second.topics, topic) != known->second.topics.end();
        if (!announced) {
            ready_.push_back(Message{topic, ""});
        }
    }
}

} // namespace bambu2mqtt
