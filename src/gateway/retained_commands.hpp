// Commands that somebody published with the retain flag: the gateway clears them.
#pragma once

#include <bambu2mqtt/port/events.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// Tells the gateway's own clearing messages from commands. Pure.
class RetainedCommands {
  public:
    /// A new broker session. `tells_retained`: as in BrokerUp; without it (MQTT 3.1.1) the broker sends our
    /// own clearing back as a command without arguments.
    void broker_up(bool tells_retained) noexcept {
        tells_retained_ = tells_retained;
        pending_.clear();
    }

    /// A retained message on `topic` is going to be cleared.
    void clearing(std::string topic) {
        if (!tells_retained_) {
            pending_.push_back(std::move(topic));
        }
    }

    /// Whether a message is our own clearing that came back; each is expected once.
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
    bool tells_retained_ = false;
};

} // namespace bambu2mqtt
