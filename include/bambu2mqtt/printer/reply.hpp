// Answers of the firmware to requests, in all recorded forms.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/printer/report.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace bambu2mqtt {

/// Result of an answer.
enum class Verdict : std::uint8_t {
    accepted, ///< "success" in any case, 0, or an answer with its result in it (get_version)
    echoed,   ///< the command is returned without a result (P1S 01.10): acknowledged
    refused,  ///< "fail", "failed", a non-zero number, or an err_code
};

/// Refused because it was not signed, by err_code (hex 05024007 and neighbouring codes) or by its reason.
inline constexpr std::int64_t not_signed = 84033543;

struct Reply {
    std::string space{};    ///< "print", "system", ...
    std::string command{};  ///< empty: the answer has no name (A1 mini, rename)
    std::string sequence{}; ///< empty: the answer has none
    Verdict verdict = Verdict::accepted;
    std::int64_t code = 0; ///< err_code, else errno; 0: none
    std::string
        reason{}; ///< the printer's text, sanitized for messages; empty where it only repeats the result
    bool wants_signature = false;
    OrderedJson data{};  ///< the requested data: the modules of get_version, the profiles of
                         ///< extrusion_cali_get, with texts bounded by printer_text(); else null
    std::string whole{}; ///< the message as JSON text; empty above longest_whole_reply
};

/// Maximum size in bytes of an answer that is passed on unchanged.
inline constexpr std::size_t longest_whole_reply = 64 * 1024;

/// Parses a message as an answer; nothing for status reports, logs and other messages.
[[nodiscard]] std::optional<Reply> reply_of(const Report& report);

/// The unchanged answer as JSON; null if it was too long to be kept.
[[nodiscard]] OrderedJson whole_of(const Reply& reply);

/// "the printer refused the command: invalid tray_id (0502-4007)": message of a refusal.
[[nodiscard]] std::string words_of(const Reply& reply);

} // namespace bambu2mqtt
