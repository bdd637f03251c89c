// A command request, and parsing of a command topic's payload. Pure; knows no command.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/status.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Number of a command for a group of printers; 0: none.
using GroupNumber = std::uint64_t;

/// The sender's response topic besides B/P/response (MQTT 5).
struct ReturnAddress {
    std::string topic{}; ///< empty: nowhere
    std::string correlation{};
    std::string problem{}; ///< why nothing is published on the sender's topic; empty: no problem
    GroupNumber group = 0; ///< the group command that waits for the outcome

    friend bool operator==(const ReturnAddress&, const ReturnAddress&) = default;
};

/// A received command.
struct CommandRequest {
    std::string command{};
    Json arguments = Json::object();
    std::string request_id{}; ///< empty: none
    ReturnAddress sender{};
    std::string entity{};    ///< set by a payload on this entity's /set topic; empty: otherwise
    bool supersedes = false; ///< a value for `entity`, which replaces a running older one
};

/// A request, or why it is invalid; the readable parts are there in both cases.
struct ParsedCommandRequest {
    CommandRequest command_request{};
    std::optional<Refusal> refusal{};
};

/// Longest name of a command, in bytes.
inline constexpr std::size_t longest_command_name = 64;

/// Parses {"command": NAME, "request_id": optional, ...arguments}; with `name` (from the topic) the payload
/// has only the arguments, or nothing. A request id is text of at most 128 bytes without control characters,
/// or an integer. A longer name is refused, and shortened in the request.
[[nodiscard]] ParsedCommandRequest command_request_of(std::string_view payload, std::string_view name);

} // namespace bambu2mqtt
