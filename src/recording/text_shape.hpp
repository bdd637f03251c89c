// What a text looks like: whether it may identify something.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bambu2mqtt {

enum class Shape : std::uint8_t {
    number,  ///< at most five digits, with sign, fraction or unit: "0.4", "-49dBm", "100%"
    version, ///< "01.07.00.00"
    url,     ///< "ftp://..."
    address, ///< IPv4, IPv6 or MAC address
    path,    ///< with a folder or an extension
    digits,  ///< six digits and more
    tag,     ///< eight and more hexadecimal digits
    serial,  ///< eight and more letters and digits, in upper case
    other,
};

[[nodiscard]] Shape shape_of(std::string_view text);

/// False for texts that contain a part of any of the identifying shapes, or characters other than printable
/// ASCII.
[[nodiscard]] bool is_harmless(std::string_view text);

/// At most 15 hexadecimal digits: a tag has 16.
[[nodiscard]] bool is_bits(std::string_view text);

/// At most ten decimal digits, with a sign.
[[nodiscard]] bool is_count(std::string_view text);

/// Only "0" and nothing else, of any length: the printers' "none".
[[nodiscard]] bool is_zero(std::string_view text);

/// Where the extension begins, ".gcode.3mf" being one; the length of the text if it has none.
[[nodiscard]] std::size_t extension_at(std::string_view name);

/// The text with every digit as "0" and every letter as "A" or "a", and the number in its last letters and
/// digits. Longer if the number does not fit.
[[nodiscard]] std::string shaped(std::string_view text, std::uint64_t number);

} // namespace bambu2mqtt
