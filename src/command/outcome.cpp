#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/command/outcome.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>

#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_command = 128;
constexpr std::size_t longest_message = 1024;

} // namespace

Outcome refused(std::string command, Refusal refusal) {
    return Outcome{.command = std::move(command),
                   .status = Status::refused,
                   .code = refusal.code,
                   .message = std::move(refusal.message)};
}

Outcome bounded(Outcome outcome) {
    outcome.command = printable(outcome.command, longest_command);
    outcome.message = printable(outcome.message, longest_message);
    return outcome;
}

OrderedJson to_json(const Outcome& outcome, WallTime time) {
    OrderedJson json{{"request_id", text_or_null(outcome.request_id)},
                     {"command", outcome.command},
                     {"status", name_of(outcome.status)},
                     {"code", text_or_null(name_of(outcome.code))},
                     {"message", text_or_null(outcome.message)},
                     {"data", outcome.data},
                     {"time", rfc3339(time)}};
    if (!outcome.note.empty()) {
        json["note"] = outcome.note;
    }
    return json;
}

LastCommand last_command_of(const Outcome& outcome, WallTime time) {
    return LastCommand{.request_id = outcome.request_id,
                       .command = outcome.command,
                       .status = outcome.status,
                       .code = outcome.code,
                       .message = outcome.message,
                       .time = time};
}

} // namespace bambu2mqtt
