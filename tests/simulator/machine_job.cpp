// How jobs begin, pause, continue and end on a simulated machine.

#include "simulator/machine.hpp"

#include <algorithm>
#include <utility>

namespace bambu2mqtt::simulator {

using nlohmann::json;

std::vector<std::string> Machine::live_until(Uptime now) {
    const auto step = std::max(now - now_, Uptime{0});
    move_clock(now);
    do_what_is_due();
    begin_and_end_by_itself(step);
    std::vector<std::string> messages;
    if (std::exchange(beginning_due_, false)) // as recorded: P1 a full report, A1 what changed
        messages.push_back(model().family == Family::p1 ? report_state_.full_report()
                                                        : report_state_.partial_report());
    advance_filament(step);
    if (job_under_way()) {
        const auto at = moment();
        follow_job(at);
        write_job(at);
    }
    heaters_.advance(step, job_duration_.count() > 0 ? job_duration_ : std::chrono::milliseconds{2'000'000});
    write_filament();
    write_fans();
    write_temperatures();
    write_surroundings();
    messages.push_back(report_state_.partial_report());
    if (error_of_next_report_ != 0)
        set_print_error(std::exchange(error_of_next_report_, 0));
    return messages;
}

void Machine::begin_and_end_by_itself(std::chrono::milliseconds step) {
    in_phase_ += step;
    if (phase_ == Phase::printing) {
        job_elapsed_ += step;
        if (job_elapsed_ >= job_duration_)
            end_job(Phase::finished);
        return;
    }
    if (options_.print_duration.count() == 0 || phase_ == Phase::paused)
        return;
    const bool over = phase_ == Phase::finished || phase_ == Phase::failed;
    if (over && in_phase_ > options_.print_duration / 5) {
        report_state_.set({"gcode_state"}, "IDLE");
        enter(Phase::idle);
        return;
    }
    const auto rest = jobs_begun_ > 0 ? options_.print_duration / 10 : options_.first_print_after;
    if (phase_ == Phase::idle && in_phase_ > rest)
        start_print(options_.job, options_.print_duration);
}

void Machine::enter(Phase phase) {
    phase_ = phase;
    in_phase_ = Uptime{0};
}

void Machine::start_print(const PrintJob& job, std::chrono::milliseconds duration) {
    job_ = job;
    job_duration_ = std::max(duration, std::chrono::milliseconds{1});
    job_elapsed_ = Uptime{0};
    ++jobs_begun_;
    wish_ = {};
    numbers_begun_ = false;
    refill();
    feed_ = Feed::threaded;
    change_.reset();
    set_print_error(0);
    report_state_.set({"gcode_state"}, "IDLE");
    report_state_.set({"print_type"}, "local");
    report_state_.set({"subtask_name"}, job.name);
    report_state_.set({"task_id"}, job.task_id);
    report_state_.set({"subtask_id"}, job.subtask_id);
    report_state_.set({"project_id"}, job.project_id);
    report_state_.set({"profile_id"}, job.profile_id);
    report_state_.set({"s_obj"}, json::array());
    const bool newer = model().newer_protocol;
    const auto unpacked = "/data/Metadata/plate_" + std::to_string(job.plate) + ".gcode";
    const auto file = !job.file.empty() ? job.file : newer ? unpacked : job.name + ".gcode.3mf";
    report_state_.set({"gcode_file"}, file);
    if (newer) {
        report_state_.set({"file"}, file);
        report_state_.set({"plate_id"}, job.plate);
        report_state_.set({"plate_idx"}, job.plate);
    }
    beginning_due_ = !newer; // P1 and A1 report it separately, still with the numbers of the previous job
    enter(Phase::printing);
}

bool Machine::job_under_way() const {
    return phase_ == Phase::printing || phase_ == Phase::paused;
}

bool Machine::keeps_old_values() const {
    return options_.keeps_old_values.value_or(!model().newer_protocol);
}

void Machine::pause(int stage, std::uint32_t error) {
    if (phase_ != Phase::printing)
        return;
    pause_stage_ = stage;
    if (error != 0)
        set_print_error(error);
    enter(Phase::paused);
}

void Machine::resume() {
    if (phase_ != Phase::paused)
        return;
    set_print_error(0);
    if (feed_ == Feed::ran_out)
        refill();
    feed_ = Feed::threaded;
    if (!switching_) { // else the backup spool is still being loaded
        forget_runout();
        change_.reset();
    }
    wish_ = {};
    enter(Phase::printing);
}

void Machine::cancel() {
    if (!job_under_way())
        return;
    const bool late = options_.cancel_code == CancelCode::one_report_later;
    fail(late ? 0 : job_cancelled_error);
    error_of_next_report_ = late ? job_cancelled_error : 0;
}

void Machine::finish() {
    if (!job_under_way())
        return;
    job_elapsed_ = job_duration_;
    end_job(Phase::finished);
}

void Machine::fail(std::uint32_t error) {
    if (!job_under_way())
        return;
    set_print_error(error);
    end_job(Phase::failed);
}

void Machine::end_job(Phase phase) {
    const auto at = moment();
    std::fill(loaded_.begin(), loaded_.end(), std::nullopt);
    if (phase == Phase::failed && feed_ == Feed::threaded && tray_of(at)) // leaves its filament loaded
        loaded_[static_cast<std::size_t>(extruder_of(*tray_of(at)))] = tray_of(at);
    enter(phase);
    change_.reset();
    forget_runout();
    heaters_.switch_off();
    fans_ = {};
    report_state_.set({"gcode_state"}, phase == Phase::finished ? "FINISH" : "FAILED");
    report_state_.set({"stg_cur"}, model().idle_stage);
    report_state_.set({"stg"}, json::array());
    report_state_.set({"print_type"}, "idle");
    report_state_.set({"mc_print_stage"}, "1");
    report_state_.set({"mc_print_sub_stage"}, 0);
    report_state_.set({"mc_remaining_time"}, 0);
    if (numbers_begun_ || !keeps_old_values() || phase == Phase::finished) {
        report_state_.set({"mc_percent"}, at.percent);
        report_state_.set({"layer_num"}, at.layer);
        report_state_.set({"total_layer_num"}, job_.layers);
    }
    if (!model().newer_protocol)
        report_state_.set({"gcode_file"}, "");
    else
        write_newer_job({.percent = at.percent, .layer = at.layer});
}

JobMoment Machine::moment() const {
    const auto share = static_cast<double>(job_elapsed_.count()) /
                       static_cast<double>(std::max<std::int64_t>(1, job_duration_.count()));
    return moment_of(job_, model(), share);
}

std::optional<TrayPlace> Machine::tray_of(const JobMoment& at) const {
    const bool any = at.tray >= 0 && static_cast<std::size_t>(at.tray) < job_.trays.size();
    return any ? std::optional{job_.trays[static_cast<std::size_t>(at.tray)]} : std::nullopt;
}

void Machine::follow_job(const JobMoment& at) {
    const auto place = tray_of(at);
    if (place)
        extruder_ = extruder_wanted_ = extruder_of(*place);
    if (at.nozzle_target != wish_.nozzle || extruder_ != wish_.extruder) {
        for (auto& nozzle : heaters_.nozzles)
            nozzle.target = 0;
        heat_nozzle(extruder_, at.nozzle_target);
    }
    if (at.bed_target != wish_.bed)
        heat_bed(at.bed_target);
    const bool enclosed = model().family != Family::a1;
    const FanState fans{.part = at.fan_percent,
                        .aux = enclosed && at.fan_percent > 0 ? 50 : 0,
                        .chamber = enclosed && at.part == JobPart::printing ? 30 : 0};
    if (wish_.fans != fans)
        fans_ = fans;
    wish_ = {.nozzle = at.nozzle_target, .bed = at.bed_target, .fans = fans, .extruder = extruder_};
}

} // namespace bambu2mqtt::simulator
