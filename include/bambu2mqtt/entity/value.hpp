// The value of one entity, and how it is written on the broker and in JSON.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <cstdint>
#include <string>
#include <variant>

namespace bambu2mqtt {

/// Not known, on/off, a number, or a text. Texts of enum entities are one of the entity's options.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

/// Not known: nobody has said anything yet, or what was said made no sense.
inline const Value not_known{};

[[nodiscard]] inline bool known(const Value& value) {
    return !std::holds_alternative<std::monostate>(value);
}

/// The state payload: `None`, `ON`/`OFF`, a plain decimal without trailing zeros (at most three decimals), or
/// the text cut to Home Assistant's 255 characters. Empty text is `None`.
[[nodiscard]] std::string payload_of(const Value& value);

/// The same for machines: null, true/false, a number, a text (whole).
[[nodiscard]] Json json_of(const Value& value);

/// Cuts UTF-8 text to at most `characters` code points, never in the middle of one.
[[nodiscard]] std::string cut_text(const std::string& text, std::size_t characters);

} // namespace bambu2mqtt
