// Detects events of a printer and its jobs, once each, by comparison with the previous state, also that
// before a restart or a lost connection. Pure; time is an argument.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/state/machine_watch.hpp>
#include <bambu2mqtt/state/printer_event.hpp>
#include <bambu2mqtt/state/runout_watch.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

class ReportState;
class Printer;

class JobTracker {
  public:
    /// A new connection begins: changes in the next full report may have happened long ago.
    void reconnected() noexcept { late_ = true; }

    /// The printer has merged a report, full or partial. The very first one is the starting point, without
    /// events.
    [[nodiscard]] std::vector<PrinterEvent> update(const Printer& printer, bool full, Now now);

    /// The printer's connection state as published.
    [[nodiscard]] std::vector<PrinterEvent> reachable(bool online, Now now);

    /// Ends waiting for the code that distinguishes a cancelled job from a failed one.
    [[nodiscard]] std::vector<PrinterEvent> tick(Now now);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// State for a restart; restore() accepts any content, invalid content is ignored.
    [[nodiscard]] Json save() const;
    void restore(const Json& saved);

  private:
    /// The last known job.
    struct Job {
        std::string key{}; ///< its ids, or its name where they are "0"
        std::string task{};
        std::string file{};
        std::optional<std::int64_t> progress{};
        std::optional<WallTime> start{};
    };

    /// A job that has ended, with an unknown result so far.
    struct Ending {
        Job job{};
        Instant until{};
        WallTime time{};
        bool late = false;
        bool failed = false; ///< FAILED was reported; otherwise it only became idle
    };

    using PrinterEvents = std::vector<PrinterEvent>;

    void follow_job(JobState state, const Job& seen, std::uint32_t error, Now now, PrinterEvents& out);
    [[nodiscard]] bool is_another(const Job& seen) const;
    void start_job(const Job& seen, Now now, PrinterEvents& out);
    void end_job(JobState state, const Job& job, std::uint32_t error, Now now, PrinterEvents& out);
    void finish_job(JobState state, std::uint32_t error, PrinterEvents& out);
    void follow_errors(const ReportState& report, const Job& job, Now now, PrinterEvents& out);
    [[nodiscard]] PrinterEvent completed(PrinterEvent printer_event, const Job& job, WallTime time) const;
    [[nodiscard]] PrinterEvent make(std::string_view type, const Job& job, WallTime time) const;

    JobState state_ = JobState::unknown; ///< as last seen; unknown: none yet
    std::string error_;                  ///< the current error in the printer's format; empty: none
    std::set<std::string> hms_;
    RunoutWatch runout_;
    MachineWatch machine_;
    std::optional<bool> online_;
    Job job_;
    std::optional<Ending> ending_;
    bool begun_ = false; ///< a report was evaluated before
    bool late_ = true;
};

} // namespace bambu2mqtt
