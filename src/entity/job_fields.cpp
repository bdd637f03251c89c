#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/job_fields.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

namespace bambu2mqtt {

namespace {

/// The number at one of two places in the report, where it belongs to the job and lies in the bounds.
std::optional<std::int64_t> job_number(const ReportState& report, JobField field, std::string_view first,
                                       std::string_view second, std::int64_t most) {
    if (!belongs_to_job(report, field)) {
        return std::nullopt;
    }
    for (const auto path : {first, second}) {
        if (const auto number = read::integer(report.find(path))) {
            return *number >= 0 && *number <= most ? number : std::nullopt;
        }
    }
    return std::nullopt;
}

} // namespace

bool belongs_to_job(const ReportState& report, JobField field) {
    const auto missing = read::integer(report.find("gateway/job_values_missing")).value_or(0);
    return (static_cast<std::uint64_t>(missing) >> static_cast<unsigned>(field) & 1U) == 0;
}

std::optional<std::int64_t> job_percent(const ReportState& report) {
    const auto percent = job_number(report, JobField::progress, "mc_percent", "percent", 100);
    return percent ? percent : job_number(report, JobField::progress, "percent", "percent", 100);
}

std::optional<std::int64_t> job_minutes_left(const ReportState& report) {
    return job_number(report, JobField::remaining, "mc_remaining_time", "remain_time", 60 * 24 * 365);
}

std::optional<std::int64_t> job_layer(const ReportState& report) {
    return job_number(report, JobField::layer, "layer_num", "3D/layer_num", 999'999);
}

std::optional<std::int64_t> job_total_layers(const ReportState& report) {
    return job_number(report, JobField::total_layers, "total_layer_num", "3D/total_layer_num", 999'999);
}

} // namespace bambu2mqtt
