#pragma once
// A print job and its state at a given share of its time. Pure tables: stages, heating, layers, tray changes.

#include "simulator/model_profile.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::simulator {

/// Source of filament. Unit 255 is the external spool of the only or right nozzle, 254 that of the left one.
struct TrayPlace {
    int unit = 0;
    int slot = 0;

    friend bool operator==(const TrayPlace&, const TrayPlace&) = default;
};

/// What is printed. The defaults are a job for every model.
struct PrintJob {
    std::string name = "Calibration cube";
    int layers = 120;
    int minutes = 75; ///< the slicer's estimate; remaining minutes count down from it at any simulation speed
    int nozzle_temperature = 220;
    int bed_temperature = 60;
    std::vector<TrayPlace> trays{{0, 0}}; ///< used one after another, in equal parts of the layers
    std::string file{};                   ///< as `gcode_file` names it; empty: after the job
    int plate = 1;
    std::string task_id = "0";
    std::string subtask_id = "0";
    std::string project_id = "0";
    std::string profile_id = "0";
};

/// The phase of a job.
enum class JobPart { preparing, warming, loading, calibrating, printing, changing, unloading, finished };

/// All report values that depend on the job's progress.
struct JobMoment {
    JobPart part = JobPart::preparing;
    int stage = 0;           ///< stg_cur
    int sub_stage = 0;       ///< mc_print_sub_stage
    int ams_status = 0;      ///< high byte 1: a change is running, its step in the low byte; 768: engaged
    int prepare_percent = 0; ///< 0-100
    int percent = 0;         ///< 0-100
    int layer = 0;
    int remaining_minutes = 0;
    int nozzle_target = 0; ///< °C
    int bed_target = 0;    ///< °C
    int fan_percent = 0;   ///< part cooling
    int tray = -1;         ///< index into PrintJob::trays of the loaded one, -1 none
};

/// The state at `share` (0 begin, 1 end) of a job's time on this model.
[[nodiscard]] JobMoment moment_of(const PrintJob& job, const ModelProfile& model, double share);

/// Stage numbers of the job, as `stg` announces them at the start.
[[nodiscard]] std::vector<int> announced_stages(const ModelProfile& model);

} // namespace bambu2mqtt::simulator
