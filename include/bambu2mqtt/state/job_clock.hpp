// What the gateway makes of time: when the job began and will end, how long it runs, how long the machine has
// run.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace bambu2mqtt {

/// Watches the job state with our own clock; the printer's clock decides nothing.
class JobClock {
  public:
    /// Takes the state of the report at this moment and sets start_time, end_time, elapsed_time and
    /// total_usage of `gateway`; adds to `changed` which of them became different. A start is only known when
    /// it was seen, or remembered for the same task. Start and end stay after the job until the next one
    /// starts; elapsed_time ends with the job.
    void update(const ReportState& report, Now now, GatewayState& gateway, GatewayFields& changed);

    /// Hours the machine had run before, from the configuration and the state directory.
    void set_usage(double hours) noexcept { usage_hours_ = hours; }

    /// When the running job began; nothing without a job, or when that was not seen.
    [[nodiscard]] std::optional<WallTime> start() const noexcept {
        return active_ == false ? std::nullopt : start_;
    }

    [[nodiscard]] double usage_hours() const noexcept { return usage_hours_; }

    /// The hours as total_usage shows them: whole hundredths, never more than there are.
    [[nodiscard]] double shown_usage() const;

    /// What has to survive a restart: start and end of the job seen last, its task, hours.
    [[nodiscard]] Json save() const;
    void restore(const Json& saved);

  private:
    void follow_job(const ReportState& report, const GatewayState& gateway, bool active, WallTime minute);
    void count_usage(bool active, Now now);

    std::optional<bool> active_;
    std::optional<WallTime> start_;
    std::optional<WallTime> end_;
    std::optional<std::int64_t> minutes_left_;
    std::string task_;
    std::optional<Instant> counted_to_;
    double usage_hours_ = 0;
};

} // namespace bambu2mqtt
