// What commands that need a configuration begin with.
#pragma once

#include "cli/options.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>

#include <iosfwd>
#include <optional>

namespace bambu2mqtt {

/// A configuration and the templates that go with it.
struct Setup {
    Config config{};
    Templates templates;
};

/// Reads both, telling every problem and warning of both; nothing when there is a problem.
[[nodiscard]] std::optional<Setup> read_setup(const Options& options, std::ostream& diagnostics);

} // namespace bambu2mqtt
