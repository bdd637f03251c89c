// What a printer says of itself to everybody in its network (SSDP NOTIFY on UDP 2021 and 1990). Knows the
// bytes of one datagram; not where it came from, and believes nothing.
// Facts: "Announcements" in docs/printers.md, from the vendor's slicer and from recordings of several models.
#pragma once

#include <bambu2mqtt/printer/model.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Where printers announce themselves: as a broadcast on the first port, as multicast to
/// `announcement_group` on the second; every 5 to 30 seconds.
inline constexpr std::uint16_t broadcast_announcements = 2021;
inline constexpr std::uint16_t multicast_announcements = 1990;
inline constexpr std::string_view announcement_group = "239.255.255.250";

/// Within so long a printer that is switched on has announced itself.
inline constexpr std::chrono::seconds every_printer_announced{35};

/// A longer datagram is no announcement; real ones have about 500 bytes.
inline constexpr std::size_t longest_announcement = 2048;

/// One announcement. Everybody in the network can make one: what it says is a hint, never a proof.
struct PrinterNotice {
    std::string serial{};         ///< 8 to 24 letters and digits, upper case
    std::string address{};        ///< IPv4 address of a single host, "192.168.1.50"; empty: it names none
    std::string model_code{};     ///< as sent, "C12", "BL-P001", "3DPrinter-X1-Carbon"; empty: not told
    Model model = Model::unknown; ///< by model code, else by serial
    std::string name{};           ///< what its owner calls it; valid UTF-8 in one line, at most 64 bytes
    std::string firmware{};       ///< "01.08.02.00"; empty: not told
    std::string connect{};        ///< "lan" (LAN Only Mode) or "cloud"; another word as sent; empty: not told
    std::string bind{};           ///< "free" or "occupied" (bound to an account); empty: not told

    friend bool operator==(const PrinterNotice&, const PrinterNotice&) = default;
};

/// Reads a datagram. Nothing for everything that is no living printer's announcement: another start line than
/// NOTIFY, other devices (NT), farewells (NTS), no serial (USN), more than `longest_announcement` bytes.
/// Headers come in any case and any order; unknown and broken ones are passed over; of several the first
/// counts. Never throws but for lack of memory.
[[nodiscard]] std::optional<PrinterNotice> parse_announcement(std::string_view datagram);

/// "192.168.1.50" from the same text when it is the IPv4 address of a single host; nothing for names,
/// multicast, broadcast and 0.x.x.x.
[[nodiscard]] std::optional<std::string> host_address(std::string_view text);

/// The model that DevModel names; `unknown` for codes nobody has seen.
[[nodiscard]] Model model_of_code(std::string_view code);

} // namespace bambu2mqtt
