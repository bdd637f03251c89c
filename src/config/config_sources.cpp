#include "config/config_sources.hpp"

#include <bambu2mqtt/base/read_file.hpp>

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

namespace bambu2mqtt {

namespace {

bool is_name_start(char letter) {
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') || letter == '_';
}

bool is_name(std::string_view name) {
    return !name.empty() && is_name_start(name[0]) && std::ranges::all_of(name, [](char letter) {
        return is_name_start(letter) || (letter >= '0' && letter <= '9');
    });
}

} // namespace

std::string why_unreadable(const std::filesystem::path& file) {
    const auto opened = open_regular_file(file);
    return opened ? std::string{} : opened.error().detail;
}

expected<ExpandedText, Error> expand_environment(std::string_view text) {
    ExpandedText result;
    while (true) {
        const auto start = text.find("${");
        const std::string_view literal = text.substr(0, start);
        result.has_literal = result.has_literal || !literal.empty();
        result.text += literal;
        if (start == std::string_view::npos) {
            return result;
        }
        text.remove_prefix(start + 2);
        const auto end = text.find('}');
        if (end == std::string_view::npos || !is_name(text.substr(0, end))) {
            return failure(Problem::malformed,
                           "found \"${\" without the name of an environment variable and \"}\" after it");
        }
        const std::string name{text.substr(0, end)};
        const char* const value = std::getenv(name.c_str());
        if (value == nullptr) {
            return failure(Problem::unavailable,
                           fmt::format("environment variable {} is not set", name.substr(0, 80)));
        }
        result.text += value;
        text.remove_prefix(end + 1);
    }
}

std::string mode_open_to_others(const std::filesystem::path& file) {
    struct stat status {};

    if (::stat(file.c_str(), &status) != 0 || (status.st_mode & 077U) == 0) {
        return {};
    }
    return fmt::format("{:04o}", status.st_mode & 07777U);
}

} // namespace bambu2mqtt
