// The outcome of a command and its payload.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/status.hpp>
#include <bambu2mqtt/base/time.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace bambu2mqtt {

struct LastCommand;

/// One final answer.
struct Outcome {
    std::string request_id{}; ///< empty: the sender gave none
    std::string command{};    ///< as it was sent
    Status status = Status::refused;
    Code code = Code::none;
    std::string message{};
    OrderedJson data{}; ///< null: nothing to tell
    std::string note{}; ///< what the sender should know besides; empty: nothing
};

[[nodiscard]] Outcome refused(std::string command, Refusal refusal);

/// The same with command and message, which repeat what others wrote, free of control characters and of at
/// most 128 and 1024 bytes (and "..." where they were longer). Every outcome that is published went through
/// this.
[[nodiscard]] Outcome bounded(Outcome outcome);

/// The payload of B/P/response: request_id, command, status, code, message, data, time; null where there is
/// nothing; and note, only where there is one.
[[nodiscard]] OrderedJson to_json(const Outcome& outcome, WallTime time);

/// What entity `last_command` shows of it: the same texts, without data and note.
[[nodiscard]] LastCommand last_command_of(const Outcome& outcome, WallTime time);

} // namespace bambu2mqtt
