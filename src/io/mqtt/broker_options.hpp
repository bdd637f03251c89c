// How the user's broker is reached: the same for the gateway's session and for the checks of doctor.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>
#include <bambu2mqtt/io/tls/tls_handshake.hpp>

#include <string>

namespace bambu2mqtt {

/// True if the URI has the name of the broker instead of an address: with TLS Paho compares the certificate
/// with the host in the URI and sends it as SNI. Otherwise it has the address, as Paho resolves names while
/// it holds the lock of all clients.
[[nodiscard]] bool name_in_uri(const BrokerConfig& broker);

/// Login, TLS and limits as configured, without a will. `address`: of the broker's host.
[[nodiscard]] MqttOptions broker_options(const BrokerConfig& broker, const std::string& address,
                                         MqttVersion version);

/// A connection, or with TLS a handshake, that shows why there is no session.
[[nodiscard]] ProbeTarget broker_probe(const BrokerConfig& broker, const std::string& address);

} // namespace bambu2mqtt
