// Detects events around jobs: first layer done, bed cooled, drying finished.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/state/printer_event.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

class Printer;

/// Pure; time is an argument, and its state survives a restart with save() and restore().
class MachineWatch {
  public:
    /// A report was merged; `state` is that of the job. Returns events, without time and job:
    /// - first_layer_done: the layer of a job exceeded 1, or a job of one layer finished,
    /// - bed_cooled: the bed was at 35 degrees or more at the end of a job and is below that now,
    /// - drying_finished (unit): the minutes of drying became 0, at the expected time; drying that was
    ///   stopped earlier gives no event.
    [[nodiscard]] std::vector<PrinterEvent> update(const Printer& printer, JobState state, Now now);

    [[nodiscard]] Json save() const;

    /// Accepts any content; invalid content is ignored.
    void restore(const Json& saved);

  private:
    /// A unit that is drying.
    struct Drying {
        std::int64_t minutes = 0; ///< last reported value
        WallTime until{};         ///< by the gateway's clock
    };

    void follow_first_layer(const Printer& printer, JobState state, std::vector<PrinterEvent>& out);
    void follow_bed(const Printer& printer, bool active, std::vector<PrinterEvent>& out);
    void follow_drying(const Printer& printer, Now now, std::vector<PrinterEvent>& out);

    std::optional<bool> active_;        ///< a job is running, as of the last report
    bool first_layer_ahead_ = false;    ///< the job's first layer is not done
    bool bed_warm_ = false;             ///< a job has ended and left the bed warm
    std::map<std::string, Drying> dry_; ///< by the unit's prefix
};

} // namespace bambu2mqtt
