#include <bambu2mqtt/texts/error_patterns.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace bambu2mqtt {

namespace {

constexpr std::size_t hms_length = 19;        ///< of "0300-0100-0001-0003"
constexpr std::size_t print_error_length = 9; ///< of "0300-400C"

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

/// True if the two digits of the module match the placeholder `letter`.
bool is_module(char letter, std::string_view module) {
    constexpr std::array<std::string_view, 3> modules{"07", "18", "12"};
    return std::ranges::find(modules, module) != modules.end() && (letter == 'm' || module != "12");
}

bool digit_matches(char expected, char digit) {
    switch (expected) {
    case 's':
        return digit >= '0' && digit <= '3';
    case 'u':
    case 'x':
        return is_hex_digit(digit);
    case 'm':
    case 'n':
        return true; // see is_module()
    default:
        return expected == digit;
    }
}

const ErrorPattern* first_match(std::span<const ErrorPattern> patterns, std::string_view code) {
    const auto found = std::ranges::find_if(
        patterns, [code](const ErrorPattern& pattern) { return matches_pattern(pattern.code, code); });
    return found == patterns.end() ? nullptr : &*found;
}

} // namespace

bool matches_pattern(std::string_view pattern, std::string_view code) {
    const char first = pattern.front();
    return std::ranges::equal(pattern, code, digit_matches) &&
           ((first != 'm' && first != 'n') || is_module(first, code.substr(0, 2)));
}

const ErrorPattern* find_error_pattern(std::string_view code) {
    if (code.size() == print_error_length) {
        return first_match(print_error_patterns(), code);
    }
    if (code.size() != hms_length) {
        return nullptr;
    }
    const auto* const ams = first_match(hms_ams_patterns(), code);
    return ams != nullptr ? ams : first_match(hms_machine_patterns(), code);
}

int slot_in(const ErrorPattern& pattern, std::string_view code) {
    const auto at = pattern.code.find('s');
    return at == std::string_view::npos || at >= code.size() ? -1 : code[at] - '0';
}

} // namespace bambu2mqtt
