// Setup of commands that need a configuration.
#pragma once

#include "cli/options.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>

#include <iosfwd>
#include <optional>

namespace bambu2mqtt {

/// A configuration and its templates.
struct Setup {
    Config config{};
    Templates templates;
};

/// Reads both, reporting every problem and warning; nothing if there is a problem.
[[nodiscard]] std::optional<Setup> read_setup(const Options& options, std::ostream& diagnostics);

} // namespace bambu2mqtt
