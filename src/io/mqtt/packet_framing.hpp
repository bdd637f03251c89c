// Finds the kind and the size of each MQTT packet in a stream of bytes from its fixed header, before anything
// is allocated for it. Pure: knows no sockets. Source: MQTT 3.1.1 section 2.2, MQTT 5 section 2.1 (the same
// in both), of PUBLISH also section 3.3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace bambu2mqtt {

/// What a server may send on one connection.
struct PacketBounds {
    std::uint64_t largest = 1024 * 1024; ///< bytes of a PUBLISH after its fixed header
    unsigned highest_qos = 1;            ///< of a PUBLISH: the highest that a subscription asks for
    bool has_properties = false;         ///< MQTT 5: a PUBLISH carries properties

    /// Bytes of a packet of any other kind after its fixed header. Real ones have a few; the library makes a
    /// list element of some 64 bytes for each byte of a SUBACK.
    static constexpr std::uint64_t largest_other = 64UL * 1024;

    /// Bytes of the properties of a PUBLISH. The library allocates some 100 bytes for each property, which
    /// may have five. Room for a correlation of any length and a response topic that is answered.
    static constexpr std::uint32_t largest_properties = 72U * 1024;
};

/// A packet that must not be read.
struct RefusedPacket {
    enum class Why : std::uint8_t {
        size,   ///< larger than the bound
        length, ///< the header is malformed: a length of five bytes
        qos,    ///< a PUBLISH with a higher QoS than any subscription asked for
        kind,   ///< no packet that a server sends to this client
    };

    Why why = Why::size;
    std::uint64_t size = 0;    ///< Why::size: bytes after the fixed header
    std::uint64_t largest = 0; ///< Why::size: the bound
    unsigned char first = 0;   ///< its first byte: kind and flags
};

/// The framing of one connection in one direction. Bytes arrive in pieces of any size, in the order of the
/// stream.
class PacketFraming {
  public:
    explicit PacketFraming(PacketBounds bounds) : bounds_(bounds) {}

    /// Processes the next bytes of the stream. A packet above the limit is refused at the byte that completes
    /// its length, one of a wrong type or QoS at its first byte. After that every call returns the same
    /// refusal: the stream cannot be parsed any further.
    ///
    /// Properties of a PUBLISH above PacketBounds::largest_properties are overwritten in `bytes` with
    /// meaningless user properties of the same total length: if they ended the connection, anybody who may
    /// publish could keep the gateway disconnected from the broker.
    [[nodiscard]] std::optional<RefusedPacket> take(std::span<unsigned char> bytes);

  private:
    enum class Expects : std::uint8_t {
        header,
        length,
        topic_length, ///< of a PUBLISH with properties, as the next ones
        topic,        ///< and the packet identifier
        properties_length,
        properties,
        content,
    };

    void take_header(unsigned char byte);
    void take_length(unsigned char byte);
    void take_number(unsigned char byte);
    void pass(std::span<unsigned char>& bytes, std::uint64_t& left);
    void overwrite(std::span<unsigned char> bytes) const;

    PacketBounds bounds_;
    unsigned char first_ = 0;      ///< of the current packet
    std::uint64_t length_ = 0;     ///< of the current packet; counts down with its content
    unsigned length_bytes_ = 0;    ///< bytes of the length, or of a number in the content, so far
    std::uint64_t part_ = 0;       ///< bytes of the topic or of the properties that are still to come
    std::uint64_t properties_ = 0; ///< bytes of all properties of the packet
    Expects expects_ = Expects::header;
    std::optional<RefusedPacket> refused_;
};

} // namespace bambu2mqtt
