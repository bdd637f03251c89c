#include "cli/setup.hpp"

#include <ostream>
#include <vector>

namespace bambu2mqtt {

std::optional<Setup> read_setup(const Options& options, std::ostream& diagnostics) {
    auto loaded = load_config(options.config);
    for (const auto& warning : loaded.warnings) {
        diagnostics << "warning: " << warning.to_string() << '\n';
    }
    for (const auto& problem : loaded.problems) {
        diagnostics << problem.to_string() << '\n';
    }
    std::vector<Error> problems;
    const auto& folder = loaded.config.home_assistant.templates;
    auto templates = folder.empty() ? Templates::built_in() : Templates::load(folder, problems);
    for (const auto& problem : problems) {
        diagnostics << problem.detail << '\n';
    }
    if (!loaded.problems.empty() || !problems.empty()) {
        return std::nullopt;
    }
    if (options.log_level) {
        loaded.config.log.level = *options.log_level;
    }
    return Setup{std::move(loaded.config), std::move(templates)};
}

} // namespace bambu2mqtt
