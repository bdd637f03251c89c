#include <bambu2mqtt/session/announcer.hpp>

#include <algorithm>
#include <functional>
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
    for (const auto& message : messages) {
        const auto own = own_discovery(message.topic, message.payload, settings_, serials);
        if (!own) {
            continue;
        }
        found_[message.topic] = own->identifier;
        if (own->device_form) {
            add_missing(known_[own->identifier].components, announced_components(message.payload));
        }
    }
}

void Announcer::review(const Layout& layout, bool again) {
    again_ = again_ || again;
    const auto devices = devices_of(layout);
    waiting_.assign(devices.begin(), devices.end());
    review_at_.reset();
}

std::optional<Message> Announcer::next(const Facts& facts, const Layout& layout, bool complete, bool& changed) {
    while (ready_.empty() && !waiting_.empty()) {
        const auto device = std::move(waiting_.front());
        waiting_.pop_front();
        announce(device, facts, layout, complete, changed);
        again_ = again_ && !waiting_.empty();
    }
    if (ready_.empty()) {
        return std::nullopt;
    }
    auto message = std::move(ready_.front());
    ready_.pop_front();
    return message;
}

void Announcer::announce(const DeviceKey& device, const Facts& facts, const Layout& layout, bool complete, bool& changed) {
    auto announcement = announce_device(device, names_, facts, layout, templates_, settings_);
    auto& known = known_[announcement.identifier];
    const bool heard_before = known.hash == 0 && !known.components.empty();
    if (!facts.complete && heard_before) {
        return; // an earlier run knew more of this printer than we do; leave it until the printer has spoken
    }
    const auto hash = hash_of(announcement.messages);
    if (hash == known.hash && !again_) {
        return;
    }
    changed = changed || (known.hash != 0 && hash != known.hash);

    // From one discovery form to the other the entities keep their place in Home Assistant's registry.
    std::vector<Message> finish;
    for (const auto& [topic, identifier] : found_) {
        const auto own = parse_discovery_topic(topic, settings_.prefix);
        if (identifier == announcement.identifier && own && own->is_device_form() == settings_.per_component) {
            const auto steps = migration(topic);
            ready_.push_back(steps.start);
            finish.push_back(steps.finish);
        }
    }
    for (const auto& message : finish) {
        found_.erase(message.topic);
    }

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
    if (complete && settings_.per_component) {
        for (const auto& topic : known.topics) {
            if (std::ranges::find(topics, topic) == topics.end()) {
                ready_.push_back(Message{topic, ""});
            }
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

void Announcer::settle(const Layout& layout) {
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
    for (auto found = found_.begin(); found != found_.end();) {
        const auto known = known_.find(found->second);
        const bool announced = known != known_.end() &&
                               std::ranges::find(known->second.topics, found->first) != known->second.topics.end();
        const bool still_to_come = known != known_.end() && known->second.topics.empty();
        if (!announced && !still_to_come) {
            ready_.push_back(Message{found->first, ""});
        }
        found = still_to_come ? std::next(found) : found_.erase(found);
    }
}

} // namespace bambu2mqtt
