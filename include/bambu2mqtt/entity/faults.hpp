// What printers say is wrong: print_error, and the list of HMS messages. Two separate channels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

class ReportState;

/// print_error as 32 bits; nothing while it was not reported. 0 is no error.
[[nodiscard]] std::optional<std::uint32_t> error_code(const ReportState& report);

/// A low word from 0x4000 on, except the two codes of a job that the user has cancelled, and codes without a
/// text: what is below is status.
[[nodiscard]] bool is_problem(std::uint32_t code);

/// Whether the vendor publishes an empty text for this print_error: nobody is shown anything for it. False
/// for codes nobody knows.
[[nodiscard]] bool has_no_text(std::uint32_t print_error);

/// 0300-400C and 0500-400E: the job was cancelled.
[[nodiscard]] bool is_cancellation(std::uint32_t code);

/// As the printer shows it: 0300-400C.
[[nodiscard]] std::string shown_code(std::uint32_t code);

/// One entry of `hms`.
struct HmsMessage {
    std::uint32_t attr = 0;
    std::uint32_t code = 0;

    /// 1 fatal, 2 serious, 3 common, 4 info; others have been seen and mean nothing that is known.
    [[nodiscard]] std::uint32_t severity() const noexcept { return code >> 16U; }

    friend bool operator==(const HmsMessage&, const HmsMessage&) = default;
};

/// As the printer shows it: 0300-0100-0001-0003.
[[nodiscard]] std::string shown_code(const HmsMessage& message);

/// The same for an HMS message.
[[nodiscard]] bool has_no_text(const HmsMessage& message);

/// The entries that make sense and have a text or are not known; nothing while the list was not reported.
[[nodiscard]] std::optional<std::vector<HmsMessage>> hms_messages(const ReportState& report);

/// The entries that the vendor publishes an empty text for.
[[nodiscard]] std::vector<HmsMessage> hms_without_text(const ReportState& report);

} // namespace bambu2mqtt
