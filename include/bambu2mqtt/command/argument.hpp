// The arguments of commands: what they are called, what they may be, and how what somebody sent becomes
// that. Knows no command and no printer.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/command/outcome.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace bambu2mqtt {

enum class Kind : std::uint8_t {
    boolean,     ///< true/false; also "on"/"off" and "true"/"false" in any case, 1/0
    integer,     ///< a whole number, also as text
    rounded,     ///< a number, taken to the nearest whole one (degrees, per cent)
    number,      ///< with or without a fraction, also as text
    text,        ///< without control characters
    lines,       ///< text that may have several lines (G-code)
    word,        ///< one of `words`: its name in any case, or its number
    unit,        ///< an AMS unit: its id on the wire, or its name ("ams_1", "ams_ht_1")
    integers,    ///< a list of whole numbers, also as text ("[1, 2]", "1,2"), or one number alone
    object,      ///< a JSON object, also as text
    on_off_auto, ///< "on", "off" or "auto" in any case; what `boolean` takes is "on" or "off"
};

/// One name of an enumeration, and its number on the wire or in the class BambuPrinter.
struct Word {
    std::string_view name{};
    int number = 0;
};

/// One argument. Without `required` and without `fallback` it may be left out and is then not there.
struct Argument {
    std::string_view name{};
    Kind kind = Kind::text;
    bool required = false;
    std::string_view fallback{};                        ///< JSON, what counts when it is left out
    double min = std::numeric_limits<double>::lowest(); ///< of numbers, of each number of a list
    double max = std::numeric_limits<double>::max();
    std::size_t shortest = 0; ///< characters of text, members of a list
    std::size_t longest = 1024;
    std::string_view unit{};
    std::span<const Word> words{};
    std::string_view meaning{};
};

/// Whether the argument's values are numbers with bounds.
[[nodiscard]] bool is_bounded(const Argument& argument);

/// Checks what was sent (a JSON object) and gives every argument its one form: numbers as numbers, words in
/// the spelling of the table, fallbacks filled in. Unknown names, wrong types, values outside the bounds and
/// missing ones are refused as invalid_argument, naming the argument, what was found and what was expected.
[[nodiscard]] std::variant<Json, Refusal> check_arguments(std::span<const Argument> arguments,
                                                          const Json& given);

/// The number behind a word that check_arguments() has let through.
[[nodiscard]] int number_of(std::span<const Word> words, std::string_view name);

/// "a whole number from 0 to 100 %": for messages and documents.
[[nodiscard]] std::string expectation(const Argument& argument);

} // namespace bambu2mqtt
