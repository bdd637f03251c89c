#pragma once
// Requests as printers read them and the forms of their answers. Knows the envelope, not what a command does.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt::simulator {

/// A request taken out of its envelope.
struct Request {
    std::string name_space{}; ///< "print", "system", "pushing", "info", ...
    std::string command{};    ///< empty in the one request that has none (`update`, renaming)
    nlohmann::json arguments{};

    /// "system.ledctrl": what handlers are registered under.
    [[nodiscard]] std::string name() const { return name_space + "." + command; }
};

/// Reads a message from the request topic; nothing when it is not a JSON object with a namespace in it.
[[nodiscard]] std::optional<Request> parse_request(std::string_view text);

/// Code of the refusal of an unsigned command: 0x05024007.
inline constexpr std::uint32_t signature_missing = 84033543;

/// The usual answer: the request's own fields with `result` and `reason` "success".
[[nodiscard]] std::string acknowledgement(const Request& request);

/// An answer that says no: the request's own fields, `result` "fail" and the words.
[[nodiscard]] std::string failure(const Request& request, std::string_view reason);

/// What firmware with authorization control answers to an unsigned command: no result, only the code.
[[nodiscard]] std::string refusal(const Request& request, std::uint32_t error_code = signature_missing);

} // namespace bambu2mqtt::simulator
