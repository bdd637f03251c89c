// The stage of a job.
#pragma once

#include <bambu2mqtt/entity/value.hpp>

namespace bambu2mqtt {

class ReportState;

/// The value of entity `stage`: "changing_filament", "idle"; "other" for unknown numbers.
[[nodiscard]] Value stage_value(const ReportState& report);

} // namespace bambu2mqtt
