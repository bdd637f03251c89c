#include <bambu2mqtt/base/environment.hpp>

#include <fmt/format.h>

#include <cstdlib>

namespace bambu2mqtt {

namespace {

bool is_variable_name(std::string_view name) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return !name.empty() && name.find_first_not_of(letters) == std::string_view::npos &&
           (name.front() < '0' || name.front() > '9');
}

} // namespace

expected<ExpandedText, Error> expand_environment(std::string_view text) {
    ExpandedText result;
    while (true) {
        const auto start = text.find("${");
        const auto literal = text.substr(0, start);
        result.has_literal = result.has_literal || !literal.empty();
        result.text += literal;
        if (start == std::string_view::npos) {
            return result;
        }
        text.remove_prefix(start + 2);
        const auto end = text.find('}');
        const std::string name{text.substr(0, end)};
        if (end == std::string_view::npos || !is_variable_name(name)) {
            return failure(Problem::malformed,
                           "found \"${\" without the name of an environment variable and \"}\" after it");
        }
        const char* const value = std::getenv(name.c_str());
        if (value == nullptr) {
            return failure(Problem::unavailable,
                           fmt::format("environment variable {} is not set", name.substr(0, 80)));
        }
        result.text += value;
        text.remove_prefix(end + 1);
    }
}

} // namespace bambu2mqtt
