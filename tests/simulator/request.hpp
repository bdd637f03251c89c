#pragma once
// A request as a printer reads it: its envelope and its fields, of any type. Knows no command.

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::simulator {

/// A request without its envelope. The accessors return nothing when the field is missing or of another type;
/// they never throw.
struct Request {
    std::string name_space{}; ///< "print", "system", "pushing", "info", ...
    std::string command{};    ///< empty in the one request that has none (`update`, renaming)
    nlohmann::json arguments{};

    /// "system.ledctrl": the key of the command table.
    [[nodiscard]] std::string name() const { return name_space + "." + command; }

    [[nodiscard]] std::optional<std::string> text(std::string_view key) const;

    /// A JSON number, rounded towards zero; nothing if too large for an int.
    [[nodiscard]] std::optional<int> integer(std::string_view key) const;

    [[nodiscard]] std::optional<double> number(std::string_view key) const;

    [[nodiscard]] std::optional<bool> flag(std::string_view key) const;

    /// An array of such integers only.
    [[nodiscard]] std::optional<std::vector<int>> integers(std::string_view key) const;

    [[nodiscard]] bool has(std::string_view key) const;
};

/// Reads a message from the request topic; nothing when it is not a JSON object with a namespace.
[[nodiscard]] std::optional<Request> parse_request(std::string_view text);

} // namespace bambu2mqtt::simulator
