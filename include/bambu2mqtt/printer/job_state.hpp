// The state of a printer's job, as reports name it in gcode_state.
#pragma once

#include <cstdint>
#include <string_view>

namespace bambu2mqtt {

class ReportState;

enum class JobState : std::uint8_t {
    unknown, ///< not reported, or a word that is none of these
    idle,
    init,
    slicing,
    prepare,
    running,
    pause,
    finish,
    failed,
};

/// What the reports say.
[[nodiscard]] JobState job_state(const ReportState& report);

/// "running": as entity print_status shows it; empty for `unknown`.
[[nodiscard]] std::string_view name_of(JobState state);

/// The inverse of name_of(); `unknown` for all other texts.
[[nodiscard]] JobState parse_job_state(std::string_view name);

/// Preparing, slicing, running or paused: a job is there, and its times mean something.
[[nodiscard]] bool is_active(JobState state);

} // namespace bambu2mqtt
