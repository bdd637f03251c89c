// Additional topics for the outcome of a command besides B/P/response. With MQTT 5 the sender names that
// topic, and the gateway publishes there with its own rights at the broker. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// Configuration of response topics.
struct ResponseTopics {
    std::string base_topic = "bambu2mqtt";
    std::string discovery_prefix = "homeassistant";
    std::string status_topic = "homeassistant/status";
    std::vector<std::string> filters{}; ///< broker.response_topics; empty: only BASE/response/#
    bool operator==(const ResponseTopics&) const = default;
};

/// Limits of a response topic: bytes and levels. Mosquitto ends the session of a client that publishes on a
/// topic with more than 200 levels.
inline constexpr std::size_t longest_response_topic = 256;
inline constexpr std::size_t deepest_response_topic = 16;

/// Why no outcome is published on `topic`, as text for the `note` of the outcome; nothing if it is allowed.
/// Whatever the filters are, nothing is published below the discovery prefix, at or below the status topic,
/// on topics that begin with "$", and below BASE except in BASE/response/#.
[[nodiscard]] std::optional<std::string> response_topic_problem(std::string_view topic,
                                                                const ResponseTopics& settings);

} // namespace bambu2mqtt
