// docs/entities.md compared with the entity table.
#include "cli/offline.hpp"
#include "unit/source_directory.hpp"
#include <bambu2mqtt/entity/catalogue.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace bambu2mqtt;

namespace {

std::string document() {
    const auto path = test::source_directory() / "docs" / "entities.md";
    std::ifstream file{path, std::ios::binary};
    INFO("file: ", path.string());
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// The lines from `first` up to the first empty one; none when there is no such line.
std::vector<std::string> block_from(const std::vector<std::string>& lines, const std::string& first) {
    const auto begin = std::ranges::find(lines, first);
    return {begin, std::find(begin, lines.end(), std::string{})};
}

/// The names in backquotes in the first column of a table row: "| `a`, `b` | ..." gives both.
std::vector<std::string> names_in_first_column(const std::string& row) {
    const auto cell = row.substr(0, row.find(" | "));
    std::vector<std::string> names;
    for (auto at = cell.find('`'); at != std::string::npos; at = cell.find('`', at + 1)) {
        const auto end = cell.find('`', at + 1);
        if (end == std::string::npos) {
            break;
        }
        names.push_back(cell.substr(at + 1, end - at - 1));
        at = end;
    }
    return names;
}

} // namespace

TEST_CASE("the table of docs/entities.md is the one the program prints") {
    std::ostringstream printed;
    REQUIRE(run_entities(Options{.task = Task::entities, .markdown = true}, printed) == 0);
    const auto expected = lines_of(printed.str());
    const auto sensors_beside =
        std::ranges::count_if(catalogue(), [](const Entity& entity) { return !entity.statistics.empty(); });
    REQUIRE(expected.size() == catalogue().size() + static_cast<std::size_t>(sensors_beside) + 2);

    const auto written = block_from(lines_of(document()), expected.front());
    INFO("regenerate it with: bambu2mqtt entities --markdown");
    REQUIRE(written.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK(written[i] == expected[i]);
    }
}

TEST_CASE("docs/entities.md lists the attributes of every entity that has attributes, and of no other") {
    std::vector<std::string> expected;
    for (const auto& entity : catalogue()) {
        if (entity.attributes != nullptr) {
            expected.push_back(pattern_of(entity));
        }
    }
    std::vector<std::string> written;
    for (const auto& row : block_from(lines_of(document()), "| entity | keys |")) {
        std::ranges::copy(names_in_first_column(row), std::back_inserter(written));
    }
    std::ranges::sort(expected);
    std::ranges::sort(written);
    CHECK(written == expected);
}
