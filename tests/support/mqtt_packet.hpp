#pragma once
// Just enough of MQTT 3.1.1 for servers of tests that misbehave on purpose.

#include "support/tls_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bambu2mqtt::test_support {

inline constexpr unsigned char connect_packet = 0x10;
inline constexpr unsigned char subscribe_packet = 0x80;
inline constexpr unsigned char unsubscribe_packet = 0xA0;

/// A packet without its length: first byte, and what follows the fixed header.
struct MqttPacket {
    unsigned char first = 0;
    std::string content{};

    [[nodiscard]] unsigned char type() const { return first & 0xF0; }
};

/// Reads one packet; false at the end of the connection.
[[nodiscard]] bool read_packet(TlsStream& stream, MqttPacket& packet);

/// The answer to a CONNECT: accepted.
[[nodiscard]] std::string connack();

/// The answer to a SUBSCRIBE of one filter; `code`: 0 to 2 granted, 0x80 refused.
[[nodiscard]] std::string suback(const MqttPacket& subscribe, unsigned char code = 0);

/// The answer to an UNSUBSCRIBE.
[[nodiscard]] std::string unsuback(const MqttPacket& unsubscribe);

/// Fixed header and topic of a PUBLISH with QoS 0 whose remaining length is `size`.
[[nodiscard]] std::string publish_header(std::uint32_t size, std::string_view topic);

/// A whole PUBLISH with QoS 0.
[[nodiscard]] std::string publish_packet(std::string_view topic, std::string_view payload);

} // namespace bambu2mqtt::test_support
