// Announcements of printers in their network (SSDP NOTIFY on UDP 2021 and 1990). Parses one datagram; the
// sender is unknown here, and the content is not trusted. Facts: "Announcements" in docs/printers.md, from
// the vendor's slicer and from recordings of several models.
#pragma once

#include <bambu2mqtt/printer/model.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Ports of announcements: broadcast on the first port, multicast to `announcement_group` on the second;
/// every 5 to 30 seconds.
inline constexpr std::uint16_t broadcast_announcements = 2021;
inline constexpr std::uint16_t multicast_announcements = 1990;
inline constexpr std::string_view announcement_group = "239.255.255.250";

/// A printer that is switched on announces itself within this time.
inline constexpr std::chrono::seconds every_printer_announced{35};

/// Longer datagrams are ignored; real ones have about 500 bytes.
inline constexpr std::size_t longest_announcement = 2048;

/// One announcement. Every host in the network can send one: its content is a hint, never a proof.
struct PrinterNotice {
    std::string serial{};         ///< 8 to 24 letters and digits, upper case
    std::string address{};        ///< IPv4 address of a single host, "192.168.1.50"; empty: none given
    std::string model_code{};     ///< as sent, "C12", "BL-P001", "3DPrinter-X1-Carbon"; empty: not given
    Model model = Model::unknown; ///< by model code, else by serial
    std::string name{};           ///< the owner's name for it; valid UTF-8 in one line, at most 64 bytes
    std::string firmware{};       ///< "01.08.02.00"; empty: not given
    std::string connect{}; ///< "lan" (LAN Only Mode) or "cloud"; other words unchanged; empty: not given
    std::string bind{};    ///< "free" or "occupied" (bound to an account); empty: not given

    friend bool operator==(const PrinterNotice&, const PrinterNotice&) = default;
};

/// Parses a datagram. Nothing unless it is a live printer's announcement: for another start line than NOTIFY,
/// other devices (NT), byebye messages (NTS), a missing serial (USN), more than `longest_announcement` bytes.
/// Headers may have any case and order; unknown and broken ones are ignored; of repeated ones the first is
/// used. Throws only std::bad_alloc.
[[nodiscard]] std::optional<PrinterNotice> parse_announcement(std::string_view datagram);

/// The same text if it is the IPv4 address of a single host; nothing for names, multicast, broadcast and
/// 0.x.x.x.
[[nodiscard]] std::optional<std::string> host_address(std::string_view text);

/// The model for DevModel; `unknown` for unknown codes.
[[nodiscard]] Model model_of_code(std::string_view code);

} // namespace bambu2mqtt
