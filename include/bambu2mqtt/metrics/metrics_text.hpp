// The metrics of the gateway in Prometheus' text format (version 0.0.4).
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>

#include <cstdint>
#include <string>

namespace bambu2mqtt {

/// What the operating system says about the process; metrics named as Prometheus' client libraries do.
struct ProcessFigures {
    double cpu_seconds = 0; ///< processor time used, user and system
    double start_time = 0;  ///< Unix time in seconds
    std::uint64_t resident_bytes = 0;
    std::uint64_t open_files = 0;
    std::uint64_t open_files_limit = 0;
};

/// All metrics: of the process, of the gateway, and of each printer. Labels are `id` and `model` alone; a
/// metric that no printer has a value for is left out.
[[nodiscard]] std::string metrics_text(const Bridge& bridge, const ProcessFigures& process, Now now);

} // namespace bambu2mqtt
