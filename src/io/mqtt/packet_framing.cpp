#include "io/mqtt/packet_framing.hpp"

#include <algorithm>

namespace bambu2mqtt {

namespace {

constexpr unsigned most_length_bytes = 4;
constexpr unsigned bits_of_length_byte = 7;
constexpr unsigned char length_goes_on = 0x80;

} // namespace

std::optional<RefusedPacket> PacketFraming::take(std::span<const unsigned char> bytes) {
    while (!bytes.empty() && !refused_) {
        switch (expects_) {
        case Expects::header:
            expects_ = Expects::length;
            length_ = 0;
            length_bytes_ = 0;
            bytes = bytes.subspan(1);
            break;
        case Expects::length:
            take_length(bytes.front());
            bytes = bytes.subspan(1);
            break;
        case Expects::content: {
            const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(length_, bytes.size()));
            length_ -= part;
            bytes = bytes.subspan(part);
            expects_ = length_ == 0 ? Expects::header : Expects::content;
            break;
        }
        }
    }
    return refused_;
}

void PacketFraming::take_length(unsigned char byte) {
    length_ |= static_cast<std::uint64_t>(byte & ~length_goes_on) << (bits_of_length_byte * length_bytes_);
    ++length_bytes_;
    if ((byte & length_goes_on) != 0) {
        if (length_bytes_ == most_length_bytes) {
            refused_ = RefusedPacket{};
        }
        return;
    }
    if (length_ > largest_) {
        refused_ = RefusedPacket{length_};
        return;
    }
    expects_ = length_ == 0 ? Expects::header : Expects::content;
}

} // namespace bambu2mqtt
