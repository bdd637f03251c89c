// docs/reliability.md has every requirement, every attack and every fault, and names tests that exist.
#include "support/files.hpp"
#include "unit/source_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>

namespace bambu2mqtt {
namespace {

const std::filesystem::path top = test::source_directory();

/// The tables' row ids: a letter, and numbers from 1 to the last.
constexpr std::pair<char, int> numbered[] = {{'R', 57}, {'S', 37}, {'F', 20}, {'H', 13}, {'B', 2}};

/// Rows of the tables, by their first column.
std::map<std::string, std::string> rows() {
    std::map<std::string, std::string> result;
    std::istringstream lines{test_support::read_file(top / "docs/reliability.md")};
    static const std::regex row{R"(\| ([RSFHB]\d+[a-c]?) \| .* \| .* \| .* \|)"};
    for (std::string line; std::getline(lines, line);) {
        std::smatch found;
        if (std::regex_match(line, found, row)) {
            CHECK_MESSAGE(result.emplace(found[1], line).second, line);
        }
    }
    return result;
}

/// The text of a source file with adjacent string literals joined.
std::string joined(const std::filesystem::path& file) {
    static const std::regex seam{"\"\\s*\n\\s*\""};
    return std::regex_replace(test_support::read_file(file), seam, "");
}

} // namespace

TEST_CASE("every requirement has a row, and every row has a requirement") {
    auto all = rows();
    for (const auto& [letter, last] : numbered) {
        for (int number = 1; number <= last; ++number) {
            const auto name = letter + std::to_string(number);
            CAPTURE(name);
            CHECK(all.erase(name) == 1);
        }
    }
    for (const char* const name : {"R14a", "S3a", "S3b", "S3c"}) {
        CAPTURE(name);
        CHECK(all.erase(name) == 1);
    }
    CHECK(all.empty());
}

TEST_CASE("every named test exists, and a row without a test has a reason") {
    static const std::regex part{R"x(`((?:tests/)?[a-z0-9_/]+\.(?:cpp|sh))`|"([^"]+)")x"};
    for (const auto& entry : rows()) {
        const auto& name = entry.first;
        const auto& row = entry.second;
        CAPTURE(name);
        bool proof = row.find("| no test: ") != std::string::npos;
        std::string file;
        std::string text;
        for (std::sregex_iterator found{row.begin(), row.end(), part}, end; found != end; ++found) {
            if ((*found)[1].matched) {
                file = (*found)[1];
                auto path = top / file;
                if (!file.starts_with("scripts/") && !file.starts_with("tests/")) {
                    path = top / "tests" / file;
                }
                CAPTURE(file);
                CHECK(std::filesystem::exists(path));
                text = joined(path);
                proof = true;
            } else {
                const std::string test = (*found)[2];
                CAPTURE(test);
                CHECK_MESSAGE(text.find('"' + test) != std::string::npos, file);
            }
        }
        CHECK(proof);
    }
}

} // namespace bambu2mqtt
