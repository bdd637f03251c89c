#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

struct JobStateRow {
    JobState state = JobState::unknown;
    std::string_view wire{}; ///< in gcode_state
    std::string_view name{};
    bool active = false;
};

constexpr std::array job_states{
    JobStateRow{JobState::idle, "IDLE", "idle"},
    JobStateRow{JobState::init, "INIT", "init"},
    JobStateRow{JobState::slicing, "SLICING", "slicing", true},
    JobStateRow{JobState::prepare, "PREPARE", "prepare", true},
    JobStateRow{JobState::running, "RUNNING", "running", true},
    JobStateRow{JobState::pause, "PAUSE", "pause", true},
    JobStateRow{JobState::finish, "FINISH", "finish"},
    JobStateRow{JobState::failed, "FAILED", "failed"},
};

/// The row with this value of `member`; a row of `unknown` if there is none.
template <typename Member, typename Value>
JobStateRow job_state_row(Member member, const Value& value) {
    const auto* const found = std::ranges::find(job_states, value, member);
    return found == job_states.end() ? JobStateRow{} : *found;
}

} // namespace

JobState job_state(const ReportState& report) {
    return job_state_row(&JobStateRow::wire, read::text(report.find("gcode_state")).value_or("")).state;
}

std::string_view name_of(JobState state) {
    return job_state_row(&JobStateRow::state, state).name;
}

JobState parse_job_state(std::string_view name) {
    return job_state_row(&JobStateRow::name, name).state;
}

bool is_active(JobState state) {
    return job_state_row(&JobStateRow::state, state).active;
}

} // namespace bambu2mqtt
