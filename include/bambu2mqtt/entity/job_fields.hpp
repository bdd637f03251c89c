// Values of a job that printers still report for the previous job when the next one begins.
#pragma once

#include <cstdint>
#include <optional>

namespace bambu2mqtt {

class ReportState;
struct GatewayState;

enum class JobField : std::uint8_t { progress, layer, total_layers, remaining, count_ };

/// True if the merged report has this value for the current job; state/job_values decides.
[[nodiscard]] bool belongs_to_job(const GatewayState& gateway, JobField field);

/// Progress of the job: `mc_percent`, else `percent`; nothing if unknown, or not 0 to 100.
[[nodiscard]] std::optional<std::int64_t> job_percent(const ReportState& report, const GatewayState& gateway);

/// Minutes to the job's end: `mc_remaining_time`, else `remain_time`; nothing if unknown.
[[nodiscard]] std::optional<std::int64_t> job_minutes_left(const ReportState& report,
                                                           const GatewayState& gateway);

/// The current layer, from 1: `layer_num`, else the one in `3D`; nothing if unknown.
[[nodiscard]] std::optional<std::int64_t> job_layer(const ReportState& report, const GatewayState& gateway);

/// The number of layers of the job: `total_layer_num`, else the one in `3D`.
[[nodiscard]] std::optional<std::int64_t> job_total_layers(const ReportState& report,
                                                           const GatewayState& gateway);

} // namespace bambu2mqtt
