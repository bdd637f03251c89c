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

/// One final outcome.
struct Outcome {
    std::string request_id{}; ///< empty: not given
    std::string command{};    ///< unchanged
    Status status = Status::refused;
    Code code = Code::none;
    std::string message{};
    OrderedJson data{}; ///< null: none
    std::string note{}; ///< additional information for the sender; empty: none
};

[[nodiscard]] Outcome refused(std::string command, Refusal refusal);

/// The same with foreign text in command and message free of control characters and limited to 128 and 1024
/// bytes (and "..." if longer). Applied to every published outcome.
[[nodiscard]] Outcome bounded(Outcome outcome);

/// The payload of B/P/response: request_id, command, status, code, message, data, time; null where there is
/// no value; and note, only if there is one.
[[nodiscard]] OrderedJson to_json(const Outcome& outcome, WallTime time);

/// The attributes of entity `last_command`: the same without data and note.
[[nodiscard]] LastCommand last_command_of(const Outcome& outcome, WallTime time);

} // namespace bambu2mqtt
