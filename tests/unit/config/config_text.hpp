// Configuration texts for tests and helpers to check the result of reading them.
#pragma once

#include <bambu2mqtt/config/config.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::test {

/// The smallest valid file: six lines, the printer's header is line 3.
inline constexpr std::string_view smallest = "[broker]\n"
                                             "url = \"mqtt://127.0.0.1\"\n"
                                             "[[printer]]\n"
                                             "serial = \"01S00C123456789\"\n"
                                             "host = \"192.0.2.1\"\n"
                                             "access_code = \"12345678\"\n";

/// Reads a text as if it were the file "test.toml" in the current folder.
inline LoadedConfig parse(std::string_view text) {
    return parse_config(text, "test.toml");
}

/// The smallest valid file with a line before its first section.
inline std::string before(std::string_view line) {
    return std::string{line} + "\n" + std::string{smallest};
}

/// The smallest valid file with something after its end: another key of the printer, or sections.
inline std::string after(std::string_view lines) {
    return std::string{smallest} + std::string{lines} + "\n";
}

/// The smallest valid file with one of its lines (1-based) replaced; empty: without that line.
inline std::string with_line(unsigned number, std::string_view line) {
    std::string result;
    std::string_view rest = smallest;
    for (unsigned current = 1; !rest.empty(); ++current) {
        const auto end = rest.find('\n') + 1;
        result += current == number ? std::string{line} + "\n" : std::string{rest.substr(0, end)};
        rest.remove_prefix(end);
    }
    return result;
}

/// All messages, one per line.
inline std::string all(const std::vector<ConfigProblem>& problems) {
    std::string result;
    for (const auto& problem : problems) {
        result += problem.to_string() + "\n";
    }
    return result;
}

/// A text with exactly one problem, and its expected message.
struct WrongText {
    std::string text{};
    unsigned line = 0;
    std::string key{};
    std::string message{}; ///< part of the problem's text
};

/// Checks that each text has exactly that one problem.
inline void check_wrong(const std::vector<WrongText>& rows) {
    for (const auto& row : rows) {
        CAPTURE(row.text);
        const auto loaded = parse(row.text);
        CAPTURE(all(loaded.problems));
        REQUIRE(loaded.problems.size() == 1);
        const auto& problem = loaded.problems.front();
        CHECK(problem.file == "test.toml");
        CHECK(problem.line == row.line);
        CHECK(problem.key == row.key);
        CHECK(problem.text.find(row.message) != std::string::npos);
    }
}

/// Checks that a text has no problems.
inline Config good(std::string_view text) {
    CAPTURE(text);
    auto loaded = parse(text);
    CAPTURE(all(loaded.problems));
    REQUIRE(loaded.problems.empty());
    return std::move(loaded.config);
}

/// Sets an environment variable during its lifetime.
class Environment {
  public:
    Environment(std::string name, const std::string& value) : name_(std::move(name)) {
        ::setenv(name_.c_str(), value.c_str(), 1);
    }

    ~Environment() { ::unsetenv(name_.c_str()); }

    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

  private:
    std::string name_;
};

} // namespace bambu2mqtt::test
