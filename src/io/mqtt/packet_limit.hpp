// Keeps the Paho library from allocating memory for packets above a limit. The library allocates what the
// fixed header announces, up to 256 MiB, before any of it was received. With Debian's static archive of Paho
// the linker redirects its calls of connect, recv, SSL_read and close to our functions (packet_limit.cpp,
// CMake option BAMBU2MQTT_PACKET_LIMIT); they parse the framing of each connection and fail the read that
// completes the header of a refused packet. Paho then closes the connection as broken.
#pragma once

#include "io/mqtt/packet_framing.hpp"

#include <memory>
#include <optional>
#include <string>

namespace bambu2mqtt {

/// Refusals on the connections to one endpoint; thread-safe.
class PacketWatch;

/// False in builds without BAMBU2MQTT_PACKET_LIMIT: then nothing is limited here.
[[nodiscard]] bool packets_are_limited() noexcept;

/// Bounds the packets that arrive on connections made to this endpoint while the result exists. `uri` as in
/// MqttOptions: "tcp://192.168.1.5:1883", "ssl://[::1]:8883", "ssl://broker.lan:8883". Where the host is a
/// name, which only the library looks up, every connection to that port is bounded that no other call names
/// by its address. Null for text of another form, or where packets are not limited. A later call for the same
/// endpoint replaces the bound for connections made from then on.
[[nodiscard]] std::shared_ptr<PacketWatch> limit_packets(const std::string& uri, const PacketBounds& bounds);

/// Why a connection to this endpoint was closed, as text; nothing if no packet was refused. `watch` may be
/// null.
[[nodiscard]] std::optional<std::string> refused_packet(const PacketWatch* watch);

} // namespace bambu2mqtt
