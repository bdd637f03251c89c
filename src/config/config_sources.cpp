#include "config/config_sources.hpp"

#include <bambu2mqtt/base/ascii.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace bambu2mqtt {

namespace {

class SecretDescriptor {
  public:
    explicit SecretDescriptor(int number) : number_(number) {}

    ~SecretDescriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }

    SecretDescriptor(const SecretDescriptor&) = delete;
    SecretDescriptor& operator=(const SecretDescriptor&) = delete;

    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

std::string reason(int number) {
    std::string text = std::generic_category().message(number);
    if (!text.empty()) {
        text[0] = lower(text[0]);
    }
    return text;
}

std::string why_not_regular(const struct stat& status) {
    if (S_ISREG(status.st_mode)) {
        return {};
    }
    return S_ISDIR(status.st_mode) ? "is a folder" : "is not a regular file";
}

/// Looks before it opens, because merely opening a device can do something.
Result<int> open_regular(const std::filesystem::path& file) {
    struct stat status {};

    if (::stat(file.c_str(), &status) != 0) {
        return Error{Problem::unavailable, reason(errno)};
    }
    if (auto why = why_not_regular(status); !why.empty()) {
        return Error{Problem::unavailable, std::move(why)};
    }
    const int number = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (number < 0) {
        return Error{Problem::unavailable, reason(errno)};
    }
    return number;
}

bool is_name_start(char letter) {
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') || letter == '_';
}

bool is_name(std::string_view name) {
    return !name.empty() && is_name_start(name[0]) && std::ranges::all_of(name, [](char letter) {
        return is_name_start(letter) || (letter >= '0' && letter <= '9');
    });
}

} // namespace

Result<std::string> read_small_file(const std::filesystem::path& file, std::size_t limit) {
    const auto opened = open_regular(file);
    if (!opened) {
        return opened.error();
    }
    const SecretDescriptor descriptor{*opened};
    std::string text;
    std::array<char, 4096> buffer{};
    while (true) {
        const ssize_t count = ::read(descriptor.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return Error{Problem::unavailable, reason(errno)};
        }
        if (count == 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (text.size() > limit) {
            return Error{Problem::out_of_range, fmt::format("is larger than {} bytes", limit)};
        }
    }
}

std::string why_unreadable(const std::filesystem::path& file) {
    const auto opened = open_regular(file);
    if (!opened) {
        return opened.error().detail;
    }
    const SecretDescriptor closes{*opened};
    return {};
}

Result<ExpandedText> expand_environment(std::string_view text) {
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
            return Error{Problem::malformed,
                         "found \"${\" without the name of an environment variable and \"}\" after it"};
        }
        const std::string name{text.substr(0, end)};
        const char* const value = std::getenv(name.c_str());
        if (value == nullptr) {
            return Error{Problem::unavailable,
                         fmt::format("environment variable {} is not set", name.substr(0, 80))};
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
