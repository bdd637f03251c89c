#pragma once
// What a broker does where MQTT leaves it open, or where it departs from MQTT: measured with plain clients.

#include "interop/broker_server.hpp"

#include <string>

namespace bambu2mqtt::interop {

struct BrokerTraits {
    std::string versions{}; ///< of MQTT: "5, 3.1.1"
    bool retained_for_topic = false;
    bool retained_for_wildcard = false;
    bool marker_after_retained = false; ///< the client's next message is delivered after the retained ones
    bool clears_retained = false;       ///< an empty retained message clears
    std::string dot{};                  ///< what is made of "a.b" in a topic
    std::string space{};                ///< what is made of "a b" in a topic
};

/// Needs all nodes of the server running. Leaves no retained messages.
[[nodiscard]] BrokerTraits survey(const BrokerServer& server);

/// The row of the table in docs/brokers.md.
[[nodiscard]] std::string table_row(const std::string& title, const BrokerTraits& traits);

} // namespace bambu2mqtt::interop
