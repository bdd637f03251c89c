// ASCII letters, independent of the locale: for case-insensitive text of printers, users and protocols.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace bambu2mqtt {

[[nodiscard]] constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

[[nodiscard]] inline std::string lower(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
    return result;
}

[[nodiscard]] inline std::string upper(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(), [](char c) { return upper(c); });
    return result;
}

[[nodiscard]] inline bool same_in_any_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

[[nodiscard]] inline bool starts_in_any_case(std::string_view text, std::string_view with) {
    return same_in_any_case(text.substr(0, with.size()), with);
}

[[nodiscard]] inline bool ends_in_any_case(std::string_view text, std::string_view with) {
    return text.size() >= with.size() && same_in_any_case(text.substr(text.size() - with.size()), with);
}

/// Without leading and trailing white space.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace bambu2mqtt
