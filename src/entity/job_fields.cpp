#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/entity/job_fields.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

namespace bambu2mqtt {

namespace {

/// The number at one of two places in the report, if it belongs to the job and is in range.
std::optional<std::int64_t> job_number(const ReportState& report, const GatewayState& gateway, JobField field,
                                       std::string_view first, std::string_view second, std::int64_t most) {
    if (!belongs_to_job(gateway, field)) {
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

bool belongs_to_job(const GatewayState& gateway, JobField field) {
    return !gateway.job_values_missing.test(static_cast<std::size_t>(field));
}

std::optional<std::int64_t> job_percent(const ReportState& report, const GatewayState& gateway) {
    const auto percent = job_number(report, gateway, JobField::progress, "mc_percent", "percent", 100);
    return percent ? percent : job_number(report, gateway, JobField::progress, "percent", "percent", 100);
}

std::optional<std::int64_t> job_minutes_left(const ReportState& report, const GatewayState& gateway) {
    return job_number(report, gateway, JobField::remaining, "mc_remaining_time", "remain_time",
                      60 * 24 * 365);
}

std::optional<std::int64_t> job_layer(const ReportState& report, const GatewayState& gateway) {
    return job_number(report, gateway, JobField::layer, "layer_num", "3D/layer_num", 999'999);
}

std::optional<std::int64_t> job_total_layers(const ReportState& report, const GatewayState& gateway) {
    return job_number(report, gateway, JobField::total_layers, "total_layer_num", "3D/total_layer_num",
                      999'999);
}

} // namespace bambu2mqtt
