#include "simulator/answers.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

/// Format of answers of one firmware generation.
struct Spelling {
    std::string_view success{};
    std::optional<std::string_view> reason{}; ///< of a success
    std::string_view failure{};
    bool has_code = false;
    bool from_mqtt = false;
};

constexpr Spelling lower{.success = "success", .reason = "success", .failure = "fail"};
constexpr Spelling upper{.success = "SUCCESS", .reason = "SUCCESS", .failure = "FAIL", .has_code = true};
constexpr Spelling upper_new{
    .success = "SUCCESS", .reason = "SUCCESS", .failure = "FAIL", .has_code = true, .from_mqtt = true};

/// Of P1 and A1, of X1, and of P2 and H2.
using Spellings = std::array<Spelling, 3>;

constexpr Spellings queued_spellings{lower, upper, upper_new};
constexpr Spellings setting_spellings{lower, lower,
                                      Spelling{.success = "success", .failure = "fail", .from_mqtt = true}};
constexpr Spellings table_spellings{
    lower, lower, Spelling{.success = "success", .reason = "", .failure = "fail", .from_mqtt = true}};
constexpr Spelling detector_spelling{.success = "SUCCESS", .reason = "", .failure = "FAIL"};
constexpr Spellings detector_spellings{detector_spelling, detector_spelling, detector_spelling};
constexpr Spellings plain_spellings{lower, lower, lower};

const Spellings& spellings_of(AnswerForm form) {
    switch (form) {
    case AnswerForm::queued:
    case AnswerForm::line:
        return queued_spellings;
    case AnswerForm::setting:
        return setting_spellings;
    case AnswerForm::table:
        return table_spellings;
    case AnswerForm::detector:
        return detector_spellings;
    case AnswerForm::plain:
    case AnswerForm::naming:
        break;
    }
    return plain_spellings;
}

std::size_t generation(Family family) {
    return family == Family::p1 || family == Family::a1 ? 0 : family == Family::x1 ? 1 : 2;
}

void leave_out(json& body, Family family, AnswerForm form) {
    if (form == AnswerForm::line && family == Family::x1)
        body.erase("param");
    if (form == AnswerForm::line && family == Family::a1)
        body.erase("command");
    if (form == AnswerForm::naming)
        body.erase("sequence_id");
}

} // namespace

Outcome done() {
    return {};
}

Outcome done_with(json more) {
    return {.more = std::move(more)};
}

Outcome failed(std::string reason) {
    return {.kind = Outcome::Kind::failed, .reason = std::move(reason)};
}

Outcome failed_with(json more) {
    return {.kind = Outcome::Kind::failed, .more = std::move(more)};
}

Outcome ignored() {
    return {.kind = Outcome::Kind::ignored};
}

std::optional<json> answer_body(const Request& request, Family family, AnswerForm form,
                                const Outcome& outcome) {
    if (outcome.kind == Outcome::Kind::ignored)
        return std::nullopt;
    const auto& spelling = spellings_of(form).at(generation(family));
    const bool success = outcome.kind == Outcome::Kind::done;
    json body = request.arguments;
    body["result"] = success ? spelling.success : spelling.failure;
    if (success && spelling.reason)
        body["reason"] = *spelling.reason;
    if (!success && outcome.reason)
        body["reason"] = *outcome.reason;
    if (spelling.has_code)
        body["err_code"] = success ? 0 : 1;
    if (spelling.from_mqtt)
        body["is_from_mqtt"] = true;
    body.update(outcome.more);
    leave_out(body, family, form);
    return body;
}

Refusal signature_refusal(Family family) {
    if (generation(family) == 0)
        return {.result = std::nullopt, .err_code = signature_missing, .echoes = false};
    return {.result = "failed",
            .reason = "mqtt message verify failed",
            .err_code = signature_missing,
            .from_mqtt = generation(family) == 2};
}

json refusal_body(const Request& request, const Refusal& refusal) {
    json body = request.arguments;
    if (!refusal.echoes) {
        body = json::object();
        for (const auto* const key : {"command", "sequence_id"}) {
            if (request.has(key))
                body[key] = request.arguments.at(key);
        }
    }
    if (refusal.result)
        body["result"] = *refusal.result;
    if (refusal.reason)
        body["reason"] = *refusal.reason;
    if (refusal.err_code)
        body["err_code"] = *refusal.err_code;
    if (refusal.errno_code)
        body["errno"] = *refusal.errno_code;
    if (refusal.from_mqtt)
        body["is_from_mqtt"] = true;
    return body;
}

std::string in_envelope(const std::string& name_space, json body) {
    json whole;
    whole[name_space] = std::move(body);
    return whole.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace bambu2mqtt::simulator
