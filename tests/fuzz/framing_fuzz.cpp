// Arbitrary bytes as a stream of MQTT packets, read in pieces given by the input: the limit holds for each
// packet, wherever the pieces are cut, and nothing within the limit is refused. Compared with reading
// everything in one piece.
#include "io/mqtt/packet_framing.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <vector>

namespace {

using namespace bambu2mqtt;
using Bytes = std::span<const unsigned char>;

constexpr std::uint64_t largest = 300;

void expect(bool fine) {
    if (!fine) {
        std::abort();
    }
}

struct Verdict {
    std::optional<std::uint64_t> refused; ///< the size, 0 where something else is wrong
    std::size_t at = 0;                   ///< bytes up to it
};

/// What a server may send here: also the QoS of a message.
bool is_expected(unsigned char header) {
    switch (header / 16) {
    case 3:
        return header / 2 % 4 < 2;
    case 2:
    case 4:
    case 9:
    case 11:
    case 13:
    case 14:
        return true;
    default:
        return false;
    }
}

/// Reference implementation: simple, on the complete input.
Verdict whole(Bytes stream) {
    for (std::size_t at = 0; at < stream.size();) {
        if (!is_expected(stream[at++])) {
            return {0, at};
        }
        std::uint64_t size = 0;
        bool complete = false;
        for (unsigned i = 0; i < 4 && at < stream.size() && !complete; ++i) {
            const unsigned char byte = stream[at++];
            size += static_cast<std::uint64_t>(byte % 128) << (7 * i);
            complete = byte < 128;
            if (!complete && i == 3) {
                return {0, at};
            }
        }
        if (!complete) {
            return {};
        }
        if (size > largest) {
            return {size, at};
        }
        at += static_cast<std::size_t>(size);
    }
    return {};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    std::vector<unsigned char> copy(data + 1, data + size); // taking may write into it
    const std::span<unsigned char> stream{copy};
    const Verdict expected = whole(stream);
    std::uint32_t random = data[0] * 2654435761U + 1;
    PacketFraming framing{PacketBounds{.largest = largest}};
    std::size_t at = 0;
    std::optional<RefusedPacket> refused;
    while (at < stream.size() && !refused) {
        random = random * 1664525U + 1013904223U;
        const std::size_t piece =
            data[0] == 0 ? 1 : std::min<std::size_t>(1 + (random >> 24), stream.size() - at);
        refused = framing.take(stream.subspan(at, piece));
        at += piece;
        expect(refused.has_value() == (expected.refused.has_value() && expected.at <= at));
    }
    expect(refused.has_value() == expected.refused.has_value());
    if (refused) {
        expect(refused->size == *expected.refused);
        expect(framing.take(stream).has_value()); // and it stays refused
    }
    return 0;
}
