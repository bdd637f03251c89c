#include "simulator/print_job.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace bambu2mqtt::simulator {
namespace {

/// One step of a job before the first layer. Temperatures as a share of the job's own.
struct Step {
    double until = 0; ///< share of the job's time
    JobPart part = JobPart::preparing;
    int stage = 0;
    int sub_stage = 0;
    int ams_status = 0;
    double nozzle = 0;
    double bed = 0;
    int percent = 0;
    bool needs_lidar = false;
};

constexpr double printing_begins = 0.26;
constexpr double printing_ends = 0.94;
constexpr double change_length = 0.02;
constexpr int job_filament_engaged = 768;

constexpr std::array steps{
    Step{.until = 0.05, .part = JobPart::preparing},
    Step{.until = 0.10, .part = JobPart::warming, .stage = 2, .sub_stage = 2, .nozzle = 0.64, .bed = 1},
    Step{.until = 0.12, .part = JobPart::loading, .stage = 4, .ams_status = 258, .nozzle = 1, .bed = 1},
    Step{.until = 0.13, .part = JobPart::loading, .stage = 4, .ams_status = 261, .nozzle = 1, .bed = 1},
    Step{.until = 0.14, .part = JobPart::loading, .stage = 4, .ams_status = 262, .nozzle = 1, .bed = 1},
    Step{.until = 0.17, .part = JobPart::calibrating, .stage = 14, .nozzle = 0.64, .bed = 1, .percent = 1},
    Step{.until = 0.19,
         .part = JobPart::calibrating,
         .stage = 13,
         .sub_stage = 1,
         .nozzle = 0.64,
         .bed = 1,
         .percent = 1},
    Step{.until = 0.23, .part = JobPart::calibrating, .stage = 1, .nozzle = 0.64, .bed = 1, .percent = 2},
    Step{.until = printing_begins,
         .part = JobPart::calibrating,
         .stage = 8,
         .nozzle = 1,
         .bed = 1,
         .percent = 2,
         .needs_lidar = true},
};

/// Ends of the steps of unloading, with the AMS state meanwhile.
constexpr std::array unloading{std::pair{0.96, 258}, std::pair{0.98, 259}, std::pair{1.01, 260}};

JobMoment before_first_layer(const PrintJob& job, const ModelProfile& model, double share) {
    const auto* step =
        std::find_if(steps.begin(), steps.end(), [share](const Step& s) { return share < s.until; });
    if (step == steps.end())
        --step;
    if (step->needs_lidar && !model.lidar)
        --step;
    JobMoment moment{.part = step->part,
                     .stage = step->stage,
                     .sub_stage = step->sub_stage,
                     .ams_status = step->ams_status,
                     .prepare_percent = 100,
                     .percent = step->percent,
                     .nozzle_target = static_cast<int>(std::lround(job.nozzle_temperature * step->nozzle)),
                     .bed_target = static_cast<int>(std::lround(job.bed_temperature * step->bed))};
    if (step->part == JobPart::preparing) {
        moment.stage = model.idle_stage;
        moment.prepare_percent = static_cast<int>(share / step->until * 100);
    }
    const bool filament_in = step->part == JobPart::calibrating || step->ams_status == 262;
    moment.tray = filament_in ? 0 : -1;
    if (step->part == JobPart::calibrating)
        moment.ams_status = job_filament_engaged;
    return moment;
}

JobMoment during_layers(const PrintJob& job, const ModelProfile& model, double share) {
    const double done = (share - printing_begins) / (printing_ends - printing_begins);
    const auto trays = static_cast<double>(std::max<std::size_t>(1, job.trays.size()));
    const double place = done * trays;
    const int tray = static_cast<int>(place);
    const bool changing = tray > 0 && place - tray < change_length * trays;
    const int layer = std::min(job.layers, static_cast<int>(done * job.layers) + 1);
    JobMoment moment{.part = changing ? JobPart::changing : JobPart::printing,
                     .stage = changing ? 4 : 0,
                     .sub_stage = changing ? 4 : 0,
                     .ams_status = changing ? 262 : job_filament_engaged,
                     .prepare_percent = 100,
                     .percent = std::min(99, 2 + static_cast<int>(done * 97)),
                     .layer = layer,
                     .nozzle_target = job.nozzle_temperature,
                     .bed_target = job.bed_temperature,
                     .fan_percent = layer < 2 ? 0 : 70,
                     .tray = tray};
    if (model.lidar && layer == 1 && job.layers > 1)
        moment.stage = 10;
    return moment;
}

JobMoment after_last_layer(const PrintJob& job, const ModelProfile& model, double share) {
    const auto* step =
        std::find_if(unloading.begin(), unloading.end(), [share](const auto& s) { return share < s.first; });
    const bool still_in = step == unloading.begin();
    return {.part = JobPart::unloading,
            .stage = model.idle_stage,
            .sub_stage = 4,
            .ams_status = step == unloading.end() ? 0 : step->second,
            .prepare_percent = 100,
            .percent = 99,
            .layer = job.layers,
            .nozzle_target = still_in ? job.nozzle_temperature : 0,
            .tray = still_in ? static_cast<int>(job.trays.size()) - 1 : -1};
}

} // namespace

JobMoment moment_of(const PrintJob& job, const ModelProfile& model, double share) {
    if (share >= 1)
        return {.part = JobPart::finished,
                .stage = model.idle_stage,
                .prepare_percent = 100,
                .percent = 100,
                .layer = job.layers};
    auto moment = share < printing_begins ? before_first_layer(job, model, share)
                  : share < printing_ends ? during_layers(job, model, share)
                                          : after_last_layer(job, model, share);
    moment.remaining_minutes = static_cast<int>(std::ceil(job.minutes * (1 - share)));
    return moment;
}

std::vector<int> announced_stages(const ModelProfile& model) {
    if (model.lidar)
        return {2, 4, 14, 13, 1, 8, 10};
    return {2, 4, 14, 13, 1};
}

} // namespace bambu2mqtt::simulator
