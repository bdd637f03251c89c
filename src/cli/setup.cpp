#include "cli/setup.hpp"

#include <ostream>
#include <utility>

namespace bambu2mqtt {

LoadedConfig read_config(const Options& options, const std::optional<std::string>& managed) {
    auto loaded = managed ? load_config(options.config, *managed) : load_config(options.config);
    if (options.log_level) {
        loaded.config.log.level = *options.log_level;
    }
    return loaded;
}

std::optional<Setup> read_setup(const Options& options, SetupFindings& findings) {
    auto loaded = read_config(options);
    for (const auto& warning : loaded.warnings) {
        findings.warnings.push_back(warning.to_string());
    }
    for (const auto& problem : loaded.problems) {
        findings.problems.push_back(problem.to_string());
    }
    std::vector<Error> problems;
    const auto& folder = loaded.config.home_assistant.templates;
    auto templates = folder.empty() ? Templates::built_in() : Templates::load(folder, problems);
    for (auto& problem : problems) {
        findings.problems.push_back(std::move(problem.detail));
    }
    if (!findings.problems.empty()) {
        return std::nullopt;
    }
    return Setup{std::move(loaded.config), std::move(templates)};
}

std::optional<Setup> read_setup(const Options& options, std::ostream& diagnostics) {
    SetupFindings findings;
    auto setup = read_setup(options, findings);
    for (const auto& warning : findings.warnings) {
        diagnostics << "warning: " << warning << '\n';
    }
    for (const auto& problem : findings.problems) {
        diagnostics << problem << '\n';
    }
    return setup;
}

} // namespace bambu2mqtt
