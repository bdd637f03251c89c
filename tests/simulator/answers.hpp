#pragma once
// Formats of printers' answers: what is echoed and how success and refusal are spelled, by family. Knows no
// command. The shapes are those of recorded answers.

#include "simulator/model_profile.hpp"
#include "simulator/request.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace bambu2mqtt::simulator {

/// Result of a request.
struct Outcome {
    enum class Kind { done, failed, ignored };

    Kind kind = Kind::done;
    std::optional<std::string> reason{};            ///< of a failure, if the firmware gives one
    nlohmann::json more = nlohmann::json::object(); ///< fields of the answer besides the echo and the result
};

[[nodiscard]] Outcome done();

/// Executed; the answer has further fields.
[[nodiscard]] Outcome done_with(nlohmann::json more);

/// Not executed; `reason` in the firmware's words.
[[nodiscard]] Outcome failed(std::string reason);

/// Not executed; the answer has these fields (`err_code`, `errno`) and no reason.
[[nodiscard]] Outcome failed_with(nlohmann::json more);

/// As if the request had not been received.
[[nodiscard]] Outcome ignored();

/// How a command is acknowledged; the format also depends on the family.
enum class AnswerForm {
    queued,  ///< job control and files: X1, P2 and H2 in upper case with err_code 0
    line,    ///< gcode_line: as queued; X1 leaves `param` out, A1 `command`
    setting, ///< P2 and H2 without a reason
    table,   ///< pressure advance: P2 and H2 with an empty reason
    detector,
    plain, ///< success, twice
    naming ///< the same without sequence_id
};

/// The body of the answer; nothing when there is no answer.
[[nodiscard]] std::optional<nlohmann::json> answer_body(const Request& request, Family family,
                                                        AnswerForm form, const Outcome& outcome);

/// Code of the refusal of an unsigned command: 0x05024007.
inline constexpr std::uint32_t signature_missing = 84033543;

/// A refusal in wire format; unset fields are left out.
struct Refusal {
    std::optional<std::string> result{"fail"};
    std::optional<std::string> reason{};
    std::optional<std::uint32_t> err_code{};
    std::optional<int> errno_code{}; ///< `errno`
    bool from_mqtt = false;          ///< `is_from_mqtt`
    bool echoes = true;              ///< the request's own fields; else only command and sequence_id
};

/// Answer of firmware with authorization control to an unsigned command: P1 and A1 only the code, the others
/// all fields.
[[nodiscard]] Refusal signature_refusal(Family family);

/// The body of a refusal.
[[nodiscard]] nlohmann::json refusal_body(const Request& request, const Refusal& refusal);

/// The message that contains a body.
[[nodiscard]] std::string in_envelope(const std::string& name_space, nlohmann::json body);

} // namespace bambu2mqtt::simulator
