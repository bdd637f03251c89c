#pragma once
// How long bambu2mqtt takes from the start of its process to its messages, when it knows its printers.

#include "compare/measurement.hpp"

#include <string>
#include <vector>

namespace bambu2mqtt::compare {

/// One start, in milliseconds.
struct StartTimes {
    double first_discovery = 0; ///< of the first printer
    double all_discovery = 0;   ///< of the last one
    double all_online = 0;      ///< until the last printer is announced as online
};

/// Starts it once, lets every printer report, and then restarts it `count` times. Throws std::runtime_error
/// if a start takes more than two minutes.
[[nodiscard]] std::vector<StartTimes> measure_starts(const RunOptions& options, int count);

[[nodiscard]] std::string start_table(const std::vector<StartTimes>& starts);
[[nodiscard]] std::string start_json(const std::vector<StartTimes>& starts, std::size_t printers);

} // namespace bambu2mqtt::compare
