#include "compare/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace bambu2mqtt::compare {

namespace {

[[nodiscard]] const Figures* row_of(const Results& results, std::string_view contender) {
    const auto found = std::ranges::find(results.rows, contender, &Figures::contender);
    return found == results.rows.end() ? nullptr : &*found;
}

using Quantity = double (*)(const Figures& row);

/// bambu2mqtt's figure, divided by the same of another contender if there is one.
struct Ratio {
    std::string_view name{};
    std::string_view other{}; ///< empty: the figure itself is limited
    Quantity quantity{};
};

constexpr std::array<Ratio, 6> ratios{{
    {"processor_time_of_node_red", "node-red", [](const Figures& row) { return row.contender_us; }},
    {"processor_time_of_bridge", "bridge", [](const Figures& row) { return row.contender_us; }},
    {"broker_time_of_node_red", "node-red", [](const Figures& row) { return row.broker_us; }},
    {"private_memory_of_node_red", "node-red", [](const Figures& row) { return row.memory.private_pages; }},
    {"messages", "", [](const Figures& row) { return row.messages; }},
    {"lost", "", [](const Figures& row) { return static_cast<double>(row.lost); }},
}};

[[nodiscard]] std::optional<double> figure_of(const Ratio& ratio, const Results& results) {
    const auto* const own = row_of(results, "bambu2mqtt");
    if (own == nullptr) {
        return std::nullopt;
    }
    if (ratio.other.empty()) {
        return ratio.quantity(*own);
    }
    const auto* const other = row_of(results, ratio.other);
    return other == nullptr ? std::nullopt : std::optional{ratio.quantity(*own) / ratio.quantity(*other)};
}

} // namespace

Verdict check_limits(const Results& results, const std::filesystem::path& file) {
    Verdict verdict;
    std::ifstream lines{file};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line.substr(0, line.find('#'))};
        std::string name;
        double limit = 0;
        if (!(words >> name >> limit)) {
            continue;
        }
        const auto* const ratio = std::ranges::find(ratios, name, &Ratio::name);
        if (ratio == ratios.end()) {
            throw std::runtime_error{fmt::format("{}: there is no figure {}", file.string(), name)};
        }
        if (const auto figure = figure_of(*ratio, results)) {
            const bool within = *figure <= limit; // false for NaN
            verdict.passed = verdict.passed && within;
            verdict.text += fmt::format("{}: {} is {:.2f}, at most {:.2f}\n", within ? "note" : "FAILED",
                                        name, *figure, limit);
        }
    }
    return verdict;
}

} // namespace bambu2mqtt::compare
