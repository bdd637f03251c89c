#pragma once
// One run: all contenders fed alike, and their figures.

#include "compare/figures.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace bambu2mqtt::compare {

struct RunOptions {
    std::size_t printers = 1;
    double rate = 0.9; ///< reports per second and printer
    double seconds = 30;
    double warm_up = 10;                   ///< seconds, once a value of every printer was seen
    std::vector<std::string> contenders{}; ///< see kind_of
    std::filesystem::path program{};       ///< bambu2mqtt
    std::filesystem::path node_red{};      ///< red.js
    bool idle = false;                     ///< no reports while it is measured
    double commands = 0;                   ///< per second, to bambu2mqtt
    std::filesystem::path callgrind{};     ///< bambu2mqtt runs under callgrind, which writes this file
};

/// Throws std::runtime_error if a contender does not start or does not show every printer in three minutes.
[[nodiscard]] Results measure(const RunOptions& options);

} // namespace bambu2mqtt::compare
