// The value of one entity, and its format on the broker and in JSON.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace bambu2mqtt {

/// Unknown, on/off, a number, or text. Text of enum entities is one of the entity's options.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

/// Unknown: not reported yet, or reported with an invalid value.
inline const Value not_known{};

[[nodiscard]] inline bool known(const Value& value) {
    return !std::holds_alternative<std::monostate>(value);
}

/// A number; nothing for texts and switches.
[[nodiscard]] std::optional<double> number_in(const Value& value);

/// The state payload: `None`, `ON`/`OFF`, a plain decimal without trailing zeros (at most three decimals), or
/// the text cut to Home Assistant's 255 characters. Empty text is `None`.
[[nodiscard]] std::string payload_of(const Value& value);

/// The JSON form: null, true/false, a number, the complete text.
[[nodiscard]] Json json_of(const Value& value);

/// Cuts UTF-8 text to at most `characters` code points.
[[nodiscard]] std::string cut_text(const std::string& text, std::size_t characters);

} // namespace bambu2mqtt
