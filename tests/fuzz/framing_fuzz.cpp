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
    std::optional<std::uint64_t> refused; ///< the size, 0 for a malformed length
    std::size_t at = 0;                   ///< bytes up to it
};

/// Reference implementation: simple, on the complete input.
Verdict whole(Bytes stream) {
    for (std::size_t at = 0; at < stream.size();) {
        ++at; // header
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
    const Bytes stream{data + 1, size - 1};
    const Verdict expected = whole(stream);
    std::uint32_t random = data[0] * 2654435761U + 1;
    PacketFraming framing{largest};
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
