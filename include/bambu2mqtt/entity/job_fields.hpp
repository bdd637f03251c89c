// Values of a job that printers still report of the job before when the next one begins.
#pragma once

#include <cstdint>
#include <optional>

namespace bambu2mqtt {

class ReportState;
struct GatewayState;

enum class JobField : std::uint8_t { progress, layer, total_layers, remaining, count_ };

/// Whether the merged report holds this value of the job at hand; state/job_values decides.
[[nodiscard]] bool belongs_to_job(const GatewayState& gateway, JobField field);

/// How far the job is: `mc_percent`, else `percent`; nothing while that is not known, or not 0 to 100.
[[nodiscard]] std::optional<std::int64_t> job_percent(const ReportState& report, const GatewayState& gateway);

/// Minutes to the job's end: `mc_remaining_time`, else `remain_time`; nothing while that is not known.
[[nodiscard]] std::optional<std::int64_t> job_minutes_left(const ReportState& report,
                                                           const GatewayState& gateway);

/// The layer being printed, from 1: `layer_num`, else the one in `3D`; nothing while that is not known.
[[nodiscard]] std::optional<std::int64_t> job_layer(const ReportState& report, const GatewayState& gateway);

/// How many layers the job has: `total_layer_num`, else the one in `3D`.
[[nodiscard]] std::optional<std::int64_t> job_total_layers(const ReportState& report,
                                                           const GatewayState& gateway);

} // namespace bambu2mqtt
