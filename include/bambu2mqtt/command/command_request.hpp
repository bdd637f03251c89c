// A command as somebody sent it, and how the payload of a command topic becomes one. Pure; knows no command.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/status.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Where a sender wants its answer besides B/P/response (MQTT 5).
struct ReturnAddress {
    std::string topic{}; ///< empty: nowhere
    std::string correlation{};
    std::string problem{}; ///< why nothing is published on the topic the sender named; empty: there is no why

    friend bool operator==(const ReturnAddress&, const ReturnAddress&) = default;
};

/// A command as somebody sent it.
struct CommandRequest {
    std::string command{};
    Json arguments = Json::object();
    std::string request_id{}; ///< empty: none
    ReturnAddress sender{};
    std::string entity{};    ///< it came as a payload on this entity's /set topic; empty: it did not
    bool supersedes = false; ///< a value for `entity`, which takes the place of an older one under way
};

/// A request, and why it is none; what could be read of it is there in both cases.
struct ParsedCommandRequest {
    CommandRequest command_request{};
    std::optional<Refusal> refusal{};
};

/// Longest name of a command, in bytes.
inline constexpr std::size_t longest_command_name = 64;

/// Reads {"command": NAME, "request_id": optional, ...arguments}; with `name` (from the topic) the payload
/// has the arguments alone, or nothing. A request id is text of at most 128 bytes without control characters,
/// or a whole number. A longer name than names can be is refused, and shortened in the request.
[[nodiscard]] ParsedCommandRequest command_request_of(std::string_view payload, std::string_view name);

} // namespace bambu2mqtt
