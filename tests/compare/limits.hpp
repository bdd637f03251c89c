#pragma once
// Limits of ratios and counts, which do not depend on the speed of the machine.

#include "compare/figures.hpp"

#include <filesystem>
#include <string>

namespace bambu2mqtt::compare {

struct Verdict {
    std::string text{}; ///< a line for each limit: the figure, and whether it is within
    bool passed = true;
};

/// Compares the results with the limits of `file`: "NAME NUMBER" a line, # begins a comment. Those of a
/// contender that did not run are left out. Throws std::runtime_error for an unknown name.
[[nodiscard]] Verdict check_limits(const Results& results, const std::filesystem::path& file);

} // namespace bambu2mqtt::compare
