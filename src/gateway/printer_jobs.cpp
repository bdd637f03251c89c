// What a session does because a job starts, runs or ends.
#include <bambu2mqtt/gateway/printer_session.hpp>
#include <bambu2mqtt/printer/job_state.hpp>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

constexpr auto keep_start_within = 5s;  // the start of a job is written down with what is learned beside it
constexpr auto job_values_within = 10s; // printers name the values of a job within two reports

} // namespace

/// A job that was seen to start makes a printer silent for a while, and its start is worth keeping.
void PrinterSession::follow_job(Now now) {
    const bool active = is_active(job_state(printer_.report_state()));
    if (job_was_active_ == false && active) {
        connection_.job_started(now.instant, family());
        save_by(now.instant + keep_start_within);
    } else if (!active) {
        connection_.job_ended();
    }
    job_was_active_ = active;
}

/// What a job has not said of itself is asked for: a while after it runs, and then whenever the budget
/// allows.
void PrinterSession::ask_for_job_values(Now now, Effects& effects) {
    if (!printer_.misses_job_values()) {
        job_values_due_.reset();
        return;
    }
    if (!job_values_due_) {
        job_values_due_ = now.instant + job_values_within;
    }
    if (now.instant < *job_values_due_) {
        return;
    }
    if (const auto wait = connection_.full_report_in(now.instant, family()); wait > 0s) {
        job_values_due_ = now.instant + wait;
        return;
    }
    ConnectionActions actions;
    connection_.want_full(now.instant, family(), actions);
    perform(actions, effects);
    job_values_due_ = now.instant + timeouts_for(family()).pushall_every;
}

} // namespace bambu2mqtt
