// MQTT packets found in byte streams, in pieces of any size.
#include "io/mqtt/packet_framing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <span>
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

/// A PUBLISH of MQTT 5 with these properties.
Bytes publish_of(const Bytes& properties, unsigned qos = 0) {
    Bytes content{0, 3, 'a', '/', 'b'};
    if (qos > 0) {
        content.insert(content.end(), {0, 7});
    }
    auto left = properties.size();
    do {
        const auto low = static_cast<unsigned char>(left & 0x7F);
        left >>= 7;
        content.push_back(left == 0 ? low : static_cast<unsigned char>(low | 0x80));
    } while (left != 0);
    content.insert(content.end(), properties.begin(), properties.end());
    content.insert(content.end(), {'p', 'a', 'y'});
    auto packet = packet_of(static_cast<std::uint32_t>(content.size()));
    packet[0] = static_cast<unsigned char>(0x30 | (qos << 1U));
    std::copy(content.begin(), content.end(), packet.end() - static_cast<std::ptrdiff_t>(content.size()));
    return packet;
}

/// How many properties there are, all of them user properties, which have to fill the bytes; -1 where that is
/// not so.
int user_properties(std::span<const unsigned char> bytes) {
    int count = 0;
    for (std::size_t at = 0; at < bytes.size(); ++count) {
        if (bytes[at++] != 0x26) {
            return -1;
        }
        for (int text = 0; text < 2; ++text) {
            if (at + 2 > bytes.size()) {
                return -1;
            }
            at += 2U + static_cast<std::size_t>(bytes[at] << 8U | bytes[at + 1]);
        }
        if (at > bytes.size()) {
            return -1;
        }
    }
    return count;
}

/// The first refusal when the bytes come in pieces of this size, and after how many bytes.
struct Fed {
    std::optional<RefusedPacket> refused;
    std::size_t taken = 0;
};

Fed feed(PacketBounds bounds, Bytes bytes, std::size_t piece) {
    PacketFraming framing{bounds};
    Fed fed;
    while (fed.taken < bytes.size() && !fed.refused) {
        const auto count = std::min(piece, bytes.size() - fed.taken);
        fed.refused = framing.take(std::span(bytes).subspan(fed.taken, count));
        fed.taken += count;
    }
    return fed;
}

Fed feed(std::uint64_t largest, const Bytes& bytes, std::size_t piece) {
    return feed(PacketBounds{.largest = largest}, bytes, piece);
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
    Bytes header{0x30, 0xFF, 0xFF, 0xFF, 0x7F};
    PacketFraming framing{PacketBounds{.largest = mebibyte}};
    const auto refused = framing.take(header);
    REQUIRE(refused.has_value());
    CHECK(refused->size == 268'435'455);
    Bytes small = packet_of(2);
    CHECK(framing.take(small).has_value());
    CHECK_FALSE(PacketFraming{PacketBounds{.largest = 268'435'455}}.take(header).has_value());
}

TEST_CASE("a length of more than four bytes is malformed") {
    const Bytes header{0x30, 0x80, 0x80, 0x80, 0x80, 0x01};
    for (const std::size_t piece : {std::size_t{1}, header.size()}) {
        const auto fed = feed(268'435'455, header, piece);
        REQUIRE(fed.refused.has_value());
        CHECK(fed.refused->why == RefusedPacket::Why::length);
    }
}

TEST_CASE("a length with superfluous bytes is decoded") {
    const Bytes stream = Bytes{0x30, 0x81, 0x80, 0x00, 0x55} + packet_of(5);
    CHECK_FALSE(feed(5, stream, 1).refused.has_value());
    CHECK(feed(4, stream, 1).refused->size == 5);
}

TEST_CASE("a message with a higher QoS than was asked for is refused with its first byte") {
    for (const unsigned highest : {0U, 1U}) {
        for (const unsigned qos : {0U, 1U, 2U, 3U}) {
            CAPTURE(highest);
            CAPTURE(qos);
            auto packet = packet_of(5);
            packet[0] = static_cast<unsigned char>(0x30 | (qos << 1U));
            const auto fed = feed({.highest_qos = highest}, packet, 1);
            CHECK(fed.refused.has_value() == (qos > highest));
            if (fed.refused) {
                CHECK(fed.refused->why == RefusedPacket::Why::qos);
                CHECK(fed.taken == 1);
            }
        }
    }
}

