#pragma once
// A print job and where it stands at a given share of its time. Pure tables: stages, heating, layers, tray
// changes.

#include "simulator/model_profile.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::simulator {

/// Where filament comes from. Unit 255 is the external spool of the only or right nozzle, 254 that of the
/// left one.
struct TrayPlace {
    int unit = 0;
    int slot = 0;

    friend bool operator==(const TrayPlace&, const TrayPlace&) = default;
};

/// What is printed. The defaults make a job every model can do.
struct PrintJob {
    std::string name = "Calibration cube";
    int layers = 120;
    int minutes = 75; ///< what the slicer promised; remaining minutes run down from it however fast time goes
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

/// Which part of a job is under way.
enum class JobPart { preparing, warming, loading, calibrating, printing, changing, unloading, finished };

/// Everything a report says that follows from how far the job is.
struct JobMoment {
    JobPart part = JobPart::preparing;
    int stage = 0;           ///< stg_cur
    int sub_stage = 0;       ///< mc_print_sub_stage
    int ams_status = 0;      ///< high byte 1: a change is under way, its step in the low byte; 768: engaged
    int prepare_percent = 0; ///< 0-100
    int percent = 0;         ///< 0-100
    int layer = 0;
    int remaining_minutes = 0;
    int nozzle_target = 0; ///< °C
    int bed_target = 0;    ///< °C
    int fan_percent = 0;   ///< part cooling
    int tray = -1;         ///< index into PrintJob::trays of the loaded one, -1 none
};

/// The moment at `share` (0 begin, 1 end) of a job's time on this model.
[[nodiscard]] JobMoment moment_of(const PrintJob& job, const ModelProfile& model, double share);

/// Stage numbers the job will pass through, as `stg` announces them at the start.
[[nodiscard]] std::vector<int> announced_stages(const ModelProfile& model);

} // namespace bambu2mqtt::simulator
