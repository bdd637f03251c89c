// Job times and usage hours, measured by the gateway: start and end of the job, elapsed time, hours of use.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace bambu2mqtt {

/// Follows the job state with the gateway's clock; the printer's clock is not used.
class JobClock {
  public:
    /// Evaluates the current state and sets start_time, end_time, elapsed_time and total_usage of `gateway`;
    /// adds the changed ones to `changed`. A start is only known if it was observed, or saved for the same
    /// task. Start and end stay after the job until the next one starts; elapsed_time ends with the job.
    void update(const ReportState& report, Now now, GatewayState& gateway, GatewayFields& changed);

    /// Earlier hours of use, from the configuration and the state directory.
    void set_usage(double hours) noexcept { usage_hours_ = hours; }

    /// When the running job began; nothing without a job, or if not observed.
    [[nodiscard]] std::optional<WallTime> start() const noexcept {
        return active_ == false ? std::nullopt : start_;
    }

    [[nodiscard]] double usage_hours() const noexcept { return usage_hours_; }

    /// The hours for total_usage: hundredths, rounded down.
    [[nodiscard]] double shown_usage() const;

    /// State for a restart: start and end of the last job, its task, hours.
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