TEST_CASE("packets that no server sends to this client are refused") {
    for (unsigned kind = 0; kind < 16; ++kind) {
        CAPTURE(kind);
        auto packet = packet_of(2);
        packet[0] = static_cast<unsigned char>(kind << 4U);
        const bool known =
            kind == 2 || kind == 3 || kind == 4 || kind == 9 || kind == 11 || kind == 13 || kind == 14;
        const auto fed = feed(PacketBounds{}, packet, 1);
        CHECK(fed.refused.has_value() != known);
        if (fed.refused) {
            CHECK(fed.refused->why == RefusedPacket::Why::kind);
        }
    }
}

TEST_CASE("packets other than messages have a limit of their own") {
    auto packet = packet_of(64 * 1024);
    packet[0] = 0x90;
    CHECK_FALSE(feed(mebibyte, packet, 1000).refused.has_value());
    packet = packet_of(64 * 1024 + 1);
    packet[0] = 0x90;
    const auto fed = feed(mebibyte, packet, 1000);
    REQUIRE(fed.refused.has_value());
    CHECK(fed.refused->size == 64 * 1024 + 1);
    CHECK(fed.refused->largest == 64 * 1024);
}

TEST_CASE("properties within their limit arrive unchanged, larger ones as a few that mean nothing") {
    for (const std::size_t length : {std::size_t{0}, std::size_t{5}, std::size_t{130}, std::size_t{72 * 1024},
                                     std::size_t{72 * 1024 + 1}, std::size_t{98'304}, std::size_t{131'071},
                                     std::size_t{200'003}, std::size_t{1'900'000}}) {
        for (const unsigned qos : {0U, 1U}) {
            CAPTURE(length);
            CAPTURE(qos);
            Bytes properties;
            while (properties.size() + 5 <= length) {
                properties.insert(properties.end(), {0x26, 0, 0, 0, 0});
            }
            properties.resize(length, 0xEE);
            const auto first = publish_of(properties, qos);
            const auto stream = first + publish_of({0x26, 0, 0, 0, 0}) + packet_of(0);
            std::size_t refused = 0;
            std::vector<Bytes> results;
            for (const std::size_t piece :
                 {std::size_t{1}, std::size_t{7}, std::size_t{4096}, stream.size()}) {
                auto bytes = stream;
                PacketFraming framing{PacketBounds{.largest = 2 * mebibyte, .has_properties = true}};
                for (std::size_t at = 0; at < bytes.size(); at += piece) {
                    const auto count = std::min(piece, bytes.size() - at);
                    refused += framing.take(std::span(bytes).subspan(at, count)) ? 1 : 0;
                }
                results.push_back(std::move(bytes));
            }
            CHECK(refused == 0);
            CHECK(results[0] == results[1]);
            CHECK(results[0] == results[2]);
            CHECK(results[0] == results[3]);
            CHECK((results[0] == stream) == (length <= 72 * 1024));
            const auto begin = first.size() - 3 - length;
            const auto arrived = std::span(results[0]).subspan(begin, length);
            if (length > 72 * 1024) {
                const auto count = user_properties(arrived);
                CHECK(count >= 1);
                CHECK(count <= static_cast<int>(length / 32'768));
            }
            std::copy(properties.begin(), properties.end(), arrived.begin());
            CHECK(results[0] == stream); // nothing else was touched
        }
    }
}

TEST_CASE("properties that are longer than their message end with it") {
    Bytes packet{0x30, 8, 0, 1, 'a', 0xFF, 0xFF, 0xFF, 0x7F, 'x'};
    const Bytes next = publish_of({});
    const auto fed = feed({.highest_qos = 0, .has_properties = true}, packet + next + packet_of(3), 1);
    CHECK_FALSE(fed.refused.has_value());
    const Bytes malformed{0x30, 8, 0, 1, 'a', 0xFF, 0xFF, 0xFF, 0xFF, 'x'};
    CHECK(feed({.has_properties = true}, malformed, 1).refused->why == RefusedPacket::Why::length);
    const Bytes cut{0x30, 1, 0};
    CHECK_FALSE(feed({.has_properties = true}, cut + next + next, 1).refused.has_value());
}

} // namespace bambu2mqtt
