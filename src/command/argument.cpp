#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/command/argument.hpp>
#include <bambu2mqtt/printer/ams_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

namespace bambu2mqtt {

namespace {

/// Format of a number: integers without a fraction.
std::string plain(double value) {
    return value == std::floor(value) && std::abs(value) < 1e15
               ? fmt::format("{}", static_cast<std::int64_t>(value))
               : fmt::format("{}", value);
}

std::optional<bool> boolean(const Json& value) {
    if (value.is_string()) {
        const auto word = lower(value.get_ref<const std::string&>());
        if (word == "on" || word == "true") {
            return true;
        }
        if (word == "off" || word == "false") {
            return false;
        }
    }
    const auto number = read::number(&value);
    if (number && *number != 0 && *number != 1) {
        return std::nullopt;
    }
    return read::flag(&value);
}

bool inside(const Argument& argument, double value) {
    return value >= argument.min && value <= argument.max;
}

bool fits(const Argument& argument, std::size_t length) {
    return length >= argument.shortest && length <= argument.longest;
}

/// Number of characters: UTF-8 continuation bytes are not counted.
std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// No control characters except line ends and tabs.
bool only_lines(std::string_view text) {
    constexpr std::string_view allowed = "\r\n\t";
    return std::ranges::all_of(text, [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7F) || allowed.find(c) != std::string_view::npos;
    });
}

std::optional<Json> read_text(const Argument& argument, const Json& value) {
    std::string text;
    if (value.is_string()) {
        text = value.get<std::string>();
    } else if (value.is_number()) {
        text = value.dump(); // a name of digits only may be sent as a JSON number
    } else {
        return std::nullopt;
    }
    const bool lines = argument.kind == Kind::lines;
    const bool clean = lines ? only_lines(text) : !has_control_character(text);
    return fits(argument, length_of(text)) && clean ? std::optional<Json>{std::move(text)} : std::nullopt;
}

std::optional<Json> read_word(const Argument& argument, const Json& value) {
    if (value.is_string()) {
        auto name = lower(value.get_ref<const std::string&>());
        std::ranges::replace_if(
            name, [](char c) { return c == ' ' || c == '-'; }, '_');
        for (const auto& word : argument.words) {
            if (lower(word.name) == name) {
                return Json(word.name);
            }
        }
    }
    const auto number = read::integer(&value);
    for (const auto& word : argument.words) {
        if (number && *number == word.number) {
            return Json(word.name);
        }
    }
    return std::nullopt;
}

std::optional<Json> read_on_off_auto(const Json& value) {
    if (value.is_string() && lower(value.get_ref<const std::string&>()) == "auto") {
        return Json("auto");
    }
    const auto flag = boolean(value);
    return flag ? std::optional<Json>{*flag ? "on" : "off"} : std::nullopt;
}

/// The wire id of a unit, or of an external spool.
std::optional<Json> read_unit(const Json& value) {
    const auto named =
        value.is_string() ? AmsId::from_name(lower(value.get_ref<const std::string&>())) : std::nullopt;
    const auto id = named ? std::optional<std::int64_t>{named->wire()} : read::integer(&value);
    const bool possible = id && (AmsId::from_wire(*id) || *id == 254 || *id == 255);
    return possible ? std::optional<Json>{*id} : std::nullopt;
}

/// An object, or its JSON text.
std::optional<Json> read_object(const Json& value) {
    auto object = value.is_string() ? read::json(value.get_ref<const std::string&>()) : std::optional{value};
    return object && object->is_object() ? std::move(object) : std::nullopt;
}

/// A list, its JSON text, "1,2", or its only member.
std::optional<Json> list_in(const Json& value) {
    if (value.is_number()) {
        return Json::array({value});
    }
    if (!value.is_string()) {
        return value.is_array() ? std::optional{value} : std::nullopt;
    }
    const auto& text = value.get_ref<const std::string&>();
    auto list = text.find('[') == std::string::npos ? read::json("[" + text + "]") : read::json(text);
    return list && list->is_array() ? std::move(list) : std::nullopt;
}

std::optional<Json> read_integers(const Argument& argument, const Json& value) {
    const auto list = list_in(value);
    if (!list || !fits(argument, list->size())) {
        return std::nullopt;
    }
    Json numbers = Json::array();
    for (const auto& member : *list) {
        const auto number = read::integer(&member);
        if (!number || !inside(argument, static_cast<double>(*number))) {
            return std::nullopt;
        }
        numbers.push_back(*number);
    }
    return numbers;
}

std::optional<Json> read_number(const Argument& argument, const Json& value) {
    if (value.is_boolean()) {
        return std::nullopt;
    }
    const auto number = read::number(&value);
    if (!number || !inside(argument, *number)) {
        return std::nullopt;
    }
    if (argument.kind == Kind::number) {
        return Json(*number);
    }
    if (argument.kind == Kind::integer && *number != std::floor(*number)) {
        return std::nullopt;
    }
    return Json(static_cast<std::int64_t>(std::lround(*number)));
}

std::optional<Json> read_value(const Argument& argument, const Json& value) {
    switch (argument.kind) {
    case Kind::boolean: {
        const auto flag = boolean(value);
        return flag ? std::optional<Json>{*flag} : std::nullopt;
    }
    case Kind::integer:
    case Kind::rounded:
    case Kind::number:
        return read_number(argument, value);
    case Kind::text:
    case Kind::lines:
        return read_text(argument, value);
    case Kind::word:
        return read_word(argument, value);
    case Kind::unit:
        return read_unit(value);
    case Kind::integers:
        return read_integers(argument, value);
    case Kind::object:
        return read_object(value);
    case Kind::on_off_auto:
        return read_on_off_auto(value);
    }
    return std::nullopt;
}

unexpected<Refusal> invalid(std::string text) {
    return refuse(Code::invalid_argument, std::move(text));
}

unexpected<Refusal> unknown(std::span<const Argument> arguments, const std::string& name) {
    std::vector<std::string_view> names;
    std::ranges::transform(arguments, std::back_inserter(names), &Argument::name);
    const auto near = nearest_name(name, names);
    std::string text = fmt::format("unknown argument \"{}\"", sanitize_for_log(name));
    if (!near.empty()) {
        text += fmt::format(", did you mean \"{}\"?", near);
    } else {
        text +=
            names.empty() ? std::string{", none is expected"} : fmt::format(", expected {}", one_of(names));
    }
    return invalid(std::move(text));
}

std::string bounds(const Argument& argument) {
    const auto unit = argument.unit.empty() ? std::string{} : fmt::format(" {}", argument.unit);
    return is_bounded(argument)
               ? fmt::format(" from {} to {}{}", plain(argument.min), plain(argument.max), unit)
               : unit;
}

/// "1 to 32", "at most 64".
std::string size_of(const Argument& argument) {
    return argument.shortest > 0 ? fmt::format("{} to {}", argument.shortest, argument.longest)
                                 : fmt::format("at most {}", argument.longest);
}

} // namespace

