// Actions of a session when a job starts, runs or ends.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/state/job_tracker.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace bambu2mqtt {

struct SessionContext;

/// Queues the events of the printer and its jobs, informs the connection of jobs during which a printer does
/// not report, and requests the values of a job that reports do not contain. Pure.
class JobWatch {
  public:
    /// `context` outlives it. `saved`: what save() gave in an earlier run, or anything else.
    JobWatch(SessionContext& context, const Json& saved);

    /// A new connection begins: changes in the next full report may have happened long ago.
    void reconnected() noexcept { tracker_.reconnected(); }

    /// The printer has merged a status report, a full one or a part: queues the events that it shows.
    void report_merged(bool full, Now now);

    /// Called after the connection has handled the report: while a job starts a printer does not report for a
    /// while.
    void follow(Now now, Effects& effects);

    /// Publishes which controls work, where the state of the job or the error is another than before.
    void publish_controls();

    /// The printer's connection state as published.
    void reachable(bool online, Now now);

    void tick(Now now, Effects& effects);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// What has to be saved for the next start.
    [[nodiscard]] Json save() const { return tracker_.save(); }

  private:
    void queue(const std::vector<PrinterEvent>& printer_events, Now now);
    void ask_for_job_values(Now now, Effects& effects);

    SessionContext& context_;
    JobTracker tracker_;
    std::optional<bool> active_;
    /// The state of the job and print_error when the availability of controls was last published.
    std::pair<JobState, std::uint32_t> controls_for_{JobState::unknown, 0};
    std::optional<Instant> values_due_; ///< when a full report is requested for unknown job values
};

} // namespace bambu2mqtt
