// Answers of the firmware to requests, in all the spellings that have been seen.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/printer/report.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace bambu2mqtt {

/// What an answer says.
enum class Verdict : std::uint8_t {
    accepted, ///< "success" in any case, 0, or an answer with its result in it (get_version)
    echoed,   ///< the command comes back without a result (P1S 01.10): it was heard
    refused,  ///< "fail", "failed", a non-zero number, or an err_code
};

/// Refused because it was not signed, by err_code (hex 05024007 and its neighbours) or by its reason.
inline constexpr std::int64_t not_signed = 84033543;

struct Reply {
    std::string space{};    ///< "print", "system", ...
    std::string command{};  ///< empty: the answer does not name it (A1 mini, rename)
    std::string sequence{}; ///< empty: none came back
    Verdict verdict = Verdict::accepted;
    std::int64_t code = 0; ///< err_code, else errno; 0: none
    std::string reason{}; ///< the printer's words, fit for a message; empty where they only repeat the result
    bool wants_signature = false;
    OrderedJson data{};  ///< what was asked for: the modules of get_version, the profiles of
                         ///< extrusion_cali_get; else null
    std::string whole{}; ///< the message as JSON text; empty above longest_whole_reply
};

/// Bytes of an answer that is passed on as it came.
inline constexpr std::size_t longest_whole_reply = 64 * 1024;

/// Reads a message as an answer; nothing for status reports, logs and what is no answer.
[[nodiscard]] std::optional<Reply> reply_of(const Report& report);

/// The answer as it came, as JSON; null where it was too long to be kept.
[[nodiscard]] OrderedJson whole_of(const Reply& reply);

/// "the printer said no: invalid tray_id (0502-4007)": what is told of a refusal.
[[nodiscard]] std::string words_of(const Reply& reply);

} // namespace bambu2mqtt
