// Responses to clients as messages, and where a client wants its own.
#pragma once

#include <bambu2mqtt/command/command_request.hpp>
#include <bambu2mqtt/command/response_queue.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/topic/response_topic.hpp>

#include <string>
#include <vector>

namespace bambu2mqtt {

/// Where the response to `message` is published besides the common topic; a response topic that is not
/// allowed is the `problem` of the address.
[[nodiscard]] ReturnAddress return_address(const BrokerMessage& message, const ResponseTopics& settings);

/// Where responses may be published, by the configuration.
[[nodiscard]] ResponseTopics response_topics_of(const BridgeSettings& settings);

/// A response on `topic`, and on the response topics of its senders. If one of these cannot be used, `note`
/// on `topic` says why. `topic` may be empty: only for its senders.
[[nodiscard]] std::vector<Message> response_messages(const CommandResponse& response,
                                                     const std::string& topic);

} // namespace bambu2mqtt
