// How a printer's broker is logged in to: the same for the gateway's session and for the checks of doctor.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>
#include <bambu2mqtt/io/tls/identity.hpp>

#include <string>

namespace bambu2mqtt {

/// Login and TLS at a numeric address; nothing is sent unless the server is `peer`.
[[nodiscard]] MqttOptions printer_login(const PrinterConfig& printer, const std::string& address,
                                        std::string client_id, const TrustedPeer& peer);

/// True if the printer does not accept user name or access code: CONNACK 4 or 5 (MQTT 3.1.1, 3.2.2.3).
[[nodiscard]] bool refuses_access_code(const ConnectFailure& failure);

} // namespace bambu2mqtt
