#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/job_fields.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/state/job_clock.hpp>

#include <cmath>

namespace bambu2mqtt {

namespace {

/// Silence longer than this is not counted as running time.
constexpr auto longest_gap = std::chrono::minutes{10};

std::string task_of(const ReportState& report) {
    return std::string{read::text(report.find("subtask_name")).value_or("")};
}

Json time_or_null(const std::optional<WallTime>& time) {
    return time ? Json(rfc3339(*time)) : Json(nullptr);
}

} // namespace

void JobClock::update(const ReportState& report, Now now, GatewayState& gateway, GatewayFields& changed) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(now.wall);
    if (const auto state = job_state(report); state != JobState::unknown) {
        const bool active = is_active(state);
        follow_job(report, gateway, active, minute);
        count_usage(active, now);
    }
    std::optional<std::int64_t> elapsed;
    if (start()) {
        elapsed = std::chrono::floor<std::chrono::minutes>(now.wall - *start_).count();
    }
    assign(gateway.start_time, start_, GatewayField::start_time, changed);
    assign(gateway.end_time, end_, GatewayField::end_time, changed);
    assign(gateway.elapsed_time, elapsed, GatewayField::elapsed_time, changed);
    assign(gateway.total_usage, shown_usage(), GatewayField::total_usage, changed);
}

double JobClock::shown_usage() const {
    return std::floor(usage_hours_ * 100 + 1e-6) / 100; // sums may be slightly too small
}

void JobClock::follow_job(const ReportState& report, const GatewayState& gateway, bool active,
                          WallTime minute) {
    const auto task = task_of(report);
    const bool starts = active && active_ == false;
    const bool foreign = !active_ && task != task_; // the saved state belongs to another job
    if (starts || foreign) {
        start_ = starts ? std::optional{minute} : std::nullopt;
        end_.reset();
        minutes_left_.reset();
    }
    active_ = active;
    task_ = task;
    const auto minutes = job_minutes_left(report, gateway);
    if (active && minutes && minutes != minutes_left_) {
        minutes_left_ = minutes;
        end_ = minute + std::chrono::minutes{*minutes};
    }
}

void JobClock::count_usage(bool active, Now now) {
    if (active && counted_to_ && now.instant > *counted_to_ && now.instant - *counted_to_ <= longest_gap) {
        usage_hours_ += std::chrono::duration<double, std::ratio<3600>>(now.instant - *counted_to_).count();
    }
    counted_to_ = active ? std::optional{now.instant} : std::nullopt;
}

Json JobClock::save() const {
    return Json{{"start", time_or_null(start_)},
                {"end", time_or_null(end_)},
                {"task", task_},
                {"usage_hours", usage_hours_}};
}

void JobClock::restore(const Json& saved) {
    if (!saved.is_object()) {
        return;
    }
    const auto text = [&](const char* key) {
        return std::string{read::text(saved.contains(key) ? &saved[key] : nullptr).value_or("")};
    };
    start_ = parse_rfc3339(text("start"));
    end_ = parse_rfc3339(text("end"));
    task_ = text("task");
    const auto hours = read::number(saved.contains("usage_hours") ? &saved["usage_hours"] : nullptr);
    if (hours && *hours >= usage_hours_ && *hours < 1e7) {
        usage_hours_ = *hours;
    }
}

} // namespace bambu2mqtt
