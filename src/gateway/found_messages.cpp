#include <bambu2mqtt/gateway/found_messages.hpp>
#include <bambu2mqtt/homeassistant/retained_cleanup.hpp>

#include <limits>
#include <utility>

namespace bambu2mqtt {

namespace {

/// Bytes that a topic takes in the containers it goes through.
constexpr std::size_t around_topic = 128;

constexpr std::size_t former_printer = std::numeric_limits<std::size_t>::max();

} // namespace

void FoundMessages::serves(const std::string& serial, const std::string& id,
                           const std::vector<std::string>& former_ids) {
    owners_.insert_or_assign(id, printers_);
    owners_.insert_or_assign(serial, printers_);
    for (const auto& former_id : former_ids) {
        owners_.emplace(former_id, printers_);
    }
    serials_.push_back(serial);
    ++printers_;
    found_.of_printers.resize(printers_);
}

void FoundMessages::served(const std::string& serial, const std::string& id) {
    owners_.emplace(id, former_printer);
    owners_.emplace(serial, former_printer);
    serials_.push_back(serial);
    ++former_;
}

void FoundMessages::take(const BrokerMessage& message) {
    const auto below_base = settings_.base_topic + "/";
    if (message.topic.starts_with(below_base)) {
        const auto from = below_base.size();
        const auto owner = message.topic.substr(from, message.topic.find('/', from) - from);
        if (owners_.contains(owner) &&
            owns_state_topic(message.topic, settings_.base_topic, std::vector{owner})) {
            keep(owner, Message{message.topic, {}}, true); // of a state only its topic matters
        }
        return;
    }
    if (message.payload.size() > largest_announcement) {
        return;
    }
    const auto own = own_discovery(message.topic, message.payload, settings_, serials_);
    if (!own) {
        return;
    }
    if (!own->serial.empty()) {
        keep(own->serial, Message{message.topic, message.payload}, false);
    } else if (has_room(message.topic.size())) {
        found_.of_bridge.push_back(message.topic);
    }
}

void FoundMessages::keep(std::string_view owner, Message message, bool is_state) {
    const auto found = owners_.find(std::string{owner});
    if (found == owners_.end() || !has_room(message.topic.size() + message.payload.size())) {
        return;
    }
    if (found->second != former_printer) {
        found_.of_printers[found->second].push_back(std::move(message));
        return;
    }
    message.payload.clear(); // it is cleared, whatever its value
    (is_state ? found_.of_former_states : found_.of_former_announcements).push_back(std::move(message));
}

bool FoundMessages::has_room(std::size_t bytes) {
    const auto most = most_bytes + (printers_ + former_) * most_bytes_per_printer;
    bytes += around_topic;
    if (bytes_ + bytes > most) {
        ++found_.left_out;
        return false;
    }
    bytes_ += bytes;
    return true;
}

FoundMessages::Found FoundMessages::found() {
    bytes_ = 0;
    auto result = std::exchange(found_, {});
    found_.of_printers.resize(printers_);
    return result;
}

} // namespace bambu2mqtt
