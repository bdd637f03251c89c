// Errors reported by printers: print_error, and the list of HMS messages. Two separate channels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

class ReportState;

/// print_error as 32 bits; nothing while it was not reported. 0 is no error.
[[nodiscard]] std::optional<std::uint32_t> error_code(const ReportState& report);

/// True for a low word from 0x4000 on, except the two codes of a job cancelled by the user, and codes without
/// a text: lower values are status codes.
[[nodiscard]] bool is_problem(std::uint32_t code);

/// True if the vendor publishes an empty text for this print_error: it is not shown to users. False for
/// unknown codes.
[[nodiscard]] bool has_no_text(std::uint32_t print_error);

/// 0300-400C and 0500-400E: the job was cancelled.
[[nodiscard]] bool is_cancellation(std::uint32_t code);

/// In the printer's format: 0300-400C.
[[nodiscard]] std::string shown_code(std::uint32_t code);

/// One entry of `hms`.
struct HmsMessage {
    std::uint32_t attr = 0;
    std::uint32_t code = 0;

    /// 1 fatal, 2 serious, 3 common, 4 info; other values occur and have no known meaning.
    [[nodiscard]] std::uint32_t severity() const noexcept { return code >> 16U; }

    friend bool operator==(const HmsMessage&, const HmsMessage&) = default;
};

/// In the printer's format: 0300-0100-0001-0003.
[[nodiscard]] std::string shown_code(const HmsMessage& message);

/// The same for an HMS message.
[[nodiscard]] bool has_no_text(const HmsMessage& message);

/// The valid entries that have a text or are unknown; nothing while the list was not reported.
[[nodiscard]] std::optional<std::vector<HmsMessage>> hms_messages(const ReportState& report);

/// The entries for which the vendor publishes an empty text.
[[nodiscard]] std::vector<HmsMessage> hms_without_text(const ReportState& report);

} // namespace bambu2mqtt
