// Access to JSON from outside: no member and no type is taken for granted. Reading values that printers write
// in more than one way: numbers as text, text as numbers, hex words of any width.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace bambu2mqtt::read {

/// JSON text from outside as a value. Nothing for what is no JSON, for what is nested deeper than 64 levels
/// (copying, writing and comparing values go down their levels on the stack), and for more than 100,000
/// values (each takes many times the memory of its text).
[[nodiscard]] std::optional<Json> json(std::string_view text);

/// A member of an object; null when `object` is null, is no object, or has no such member.
[[nodiscard]] const Json* member(const Json* object, std::string_view key);
[[nodiscard]] const OrderedJson* member(const OrderedJson* object, std::string_view key);

/// The text of a member; empty when there is none. It lives as long as the object.
[[nodiscard]] std::string_view text_member(const Json& object, std::string_view key);
[[nodiscard]] std::string_view text_member(const OrderedJson& object, std::string_view key);

/// The texts of a list; what is no text counts as an empty one. Empty for what is no list.
[[nodiscard]] std::set<std::string> texts(const Json* list);

/// A finite number from a JSON number or from decimal text ("27.0"); nothing otherwise.
[[nodiscard]] std::optional<double> number(const Json* value);

/// An integer from 5, 5.0 or "5"; nothing for fractions, for text that is not a number, and beyond 64 bits.
[[nodiscard]] std::optional<std::int64_t> integer(const Json* value);

/// Text that is not empty.
[[nodiscard]] std::optional<std::string_view> text(const Json* value);

/// true/false, "true"/"false", or a number (0 is false).
[[nodiscard]] std::optional<bool> flag(const Json* value);

/// The low 64 bits of a word: hexadecimal text of any width, or a number (negative ones reinterpreted).
/// Printers write `fun`, `cfg`, `aux`, `stat` and the exist bits as hex text of 1 to more than 16 digits.
[[nodiscard]] std::optional<std::uint64_t> word(const Json* value);

/// `home_flag`: a signed 32-bit decimal, reinterpreted as unsigned.
[[nodiscard]] std::optional<std::uint64_t> signed_word(const Json* value);

/// Bit `index` of a word.
[[nodiscard]] constexpr bool bit(std::uint64_t value, unsigned index) noexcept {
    return index < 64 && ((value >> index) & 1U) != 0;
}

/// `count` bits from `first` on.
[[nodiscard]] constexpr std::uint64_t bits(std::uint64_t value, unsigned first, unsigned count) noexcept {
    return (value >> first) & ((std::uint64_t{1} << count) - 1U);
}

} // namespace bambu2mqtt::read
