#pragma once
// The forms of printers' answers: what is echoed and how success and refusal are spelled, by family. Knows no
// command. The shapes are those of recorded answers.

#include "simulator/model_profile.hpp"
#include "simulator/request.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace bambu2mqtt::simulator {

/// What became of a request.
struct Outcome {
    enum class Kind { done, failed, ignored };

    Kind kind = Kind::done;
    std::optional<std::string> reason{};            ///< of a failure, where the firmware gives one
    nlohmann::json more = nlohmann::json::object(); ///< fields of the answer besides the echo and the result
};

[[nodiscard]] Outcome done();

/// Done; the answer carries further fields.
[[nodiscard]] Outcome done_with(nlohmann::json more);

/// Not done; `reason` as the firmware words it.
[[nodiscard]] Outcome failed(std::string reason);

/// Not done; the answer says so with these fields (`err_code`, `errno`) and no reason.
[[nodiscard]] Outcome failed_with(nlohmann::json more);

/// As if the request had not come.
[[nodiscard]] Outcome ignored();

/// How a command is acknowledged; the spelling depends on the family as well.
enum class AnswerForm {
    queued,  ///< job control and files: X1, P2 and H2 in upper case with err_code 0
    line,    ///< gcode_line: as queued; X1 leaves `param` out, A1 `command`
    setting, ///< P2 and H2 without a reason
    table,   ///< pressure advance: P2 and H2 with an empty reason
    detector,
    plain, ///< success, twice
    naming ///< the same without sequence_id
};

/// The body of the answer: nothing when the outcome is silence.
[[nodiscard]] std::optional<nlohmann::json> answer_body(const Request& request, Family family,
                                                        AnswerForm form, const Outcome& outcome);

/// Code of the refusal of an unsigned command: 0x05024007.
inline constexpr std::uint32_t signature_missing = 84033543;

/// A refusal as it looks on the wire; what is not set is left out.
struct Refusal {
    std::optional<std::string> result{"fail"};
    std::optional<std::string> reason{};
    std::optional<std::uint32_t> err_code{};
    std::optional<int> errno_code{}; ///< `errno`
    bool from_mqtt = false;          ///< `is_from_mqtt`
    bool echoes = true;              ///< the request's own fields; else only command and sequence_id
};

/// What firmware with authorization control answers to an unsigned command: P1 and A1 only the code, the
/// others all that they have to say.
[[nodiscard]] Refusal signature_refusal(Family family);

/// The body of a refusal.
[[nodiscard]] nlohmann::json refusal_body(const Request& request, const Refusal& refusal);

/// The message around a body.
[[nodiscard]] std::string in_envelope(const std::string& name_space, nlohmann::json body);

} // namespace bambu2mqtt::simulator
