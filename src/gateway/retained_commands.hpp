// Commands that were published with the retain flag: the gateway clears them.
#pragma once

#include <bambu2mqtt/port/events.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// Distinguishes the gateway's own clearing messages from commands. Pure.
class RetainedCommands {
  public:
    /// The most topics whose clearing is awaited at the same time. Further retained commands are ignored and
    /// not cleared, so that clients cannot fill the gateway's memory with their topics.
    static constexpr std::size_t most_pending = 256;
    static constexpr std::size_t longest_topic = 512; ///< the same

    /// Whether a retained message on `topic` is to be cleared, while the outbox has so many topics.
    [[nodiscard]] bool may_clear(const std::string& topic, std::size_t outbox_size) const {
        constexpr std::size_t largest_outbox = 1500; // printers have up to 400 topics
        return topic.size() <= longest_topic && pending_.size() < most_pending &&
               outbox_size < largest_outbox;
    }

    /// A new broker session. `retain_as_published`: as in BrokerUp; without it (MQTT 3.1.1) the broker sends
    /// our own clearing back as a command without arguments.
    void broker_up(bool retain_as_published) noexcept {
        retain_as_published_ = retain_as_published;
        pending_.clear();
    }

    /// A retained message on `topic` is going to be cleared.
    void clearing(std::string topic) {
        if (!retain_as_published_) {
            pending_.push_back(std::move(topic));
        }
    }

    /// Whether a message is one of our own clearing messages; each is expected once.
    [[nodiscard]] bool is_own_clear(const BrokerMessage& message) {
        const auto found = std::ranges::find(pending_, message.topic);
        if (!message.payload.empty() || found == pending_.end()) {
            return false;
        }
        pending_.erase(found);
        return true;
    }

  private:
    std::vector<std::string> pending_; ///< topics whose clearing has not come back
    bool retain_as_published_ = false;
};

} // namespace bambu2mqtt
