// Finds the size of each MQTT packet in a stream of bytes from its fixed header, before anything is allocated
// for it. Pure: knows no sockets. Source: MQTT 3.1.1 section 2.2, MQTT 5 section 2.1 (the same in both).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace bambu2mqtt {

/// A packet that is not to be read.
struct RefusedPacket {
    std::uint64_t size =
        0; ///< bytes after the fixed header; 0: the header is malformed (a length of five bytes)
};

/// The framing of one connection in one direction. Bytes come in pieces of any size, in the order of the
/// stream.
class PacketFraming {
  public:
    /// `largest`: bytes that a packet may have after its fixed header.
    explicit PacketFraming(std::uint64_t largest) : largest_(largest) {}

    /// Takes the next bytes of the stream. A packet above the bound is refused with the byte that completes
    /// its length. After a refusal every further call gives the same one: the stream cannot be read on.
    [[nodiscard]] std::optional<RefusedPacket> take(std::span<const unsigned char> bytes);

  private:
    enum class Expects : std::uint8_t { header, length, content };

    void take_length(unsigned char byte);

    std::uint64_t largest_;
    std::uint64_t length_ = 0;  ///< of the packet under way; counts down while its content comes
    unsigned length_bytes_ = 0; ///< bytes of the length so far, at most 4
    Expects expects_ = Expects::header;
    std::optional<RefusedPacket> refused_;
};

} // namespace bambu2mqtt
