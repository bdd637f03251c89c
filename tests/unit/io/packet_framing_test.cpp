// MQTT packets found in byte streams, in pieces of any size.
#include "io/mqtt/packet_framing.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bambu2mqtt {
namespace {

using Bytes = std::vector<unsigned char>;

/// A packet with this many bytes after its fixed header, its length in the shortest form.
Bytes packet_of(std::uint32_t size) {
    Bytes bytes{0x30};
    for (std::uint32_t left = size;;) {
        const auto low = static_cast<unsigned char>(left & 0x7F);
        left >>= 7;
        bytes.push_back(left == 0 ? low : static_cast<unsigned char>(low | 0x80));
        if (left == 0) {
            break;
        }
    }
    bytes.resize(bytes.size() + size, 0xFF); // 0xFF would be a bad length and a bad header
    return bytes;
}

Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// The first refusal when the bytes come in pieces of this size, and after how many bytes.
struct Fed {
    std::optional<RefusedPacket> refused;
    std::size_t taken = 0;
};

Fed feed(std::uint64_t largest, const Bytes& bytes, std::size_t piece) {
    PacketFraming framing{largest};
    Fed fed;
    while (fed.taken < bytes.size() && !fed.refused) {
        const auto count = std::min(piece, bytes.size() - fed.taken);
        fed.refused = framing.take(std::span(bytes).subspan(fed.taken, count));
        fed.taken += count;
    }
    return fed;
}

constexpr std::uint64_t mebibyte = 1024 * 1024;

} // namespace

TEST_CASE("packets up to the limit pass, in pieces of any size") {
    const Bytes stream = packet_of(0) + packet_of(1) + packet_of(127) + packet_of(128) + packet_of(16384) +
                         packet_of(300) + packet_of(0) + packet_of(2);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{127},
                                    std::size_t{1000}, stream.size()}) {
        CAPTURE(piece);
        const auto fed = feed(16384, stream, piece);
        CHECK_FALSE(fed.refused.has_value());
        CHECK(fed.taken == stream.size());
    }
}

TEST_CASE("a packet one byte above the limit is refused at the last byte of its length") {
    const Bytes good = packet_of(300);
    const Bytes stream = good + packet_of(16385);
    const auto fed = feed(16384, stream, 1);
    REQUIRE(fed.refused.has_value());
    CHECK(fed.refused->size == 16385);
    CHECK(fed.taken == good.size() + 4); // header, and a length of three bytes
    for (const std::size_t piece : {std::size_t{2}, std::size_t{5}, stream.size()}) {
        CHECK(feed(16384, stream, piece).refused.has_value());
    }
}

TEST_CASE("the largest possible MQTT packet is refused by its header, and the stream stays refused") {
    const Bytes header{0x30, 0xFF, 0xFF, 0xFF, 0x7F};
    PacketFraming framing{mebibyte};
    const auto refused = framing.take(header);
    REQUIRE(refused.has_value());
    CHECK(refused->size == 268'435'455);
    const Bytes small = packet_of(2);
    CHECK(framing.take(small).has_value());
    CHECK_FALSE(PacketFraming{268'435'455}.take(header).has_value());
}

TEST_CASE("a length of more than four bytes is malformed") {
    const Bytes header{0x30, 0x80, 0x80, 0x80, 0x80, 0x01};
    for (const std::size_t piece : {std::size_t{1}, header.size()}) {
        const auto fed = feed(268'435'455, header, piece);
        REQUIRE(fed.refused.has_value());
        CHECK(fed.refused->size == 0);
    }
}

TEST_CASE("a length with superfluous bytes is decoded") {
    const Bytes stream = Bytes{0x30, 0x81, 0x80, 0x00, 0x55} + packet_of(5);
    CHECK_FALSE(feed(5, stream, 1).refused.has_value());
    CHECK(feed(4, stream, 1).refused->size == 5);
}

} // namespace bambu2mqtt
