#include "recording/text_shape.hpp"

#include <bambu2mqtt/base/ascii.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

bool is_alphanumeric(char c) {
    return is_digit(c) || is_letter(c);
}

bool is_hex(char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

bool all(std::string_view text, bool (*kind)(char)) {
    return !text.empty() && std::ranges::all_of(text, kind);
}

std::size_t digits_in(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, is_digit));
}

/// Calls `take` with each longest part of characters of this kind, until it returns false.
template <typename Take>
bool each_part(std::string_view text, bool (*kind)(char), const Take& take) {
    while (!text.empty()) {
        const auto begin = std::ranges::find_if(text, kind);
        const auto end = std::find_if_not(begin, text.end(), kind);
        const auto at = static_cast<std::size_t>(begin - text.begin());
        const auto part = text.substr(at, static_cast<std::size_t>(end - begin));
        if (!part.empty() && !take(part)) {
            return false;
        }
        text.remove_prefix(at + part.size());
    }
    return true;
}

/// Four numbers with dots between them.
std::array<std::string_view, 4> four_numbers(std::string_view text) {
    std::array<std::string_view, 4> parts{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto dot = text.find('.');
        const auto part = text.substr(0, dot);
        if (part.size() > 3 || !all(part, is_digit) || (dot == std::string_view::npos) != (i == 3)) {
            return {};
        }
        parts[i] = part;
        text.remove_prefix(std::min(text.size(), part.size() + 1));
    }
    return parts;
}

/// Firmware has two digits everywhere and a leading zero somewhere, which no address has.
bool is_version(std::string_view text) {
    const auto parts = four_numbers(text);
    return std::ranges::all_of(parts, [](std::string_view part) { return part.size() == 2; }) &&
           std::ranges::any_of(parts, [](std::string_view part) { return part.front() == '0'; });
}

bool is_ipv4(std::string_view text) {
    return !four_numbers(text).front().empty() && !is_version(text);
}

/// MAC and IPv6 addresses.
bool is_colon_address(std::string_view text) {
    return std::ranges::count(text, ':') >= 2 &&
           std::ranges::all_of(text, [](char c) { return is_hex(c) || c == ':' || c == '%'; });
}

bool is_number(std::string_view text) {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        text.remove_prefix(1);
    }
    const auto whole = text.substr(0, text.find_first_not_of("0123456789"));
    text.remove_prefix(whole.size());
    if (text.size() > 1 && text.front() == '.' && is_digit(text[1])) {
        text.remove_prefix(1);
        text.remove_prefix(std::min(text.size(), text.find_first_not_of("0123456789")));
    }
    constexpr std::array<std::string_view, 5> units{"", "%", "dBm", "C", "s"};
    return !whole.empty() && whole.size() <= 5 && std::ranges::find(units, text) != units.end();
}

bool identifies(std::string_view token) {
    constexpr std::size_t shortest_identifier = 8;
    constexpr std::size_t longest_word = 24;
    const auto digits = digits_in(token);
    return (token.size() >= shortest_identifier && digits >= 2) || token.size() > longest_word;
}

} // namespace

bool is_bits(std::string_view text) {
    return text.size() <= 15 && all(text, is_hex);
}

bool is_count(std::string_view text) {
    if (text.starts_with('-')) {
        text.remove_prefix(1);
    }
    return text.size() <= 10 && all(text, is_digit);
}

bool is_zero(std::string_view text) {
    return text.find_first_not_of('0') == std::string_view::npos;
}

std::size_t extension_at(std::string_view name) {
    const auto extends = [](std::string_view part) {
        return part.size() >= 2 && part.size() <= 5 && all(part, is_alphanumeric) &&
               std::ranges::any_of(part, is_letter);
    };
    auto end = name.size();
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || !extends(name.substr(dot + 1))) {
        return end;
    }
    end = dot;
    constexpr std::string_view gcode = ".gcode";
    return ends_in_any_case(name.substr(0, end), gcode) ? end - gcode.size() : end;
}

Shape shape_of(std::string_view text) {
    if (is_number(text)) {
        return Shape::number;
    }
    if (is_version(text)) {
        return Shape::version;
    }
    if (text.find("://") != std::string_view::npos) {
        return Shape::url;
    }
    if (is_ipv4(text) || is_ipv4(text.substr(0, text.find(':'))) || is_colon_address(text)) {
        return Shape::address;
    }
    if (text.find('/') != std::string_view::npos || extension_at(text) < text.size()) {
        return Shape::path;
    }
    if (text.size() >= 6 && all(text, is_digit)) {
        return Shape::digits;
    }
    if (text.size() >= 8 && all(text, is_hex)) {
        return Shape::tag;
    }
    if (text.size() >= 8 && all(text, is_alphanumeric) && digits_in(text) >= 2 &&
        std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; })) {
        return Shape::serial;
    }
    return Shape::other;
}

bool is_harmless(std::string_view text) {
    constexpr std::size_t longest = 80;
    const auto printable = [](char c) { return c >= ' ' && c <= '~' && c != '@' && c != '\\'; };
    if (text.size() > longest || !std::ranges::all_of(text, printable)) {
        return false;
    }
    if (is_version(text)) {
        return true;
    }
    const auto separates = [](char c) { return c != ' ' && c != ',' && c != '(' && c != ')' && c != '='; };
    return each_part(text, separates,
                     [](std::string_view part) {
                         const auto shape = shape_of(part);
                         const bool folder = shape == Shape::path && extension_at(part) == part.size();
                         return shape == Shape::number || shape == Shape::version || shape == Shape::other ||
                                (folder && std::ranges::count(part, '/') == 1);
                     }) &&
           each_part(text, is_alphanumeric,
                     [](std::string_view token) { return is_number(token) || !identifies(token); });
}

std::string shaped(std::string_view text, std::uint64_t number) {
    std::string result;
    for (const char c : text) {
        const bool small = c >= 'a' && c <= 'z';
        result += is_digit(c) ? '0' : is_letter(c) ? (small ? 'a' : 'A') : c;
    }
    const auto written = std::to_string(number);
    auto digit = written.rbegin();
    for (auto place = result.rbegin(); place != result.rend() && digit != written.rend(); ++place) {
        if (is_alphanumeric(*place)) {
            *place = *digit++;
        }
    }
    return std::string{written.begin(), digit.base()} + result;
}

} // namespace bambu2mqtt
