#pragma once
// The machine behind the reports: prints jobs, heats, drives fans, changes filament, is paused and cancelled.
// Knows no requests. Pure: time is an argument, random numbers depend on the serial, so two runs give the
// same reports.

#include "simulator/filament_change.hpp"
#include "simulator/heaters.hpp"
#include "simulator/model_profile.hpp"
#include "simulator/print_job.hpp"
#include "simulator/printer.hpp"
#include "simulator/profile_table.hpp"
#include "simulator/report_document.hpp"
#include "simulator/state_words.hpp"
#include "simulator/stored_files.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace bambu2mqtt::simulator {

/// Durations of actions.
struct Durations {
    std::chrono::milliseconds print{600'000}; ///< a whole print
    std::chrono::milliseconds filament_change{20'000};
    std::chrono::milliseconds nozzle_change{2'000};
    std::chrono::milliseconds tag_reading{3'000};
    std::chrono::milliseconds drying_minute{60'000}; ///< in which `dry_time` decreases by one
};

/// In which report the code of a cancelled print comes: printers do both.
enum class CancelCode { with_the_state, one_report_later };

struct MachineOptions {
    const ModelProfile* model = nullptr; ///< never null; see find_model()
    std::string serial{};
    std::chrono::milliseconds report_interval{0}; ///< 0: the model's own
    std::chrono::milliseconds print_duration{
        0}; ///< a whole print, repeatedly; 0: only start_print() and requests print
    std::chrono::milliseconds first_print_after{0};
    PrintJob job{}; ///< of the prints it starts by itself
    MachineSettings settings{};
    Durations durations{};
    CancelCode cancel_code = CancelCode::with_the_state;
    /// During a job's preparation, reports keep progress, layers and remaining time of the previous job;
    /// nothing: as the model does (recorded on P1 and A1).
    std::optional<bool> keeps_old_values{};
    StoredFiles files{}; ///< files that project_file may print; default: any
};

/// One entry of the HMS list.
struct Hms {
    std::uint32_t attribute = 0;
    std::uint32_t code = 0;

    friend bool operator==(const Hms&, const Hms&) = default;
};

inline constexpr std::uint32_t job_cancelled_error = 50348044; ///< 0300-400C
inline constexpr std::uint32_t busy_error = 0x05004004;        ///< a new job during another
inline constexpr std::uint32_t unreadable_file_error = 0x0500C010;

enum class Fan { part, aux, chamber, left_aux };

/// See the top of the file. Every change is in the next report.
class Machine {
  public:
    explicit Machine(MachineOptions options);

    /// The simulated model.
    [[nodiscard]] const ModelProfile& model() const { return *options_.model; }

    /// The current object under `print`.
    [[nodiscard]] const nlohmann::json& state() const { return report_state_.state(); }

    /// The state behind the reports, for its units: set_unit(), remove_unit().
    [[nodiscard]] ReportDocument& document() { return report_state_; }

    [[nodiscard]] const ReportDocument& document() const { return report_state_; }

    /// Sets any other keys under `print`, except AMS units.
    void merge(const nlohmann::json& facts) { report_state_.merge(facts); }

    /// The next full report, as for pushall.
    [[nodiscard]] std::string full_report() { return report_state_.full_report(); }

    [[nodiscard]] const MachineSettings& settings() const { return options_.settings; }

    /// Changes settings; home_flag, cfg, fun and stat follow.
    void change_settings(const std::function<void(MachineSettings&)>& change);

    [[nodiscard]] Durations& durations() { return options_.durations; }

    /// The files on its storage.
    [[nodiscard]] StoredFiles& files() { return options_.files; }

    [[nodiscard]] ProfileTable& profiles() { return profiles_; }

    /// Runs `action` after `delay`. A named one replaces an earlier one of that name.
    void later(std::chrono::milliseconds delay, std::function<void(Machine&)> action, std::string name = {});

    /// Cancels the action that later() has under that name.
    void not_later(const std::string& name);

    /// Starts a job that takes `duration` from PREPARE to FINISH; ends a running one.
    void start_print(const PrintJob& job, std::chrono::milliseconds duration);

    /// A pause as by the button (stage 16). Only during a job.
    void pause() { pause(stage_paused_by_user, 0); }

    /// The filament is used up: a pause with its code (see runout.hpp) in `print_error`, for a spool in an
    /// AMS also in the HMS list; the filament sensor and the slot are empty until resume() or the next job.
    /// Only while a job prints with filament.
    void run_out_of_filament();

    /// The filament is used up and the next filled slot of the unit with the same filament takes over: no
    /// pause, no `print_error`, only the HMS list shows it. False, without effect, if there is no such slot,
    /// the setting auto_switch_filament is off, or no job prints from an AMS.
    bool switch_to_backup();

    /// Whether old values are kept at a job's start, see MachineOptions.
    void set_keeps_old_values(bool keeps) { options_.keeps_old_values = keeps; }

    /// A pause at that stage with that error (0: none). Only during a job.
    void pause(int stage, std::uint32_t error);

    /// Continues after a pause; clears the error.
    void resume();

    /// The user cancels: FAILED with the code for it. Only during a job.
    void cancel();

    /// Sets when the code of a cancelled job comes from now on.
    void set_cancel_code(CancelCode when) { options_.cancel_code = when; }

    /// The job is finished immediately: FINISH.
    void finish();

    /// The job ends as FAILED with this error (0: none, as when the code comes in a later report).
    void fail(std::uint32_t error);

    /// True if a job is printing, preparing or paused.
    [[nodiscard]] bool job_under_way() const;

    [[nodiscard]] bool paused() const { return phase_ == Phase::paused; }

    /// Number of jobs begun, so that an action of later() can tell whether the job is still the same.
    [[nodiscard]] int jobs_begun() const { return jobs_begun_; }

    /// `print_error` and its relatives; 0 clears.
    void set_print_error(std::uint32_t error);

    /// Replaces the HMS list, except for the entry without a text that some models always have.
    void set_hms(const std::vector<Hms>& entries);

    /// Adds missing entries to the HMS list.
    void add_hms(const Hms& entry);

    void remove_hms(const Hms& entry);

    /// Switches a lamp of `lights_report`: "chamber_light", "chamber_light2", "work_light". False if the
    /// model lacks it.
    bool set_light(const std::string& node, const std::string& mode);

    /// Opens or closes the door, where the model reports it.
    void set_door(bool open);

    /// Turns Developer Mode on or off (`fun` bit 29), on models of the newer protocol.
    void set_developer_mode(bool on);

    /// Effect of an unsigned command while signatures are required: an entry in the HMS list.
    void refuse_unsigned();

    /// 1 silent to 4 ludicrous.
    void set_speed(int level);

    /// Targets in °C, limited to the model's maximum; they hold until the job sets another or ends.
    void heat_nozzle(int extruder, int target);
    void heat_bed(int target);
    void heat_chamber(int target);

    /// A fan in percent, under the same rule. Not one that is off in the air duct's mode.
    void set_fan(Fan fan, int percent);

    /// `device.airduct.modeCur`: 0 cooling, 1 heating.
    void set_airduct(int mode);

    /// Loads this filament, or unloads that extruder. Not while a job prints. In a pause the job continues
    /// with it.
    void change_filament(const std::optional<TrayPlace>& to, int extruder);

    /// The loaded filament of the active extruder.
    [[nodiscard]] std::optional<TrayPlace> loaded() const { return filament().loaded; }

    [[nodiscard]] bool changing_filament() const { return change_.has_value(); }

    /// The extruder a spool feeds.
    [[nodiscard]] int extruder_of(const TrayPlace& place) const;

    /// The active extruder: 0 right or only one, 1 left.
    [[nodiscard]] int active_extruder() const { return filament().extruder; }

    /// Changes to the other nozzle; takes Durations::nozzle_change.
    void select_extruder(int id);

  protected:
    ~Machine() = default;

    /// Advances to `now`; returns the messages published meanwhile.
    [[nodiscard]] std::vector<std::string> live_until(Uptime now);

    /// Updates the current time.
    void move_clock(Uptime now) { now_ = std::max(now, now_); }

    [[nodiscard]] Uptime now() const { return now_; }

    [[nodiscard]] const MachineOptions& options() const { return options_; }

  private:
    enum class Phase { idle, printing, paused, finished, failed };

    /// Scheduled actions.
    struct Due {
        std::string name{};
        std::function<void(Machine&)> action{};
    };

    /// State of a job's filament: the spool may be empty or removed while the job is paused.
    enum class Feed { threaded, ran_out, taken_out };

    /// Last target set by the job; a target set by hand holds until that changes.
    struct ControlRequest {
        int nozzle = -1;
        int bed = -1;
        std::optional<FanState> fans{};
        int extruder = -1;
    };

    /// A spool that ran out: its place, and the former content of the AMS slot (null for an external one).
    struct Empty {
        TrayPlace place{};
        nlohmann::json spool{};
    };

    static constexpr int stage_paused_by_user = 16;

    void begin_and_end_by_itself(std::chrono::milliseconds step);
    void enter(Phase phase);
    void end_job(Phase phase);
    void do_what_is_due();
    void finish_filament_change();
    void empty_slot(const TrayPlace& place);
    void refill();
    void forget_runout();
    void report_backup();
    [[nodiscard]] bool keeps_old_values() const;
    [[nodiscard]] nlohmann::json hms_entry(const Hms& entry) const;
    void advance_filament(std::chrono::milliseconds step);
    void follow_job(const JobMoment& moment);
    void write_job(const JobMoment& moment);
    void write_newer_job(const JobMoment& moment);
    void write_filament();
    void write_fans();
    void write_temperatures();
    void write_device();
    void write_surroundings();
    void write_words();
    [[nodiscard]] JobMoment moment() const;
    [[nodiscard]] FilamentState filament() const;
    [[nodiscard]] nlohmann::json degrees(double value) const;
    [[nodiscard]] std::optional<TrayPlace> tray_of(const JobMoment& moment) const;
    [[nodiscard]] int draw(int low, int high);

    MachineOptions options_;
    ReportDocument report_state_;
    std::minstd_rand random_;
    Uptime now_{0};
    std::multimap<Uptime, Due> due_;

    Phase phase_ = Phase::idle;
    std::chrono::milliseconds in_phase_{0};
    PrintJob job_{};
    std::chrono::milliseconds job_duration_{0};
    std::chrono::milliseconds job_elapsed_{0};
    int pause_stage_ = 0;
    Feed feed_ = Feed::threaded;
    int jobs_begun_ = 0;
    bool beginning_due_ = false; ///< the report that a job has begun
    bool numbers_begun_ = false; ///< progress, layers and remaining time are those of this job
    std::vector<Empty> empty_{};
    bool switching_ = false; ///< to a backup spool
    std::uint32_t error_of_next_report_ = 0;
    ControlRequest wish_{};

    ProfileTable profiles_;

    Heaters heaters_;
    FanState fans_{};
    std::optional<FanState> fans_told_{};
    std::optional<FilamentState> filament_told_{};
    int airduct_mode_ = 0;
    std::vector<std::optional<TrayPlace>> loaded_; ///< by extruder, outside of jobs
    std::optional<FilamentChange> change_{};
    int target_before_change_ = 0; ///< of the nozzle, °C
    int extruder_ = 0;             ///< active one, outside of jobs
    int extruder_wanted_ = 0;      ///< selected one
};

} // namespace bambu2mqtt::simulator
