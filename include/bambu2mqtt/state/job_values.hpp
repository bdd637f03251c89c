// Which values of the merged report are the running job's own, and not still those of the job before.
#pragma once

#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <bitset>
#include <optional>
#include <string>

namespace bambu2mqtt {

struct Report;

/// P1 and A1 begin a job with PREPARE and go on showing percent, minutes and layers of the job before, in
/// full reports as well; they repeat nothing that is equal, so that a job with as many layers as the one
/// before may never say its total. Evidence: four whole prints of an A1 01.07, one of a P1S.
///
/// From the start of a job until RUNNING none of these values is known. Then:
/// - a value counts that a partial report named since the start, and every value of a full report in RUNNING
/// (or
///   after the job, where it ended before that),
/// - percent and layer count as soon as they are 0: that is where a job begins,
/// - percent, layer and total count (from the merged report) once percent or layer was named: at once where
/// the
///   job has the name of the one before, else with the next report, which may still bring the others.
class JobValues {
  public:
    /// `report` was merged into `merged`. Sets job_values_missing of `gateway`, and adds to `changed` if it
    /// became different.
    void update(const ReportState& merged, const Report& report, GatewayState& gateway,
                GatewayFields& changed);

    /// Whether a job runs whose values are not all known: a full report would tell them.
    [[nodiscard]] bool missing() const noexcept { return running_ && missing_.any(); }

  private:
    void begin(const std::string& name);
    void take(const ReportState& document, const Report& report);

    std::optional<bool> active_; ///< a job is under way, as last seen
    bool running_ = false;       ///< the job has reached RUNNING
    bool named_ = false;         ///< percent or layer was named since its start
    bool again_ = false;         ///< it has the name of the job before
    std::string name_;           ///< of the job seen last
    std::bitset<8> missing_;     ///< by JobField
};

} // namespace bambu2mqtt
