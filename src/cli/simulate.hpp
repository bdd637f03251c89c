// The command simulate: starts bambu2mqtt-simulator, a program of its own.
#pragma once

#include "cli/options.hpp"

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// The arguments for the simulator, its path first: one printer for each model, one X1C without any.
[[nodiscard]] std::vector<std::string> simulator_arguments(const std::filesystem::path& simulator,
                                                           const Options& options);

/// The simulator in `folder`, else in the first folder of `path` (as $PATH) that has it and lets it be
/// executed; empty if there is none.
[[nodiscard]] std::filesystem::path find_simulator(const std::filesystem::path& folder,
                                                   const std::string& path);

/// Replaces this process by the simulator. Returns only if that fails: 1, after a text for people.
int run_simulate(const Options& options, std::ostream& diagnostics);

} // namespace bambu2mqtt