bool is_bounded(const Argument& argument) {
    return argument.min > std::numeric_limits<double>::lowest() &&
           argument.max < std::numeric_limits<double>::max();
}

std::string expectation(const Argument& argument) {
    switch (argument.kind) {
    case Kind::boolean:
        return "true or false";
    case Kind::integer:
        return "a whole number" + bounds(argument);
    case Kind::rounded:
    case Kind::number:
        return "a number" + bounds(argument);
    case Kind::text:
        return fmt::format("a text of {} characters without control characters", size_of(argument));
    case Kind::lines:
        return fmt::format("a text of {} characters", size_of(argument));
    case Kind::word: {
        std::vector<std::string_view> names;
        std::ranges::transform(argument.words, std::back_inserter(names), &Word::name);
        return one_of(names);
    }
    case Kind::unit:
        return "an AMS unit: 0 to 3, 16, 128 to 135, 254, 255, or its name like \"ams_1\"";
    case Kind::integers:
        return fmt::format("a list of {} whole numbers{}", size_of(argument), bounds(argument));
    case Kind::object:
        return "a JSON object";
    case Kind::on_off_auto:
        return "true or \"on\", false or \"off\", or \"auto\"";
    }
    return {};
}

expected<Json, Refusal> check_arguments(std::span<const Argument> arguments, const Json& given) {
    if (!given.is_object()) {
        return invalid("the arguments are not a JSON object");
    }
    for (const auto& member : given.items()) {
        if (std::ranges::find(arguments, member.key(), &Argument::name) == arguments.end()) {
            return unknown(arguments, member.key());
        }
    }
    Json checked = Json::object();
    for (const auto& argument : arguments) {
        const auto found = given.find(argument.name);
        if (found == given.end() || found->is_null()) {
            if (argument.required) {
                return invalid(
                    fmt::format("{} is missing, expected {}", argument.name, expectation(argument)));
            }
            if (!argument.fallback.empty()) {
                checked[std::string{argument.name}] = Json::parse(argument.fallback);
            }
            continue;
        }
        auto value = read_value(argument, *found);
        if (!value) {
            const auto text = json_text(*found);
            return invalid(fmt::format("{} is {}, expected {}", argument.name, sanitize_for_log(text),
                                       expectation(argument)));
        }
        checked[std::string{argument.name}] = *std::move(value);
    }
    return checked;
}

int number_of(std::span<const Word> words, std::string_view name) {
    const auto found = std::ranges::find(words, name, &Word::name);
    return found == words.end() ? 0 : found->number;
}

} // namespace bambu2mqtt
