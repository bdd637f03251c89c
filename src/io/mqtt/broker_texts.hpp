// Texts about the user's broker: in the words of the configuration file.
#pragma once

#include <bambu2mqtt/config/config.hpp>

#include <string>

namespace bambu2mqtt {

/// The broker as `broker.url` names it: "mqtts://nas.lan:8883".
[[nodiscard]] std::string broker_url(const BrokerConfig& broker);

/// Why the broker refused the login, by its CONNACK code (MQTT 3.1.1, 3.2.2.3; MQTT 5, 3.2.2.2), and which
/// keys to check.
[[nodiscard]] std::string login_refusal(const BrokerConfig& broker, int code);

} // namespace bambu2mqtt
