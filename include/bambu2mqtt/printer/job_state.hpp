// The state of a printer's job, from gcode_state in reports.
#pragma once

#include <cstdint>
#include <string_view>

namespace bambu2mqtt {

class ReportState;

enum class JobState : std::uint8_t {
    unknown, ///< not reported, or an unknown word
    idle,
    init,
    slicing,
    prepare,
    running,
    pause,
    finish,
    failed,
};

/// The values that were reported.
[[nodiscard]] JobState job_state(const ReportState& report);

/// "running": as in entity print_status; empty for `unknown`.
[[nodiscard]] std::string_view name_of(JobState state);

/// The inverse of name_of(); `unknown` for other texts.
[[nodiscard]] JobState parse_job_state(std::string_view name);

/// Preparing, slicing, running or paused: there is a job, and its times are valid.
[[nodiscard]] bool is_active(JobState state);

} // namespace bambu2mqtt
