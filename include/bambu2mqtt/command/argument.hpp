// The arguments of commands: their names, types and ranges, and conversion of received values. Knows no
// command and no printer.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/command/outcome.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace bambu2mqtt {

enum class Kind : std::uint8_t {
    boolean,     ///< true/false; also "on"/"off" and "true"/"false" in any case, 1/0
    integer,     ///< an integer, also as text
    rounded,     ///< a number, rounded to the nearest integer (degrees, per cent)
    number,      ///< with or without a fraction, also as text
    text,        ///< without control characters
    lines,       ///< text of one or more lines (G-code)
    word,        ///< one of `words`: its name in any case, or its number
    unit,        ///< an AMS unit: its wire id, or its name ("ams_1", "ams_ht_1")
    integers,    ///< a list of integers, also as text ("[1, 2]", "1,2"), or a single number
    object,      ///< a JSON object, also as text
    on_off_auto, ///< "on", "off" or "auto" in any case; values of `boolean` are converted to "on" or "off"
};

/// One name of an enumeration, and its number on the wire or in the class BambuPrinter.
struct Word {
    std::string_view name{};
    int number = 0;
};

/// One argument. Without `required` and without `fallback` it may be omitted and is then absent.
struct Argument {
    std::string_view name{};
    Kind kind = Kind::text;
    bool required = false;
    std::string_view fallback{};                        ///< JSON, the default value
    double min = std::numeric_limits<double>::lowest(); ///< of numbers, of each number of a list
    double max = std::numeric_limits<double>::max();
    std::size_t shortest = 0; ///< characters of text, members of a list
    std::size_t longest = 1024;
    std::string_view unit{};
    std::span<const Word> words{};
    std::string_view meaning{};
};

/// True if the argument's values are numbers with a range.
[[nodiscard]] bool is_bounded(const Argument& argument);

/// Checks received arguments (a JSON object) and converts each to its canonical form: numbers as numbers,
/// words in the spelling of the table, defaults filled in. Unknown names, wrong types, values out of range
/// and missing ones are refused as invalid_argument, with the argument, the found and the expected value.
[[nodiscard]] expected<Json, Refusal> check_arguments(std::span<const Argument> arguments, const Json& given);

/// The number of a word that check_arguments() has accepted.
[[nodiscard]] int number_of(std::span<const Word> words, std::string_view name);

/// "a whole number from 0 to 100 %": for messages and documents.
[[nodiscard]] std::string expectation(const Argument& argument);

} // namespace bambu2mqtt
