// Setup of commands that need a configuration.
#pragma once

#include "cli/options.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// A configuration and its templates.
struct Setup {
    Config config{};
    Templates templates;
};

/// Reads the configuration alone, with what the command line overrides. `managed`: in place of what the file
/// of managed printers holds.
[[nodiscard]] LoadedConfig read_config(const Options& options,
                                       const std::optional<std::string>& managed = std::nullopt);

/// What reading a setup found, for people: each text is about one place of the configuration or a template.
struct SetupFindings {
    std::vector<std::string> warnings{};
    std::vector<std::string> problems{};
};

/// Reads both; nothing if there is a problem.
[[nodiscard]] std::optional<Setup> read_setup(const Options& options, SetupFindings& findings);

/// The same, printing every problem and warning.
[[nodiscard]] std::optional<Setup> read_setup(const Options& options, std::ostream& diagnostics);

} // namespace bambu2mqtt
