#include "gateway/retained_commands.hpp"

#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/topic/topic_text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace bambu2mqtt {

bool RetainedCommands::begin_clearing(const std::string& topic, std::size_t outbox_size) {
    constexpr std::size_t largest_outbox = 1500; // printers have up to 400 topics
    if (!is_topic(topic) || topic.size() > longest_topic || pending_.size() >= most_pending ||
        outbox_size >= largest_outbox) {
        return false;
    }
    if (!retain_as_published_) {
        pending_.push_back(topic);
    }
    return true;
}

bool RetainedCommands::is_own_clear(const BrokerMessage& message) {
    const auto found = std::ranges::find(pending_, message.topic);
    if (!message.payload.empty() || found == pending_.end()) {
        return false;
    }
    pending_.erase(found);
    return true;
}

std::string ignored_as_retained(const std::string& topic) {
    return fmt::format("a retained message on {} is ignored and cleared: commands must not be retained",
                       sanitize_for_log(topic));
}

} // namespace bambu2mqtt
