#include "io/mqtt/packet_framing.hpp"

#include <algorithm>

namespace bambu2mqtt {

namespace {

constexpr unsigned most_length_bytes = 4;
constexpr unsigned bits_of_length_byte = 7;
constexpr unsigned char length_goes_on = 0x80;

constexpr unsigned kind_connack = 2;
constexpr unsigned kind_publish = 3;
constexpr unsigned kind_puback = 4;
constexpr unsigned kind_suback = 9;
constexpr unsigned kind_unsuback = 11;
constexpr unsigned kind_pingresp = 13;
constexpr unsigned kind_disconnect = 14;

[[nodiscard]] constexpr unsigned kind_of(unsigned char first) noexcept {
    return first >> 4U;
}

[[nodiscard]] constexpr unsigned qos_of(unsigned char first) noexcept {
    return (first >> 1U) & 3U;
}

/// Whether a server sends this to a client that uses QoS 0 and 1 and no enhanced authentication.
[[nodiscard]] constexpr bool comes_from_server(unsigned kind) noexcept {
    return kind == kind_connack || kind == kind_publish || kind == kind_puback || kind == kind_suback ||
           kind == kind_unsuback || kind == kind_pingresp || kind == kind_disconnect;
}

/// The byte at a position in `length` bytes of user properties: pieces of 32 KiB, the last one shorter. Each
/// has the name "x" and a value of spaces.
[[nodiscard]] unsigned char filler(std::uint64_t at, std::uint64_t length) {
    constexpr std::uint64_t piece = 32UL * 1024;
    constexpr std::uint64_t around_value = 6; // identifier, length and text of the name, length of the value
    const std::uint64_t last = length / piece - 1;
    const std::uint64_t index = std::min(at / piece, last);
    const std::uint64_t value = (index == last ? length - last * piece : piece) - around_value;
    switch (at - index * piece) {
    case 0:
        return 0x26; // User Property
    case 1:
        return 0;
    case 2:
        return 1;
    case 3:
        return 'x';
    case 4:
        return static_cast<unsigned char>(value >> 8U);
    case 5:
        return static_cast<unsigned char>(value & 0xFFU);
    default:
        return ' ';
    }
}

} // namespace

std::optional<RefusedPacket> PacketFraming::take(std::span<unsigned char> bytes) {
    while (!bytes.empty() && !refused_) {
        switch (expects_) {
        case Expects::header:
            take_header(bytes.front());
            bytes = bytes.subspan(1);
            break;
        case Expects::length:
            take_length(bytes.front());
            bytes = bytes.subspan(1);
            break;
        case Expects::topic_length:
        case Expects::properties_length:
            take_number(bytes.front());
            bytes = bytes.subspan(1);
            break;
        case Expects::topic:
        case Expects::properties:
            pass(bytes, part_);
            if (part_ == 0) {
                expects_ = expects_ == Expects::topic ? Expects::properties_length : Expects::content;
                length_bytes_ = 0;
            }
            break;
        case Expects::content: {
            std::uint64_t left = length_;
            pass(bytes, left);
            break;
        }
        }
        if (length_ == 0 && expects_ > Expects::length) { // also where the content is shorter than it says
            expects_ = Expects::header;
        }
    }
    return refused_;
}

void PacketFraming::take_header(unsigned char byte) {
    first_ = byte;
    length_ = 0;
    length_bytes_ = 0;
    expects_ = Expects::length;
    if (!comes_from_server(kind_of(byte))) {
        refused_ = RefusedPacket{.why = RefusedPacket::Why::kind, .first = byte};
    } else if (kind_of(byte) == kind_publish && qos_of(byte) > bounds_.highest_qos) {
        refused_ = RefusedPacket{.why = RefusedPacket::Why::qos, .first = byte};
    }
}

void PacketFraming::take_length(unsigned char byte) {
    length_ |= static_cast<std::uint64_t>(byte & ~length_goes_on) << (bits_of_length_byte * length_bytes_);
    ++length_bytes_;
    if ((byte & length_goes_on) != 0) {
        if (length_bytes_ == most_length_bytes) {
            refused_ = RefusedPacket{.why = RefusedPacket::Why::length, .first = first_};
        }
        return;
    }
    const bool message = kind_of(first_) == kind_publish;
    const auto largest = message ? bounds_.largest : std::min(bounds_.largest, PacketBounds::largest_other);
    if (length_ > largest) {
        refused_ = RefusedPacket{
            .why = RefusedPacket::Why::size, .size = length_, .largest = largest, .first = first_};
        return;
    }
    part_ = 0;
    length_bytes_ = 0;
    expects_ = message && bounds_.has_properties ? Expects::topic_length : Expects::content;
    if (length_ == 0) {
        expects_ = Expects::header;
    }
}

/// A byte of the length of the topic (two bytes, the high one first) or of the properties (as in the header).
void PacketFraming::take_number(unsigned char byte) {
    --length_;
    ++length_bytes_;
    if (expects_ == Expects::topic_length) {
        part_ = (part_ << 8U) | byte;
        if (length_bytes_ == 2) {
            constexpr std::uint64_t packet_identifier = 2;
            part_ += qos_of(first_) > 0 ? packet_identifier : 0;
            expects_ = part_ > 0 ? Expects::topic : Expects::properties_length;
            length_bytes_ = 0;
        }
        return;
    }
    part_ |= static_cast<std::uint64_t>(byte & ~length_goes_on)
             << (bits_of_length_byte * (length_bytes_ - 1));
    if ((byte & length_goes_on) == 0) {
        properties_ = part_;
        expects_ = part_ > 0 ? Expects::properties : Expects::content;
    } else if (length_bytes_ == most_length_bytes) {
        refused_ = RefusedPacket{.why = RefusedPacket::Why::length, .first = first_};
    }
}

/// Skips the available part of the `left` bytes of the packet.
void PacketFraming::pass(std::span<unsigned char>& bytes, std::uint64_t& left) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>({left, length_, bytes.size()}));
    if (expects_ == Expects::properties && properties_ > PacketBounds::largest_properties) {
        overwrite(bytes.first(count));
    }
    bytes = bytes.subspan(count);
    left -= count;
    length_ -= count;
}

void PacketFraming::overwrite(std::span<unsigned char> bytes) const {
    std::uint64_t at = properties_ - part_;
    for (auto& byte : bytes) {
        byte = filler(at++, properties_);
    }
}

} // namespace bambu2mqtt
