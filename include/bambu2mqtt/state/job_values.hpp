// Which values of the merged report belong to the running job, and not still to the previous one.
#pragma once

#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <bitset>
#include <optional>
#include <string>

namespace bambu2mqtt {

struct Report;

/// P1 and A1 begin a job with PREPARE and continue to report percent, minutes and layers of the previous job,
/// in full reports as well; they do not repeat equal values, so that a job with as many layers as the
/// previous one may never report its total. Evidence: four whole prints of an A1 01.07, one of a P1S.
///
/// From the start of a job until RUNNING all of these values are unknown. Then:
/// - a value is valid if a partial report contained it since the start, as is every value of a full report in
///   RUNNING (or after the job, if it ended before that),
/// - percent and layer are valid as soon as they are 0: a job begins with that,
/// - percent, layer and total (from the merged report) are valid once percent or layer was reported:
///   immediately if the job has the name of the previous one, else with the next report, which may still
///   contain the others.
class JobValues {
  public:
    /// `report` was merged into `merged`. Sets job_values_missing of `gateway`, and adds to `changed` if it
    /// changed.
    void update(const ReportState& merged, const Report& report, GatewayState& gateway,
                GatewayFields& changed);

    /// True if a job runs with unknown values that a full report would contain.
    [[nodiscard]] bool missing() const noexcept { return running_ && missing_.any(); }

  private:
    void begin(const std::string& name);
    void take(const ReportState& document, const Report& report);

    std::optional<bool> active_; ///< a job is running, as of the last report
    bool running_ = false;       ///< the job has reached RUNNING
    bool named_ = false;         ///< percent or layer was reported since its start
    bool again_ = false;         ///< it has the name of the previous job
    std::string name_;           ///< of the last job
    std::bitset<8> missing_;     ///< by JobField
};

} // namespace bambu2mqtt
