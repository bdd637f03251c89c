// What a PUBLISH packet may hold, and its size (MQTT 5, 2.1 and 3.3).
#pragma once

#include <cstddef>
#include <string_view>

namespace bambu2mqtt {

inline constexpr std::size_t longest_mqtt_text = 65535;         ///< bytes; also of binary data
inline constexpr std::size_t largest_packet_ever = 268'435'460; ///< bytes, with the fixed header

/// True if messages can be published on this topic, as far as Paho does not check it itself.
[[nodiscard]] constexpr bool is_publish_topic(std::string_view topic) noexcept {
    constexpr std::string_view forbidden("+#\0", 3);
    return !topic.empty() && topic.size() <= longest_mqtt_text &&
           topic.find_first_of(forbidden) == std::string_view::npos;
}

/// Bytes of an MQTT variable byte integer (MQTT 5, 1.5.5), which has at most four.
[[nodiscard]] constexpr std::size_t variable_length(std::size_t value) noexcept {
    constexpr std::size_t per_byte = 128;
    std::size_t bytes = 1;
    for (; value >= per_byte; value /= per_byte) {
        ++bytes;
    }
    return bytes;
}

/// Bytes of a whole MQTT 5 PUBLISH packet with its fixed header, as the server's Maximum Packet Size counts
/// them (MQTT 5, 3.2.2.3.6). `correlation`: the only property that this program sends; empty: none.
/// `acknowledged`: QoS 1 or 2, with a packet identifier.
[[nodiscard]] constexpr std::size_t publish_size(std::string_view topic, std::string_view payload,
                                                 std::string_view correlation, bool acknowledged) noexcept {
    constexpr std::size_t length_field = 2; // of a text or of binary data
    const std::size_t properties = correlation.empty() ? 0 : 1 + length_field + correlation.size();
    const std::size_t remaining = length_field + topic.size() + (acknowledged ? 2 : 0) +
                                  variable_length(properties) + properties + payload.size();
    return 1 + variable_length(remaining) + remaining;
}

} // namespace bambu2mqtt
