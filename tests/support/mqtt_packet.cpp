#include "support/mqtt_packet.hpp"

namespace bambu2mqtt::test_support {

bool read_packet(TlsStream& stream, MqttPacket& packet) {
    const auto byte = [&](unsigned char& into) {
        char one = 0;
        const bool read = stream.read(&one, 1) == 1;
        into = static_cast<unsigned char>(one);
        return read;
    };
    if (!byte(packet.first)) {
        return false;
    }
    std::size_t length = 0;
    unsigned char part = 0x80;
    for (unsigned shift = 0; (part & 0x80) != 0 && shift < 28; shift += 7) {
        if (!byte(part)) {
            return false;
        }
        length |= static_cast<std::size_t>(part & 0x7F) << shift;
    }
    packet.content.resize(length);
    for (std::size_t at = 0; at < length;) {
        const auto count = stream.read(packet.content.data() + at, length - at);
        if (count == 0) {
            return false;
        }
        at += count;
    }
    return true;
}

std::string connack() {
    return {'\x20', '\x02', '\0', '\0'};
}

std::string suback(const MqttPacket& subscribe, unsigned char code) {
    return {'\x90', '\x03', subscribe.content.at(0), subscribe.content.at(1), static_cast<char>(code)};
}

std::string unsuback(const MqttPacket& unsubscribe) {
    return {'\xB0', '\x02', unsubscribe.content.at(0), unsubscribe.content.at(1)};
}

std::string publish_header(std::uint32_t size, std::string_view topic) {
    std::string header{"\x30"};
    for (std::uint32_t left = size; header.size() == 1 || left != 0;) {
        const std::uint32_t low = left & 0x7F;
        left >>= 7;
        header += static_cast<char>(left == 0 ? low : low | 0x80);
    }
    header += static_cast<char>(topic.size() >> 8);
    header += static_cast<char>(topic.size() & 0xFF);
    header += topic;
    return header;
}

std::string publish_packet(std::string_view topic, std::string_view payload) {
    auto packet = publish_header(static_cast<std::uint32_t>(2 + topic.size() + payload.size()), topic);
    packet += payload;
    return packet;
}

} // namespace bambu2mqtt::test_support
