// The payload of a command topic as a call. Pure; knows no command.
#pragma once

#include <bambu2mqtt/command/command_runner.hpp>
#include <bambu2mqtt/command/outcome.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace bambu2mqtt {

/// A call, and why it is none; what could be read of it is there in both cases.
struct ParsedCommandRequest {
    CommandRequest command_request{};
    std::optional<Refusal> refusal{};
};

/// Longest name of a command, in bytes.
inline constexpr std::size_t longest_command_name = 64;

/// Reads {"command": NAME, "request_id": optional, ...arguments}; with `name` (from the topic) the payload
/// has the arguments alone, or nothing. A request id is text of at most 128 bytes without control characters,
/// or a whole number. A longer name than names can be is refused, and shortened in the call.
[[nodiscard]] ParsedCommandRequest command_request_of(std::string_view payload, std::string_view name);

} // namespace bambu2mqtt
