#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/job_fields.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/printer/report.hpp>
#include <bambu2mqtt/state/job_values.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

/// The place of a value in a report.
struct NamedAt {
    JobField field{};
    std::string_view pointer{};
};

constexpr std::array named_at{
    NamedAt{JobField::progress, "/mc_percent"},
    NamedAt{JobField::progress, "/percent"},
    NamedAt{JobField::layer, "/layer_num"},
    NamedAt{JobField::layer, "/3D/layer_num"},
    NamedAt{JobField::total_layers, "/total_layer_num"},
    NamedAt{JobField::total_layers, "/3D/total_layer_num"},
    NamedAt{JobField::remaining, "/mc_remaining_time"},
    NamedAt{JobField::remaining, "/remain_time"},
};

constexpr std::size_t place_of(JobField field) {
    return static_cast<std::size_t>(field);
}

constexpr std::uint64_t all_fields = (1U << place_of(JobField::count_)) - 1;

constexpr std::array with_the_layer{JobField::progress, JobField::layer, JobField::total_layers};

bool is_zero(const ReportState& merged, std::string_view path, std::string_view other) {
    const auto number = read::integer(merged.find(path));
    return (number ? number : read::integer(merged.find(other))) == 0;
}

std::string name_of_job(const ReportState& merged) {
    return std::string{read::text(merged.find("subtask_name")).value_or("")};
}

} // namespace

void JobValues::begin(const std::string& name) {
    missing_ = all_fields;
    running_ = false;
    named_ = false;
    again_ = !name.empty() && name == name_;
}

void JobValues::update(const ReportState& merged, const Report& report, GatewayState& gateway,
                       GatewayFields& changed) {
    const auto state = job_state(merged);
    if (state == JobState::unknown) {
        return;
    }
    const bool runs = state == JobState::running || state == JobState::pause;
    const bool active = is_active(state);
    const auto name = active ? name_of_job(merged) : name_;
    const bool starts = active && (active_.has_value() ? !*active_ : !runs);
    // The end of one job and the start of the next were not seen.
    const bool another = active && !runs && running_ && (name != name_ || report.full);
    if (starts || another) {
        begin(name);
    }
    running_ = runs || (running_ && active);
    active_ = active;
    name_ = name;
    if (missing_.any()) {
        take(merged, report);
    }
    const std::bitset<8> missing{active && !running_ ? all_fields : missing_.to_ullong()};
    assign(gateway.job_values_missing, missing, GatewayField::job_values, changed);
}

void JobValues::take(const ReportState& merged, const Report& report) {
    if (report.full) {
        if (running_ || active_ == false) {
            missing_.reset();
        }
        return; // between a start and RUNNING a full report still has the previous job
    }
    const auto counts = [&](std::span<const JobField> fields) {
        for (const auto field : fields) {
            missing_.reset(place_of(field));
        }
    };
    if (running_ && named_) {
        counts(with_the_layer);
    }
    for (const auto& row : named_at) {
        if (report.body.at_pointer(row.pointer).error() == simdjson::SUCCESS) {
            missing_.reset(place_of(row.field));
            named_ = named_ || row.field == JobField::progress || row.field == JobField::layer;
        }
    }
    if (!running_) {
        return;
    }
    if (named_ && again_) {
        counts(with_the_layer);
    }
    if (is_zero(merged, "mc_percent", "percent")) {
        counts(std::array{JobField::progress});
    }
    if (is_zero(merged, "layer_num", "3D/layer_num")) {
        counts(std::array{JobField::layer});
    }
}

} // namespace bambu2mqtt
