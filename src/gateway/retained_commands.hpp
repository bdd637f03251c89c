// Commands that were published with the retain flag: the gateway clears them.
#pragma once

#include <bambu2mqtt/port/events.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// Distinguishes the gateway's own clearing messages from commands. Pure.
class RetainedCommands {
  public:
    /// The most topics whose clearing is awaited at the same time. Further retained commands are ignored and
    /// not cleared, so that clients cannot fill the gateway's memory with their topics.
    static constexpr std::size_t most_pending = 256;
    static constexpr std::size_t longest_topic = 512; ///< the same

    /// A new broker session. `retain_as_published`: as in BrokerUp; without it (MQTT 3.1.1) the broker sends
    /// our own clearing back as a command without arguments.
    void broker_up(bool retain_as_published) noexcept {
        retain_as_published_ = retain_as_published;
        pending_.clear();
    }

    /// Whether a retained message on `topic` is to be cleared now, while the outbox has so many topics. Not
    /// if clients may not publish on it: some brokers forward such topics.
    [[nodiscard]] bool begin_clearing(const std::string& topic, std::size_t outbox_size);

    /// Whether a message is one of our own clearing messages; each is expected once.
    [[nodiscard]] bool is_own_clear(const BrokerMessage& message);

  private:
    std::vector<std::string> pending_; ///< topics whose clearing has not come back
    bool retain_as_published_ = false;
};

/// A line for the log about a retained message on `topic`.
[[nodiscard]] std::string ignored_as_retained(const std::string& topic);

} // namespace bambu2mqtt
