#include <bambu2mqtt/command/outcome.hpp>
#include <bambu2mqtt/core/words.hpp>

#include <array>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_command = 128;
constexpr std::size_t longest_message = 1024;

} // namespace

std::string_view name_of(Status status) {
    constexpr std::array<std::string_view, 6> names{"effective", "accepted",    "done",
                                                    "refused",   "unconfirmed", "failed"};
    return names[static_cast<std::size_t>(status)];
}

std::string_view name_of(Code code) {
    constexpr std::array<std::string_view, 12> names{
        "",        "invalid_argument",        "unknown_command", "not_supported", "busy",     "not_allowed",
        "offline", "developer_mode_required", "printer_refused", "not_found",     "conflict", "superseded"};
    return names[static_cast<std::size_t>(code)];
}

Outcome refused(std::string command, Refusal refusal) {
    return Outcome{.command = std::move(command),
                   .status = Status::refused,
                   .code = refusal.code,
                   .message = std::move(refusal.message)};
}

OrderedJson to_json(const Outcome& outcome, WallTime time) {
    const auto text = [](std::string_view words) {
        return words.empty() ? OrderedJson(nullptr) : OrderedJson(words);
    };
    OrderedJson json{{"request_id", text(outcome.request_id)},
                     {"command", printable(outcome.command, longest_command)},
                     {"status", name_of(outcome.status)},
                     {"code", text(name_of(outcome.code))},
                     {"message", text(printable(outcome.message, longest_message))},
                     {"data", outcome.data},
                     {"time", rfc3339(time)}};
    if (!outcome.note.empty()) {
        json["note"] = outcome.note;
    }
    return json;
}

} // namespace bambu2mqtt
