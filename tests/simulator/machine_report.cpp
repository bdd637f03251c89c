// Changes of a simulated machine's report over time: job, filament, temperatures, fans, environment.

#include "simulator/device_state.hpp"
#include "simulator/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr int newer_state_idle = 0;
constexpr int newer_state_printing = 4;
constexpr int newer_state_finished = 6;
constexpr int filament_engaged = 768;
constexpr int filament_not_fed = 261;
constexpr int sub_stage_changing_filament = 4;
constexpr int first_external_unit = 254;

int whole(double value) {
    return static_cast<int>(std::lround(value));
}

/// Fan speed as G-code counts it, 0 to 255.
int fan_byte(int percent) {
    return percent * 255 / 100;
}

/// Fan speed as firmware reports it: 0 to 15 as text, rounded down (50 % is "7" in the recordings).
std::string fan_steps(int byte) {
    return std::to_string(std::max(byte, 0) / 17);
}

/// tray_now and similar keys: global index, 254 external, 255 none.
std::string tray_index(const ModelProfile& model, const std::optional<TrayPlace>& place) {
    if (!place)
        return "255";
    if (place->unit >= first_external_unit)
        return "254";
    if (place->unit >= 128)
        return std::to_string(place->unit);
    // two nozzles: the slot within its own unit
    return std::to_string(model.extruders > 1 ? place->slot : place->unit * 4 + place->slot);
}

} // namespace

void Machine::write_job(const JobMoment& at) {
    const bool preparing = at.part == JobPart::preparing;
    options_.settings.homed = options_.settings.homed || at.stage == 13;
    write_words();
    report_state_.set({"gcode_state"}, paused() ? "PAUSE" : preparing ? "PREPARE" : "RUNNING");
    report_state_.set({"print_type"}, "local");
    report_state_.set({"mc_print_stage"}, paused() ? "3" : preparing ? "1" : "2");
    report_state_.set({"gcode_file_prepare_percent"}, std::to_string(at.prepare_percent));
    if (paused())
        report_state_.set({"stg_cur"}, change_ ? change_->state().stage : pause_stage_);
    if (preparing && keeps_old_values())
        return;
    report_state_.set({"stg"}, announced_stages(model()));
    report_state_.set({"mc_print_sub_stage"}, change_ ? sub_stage_changing_filament : at.sub_stage);
    report_state_.set({"mc_percent"}, at.percent);
    report_state_.set({"layer_num"}, at.layer);
    report_state_.set({"total_layer_num"}, job_.layers);
    if (!std::exchange(numbers_begun_, true) && keeps_old_values())
        return; // the stage and the remaining time come one report later
    if (!paused())
        report_state_.set({"stg_cur"}, at.stage);
    report_state_.set({"mc_remaining_time"}, at.remaining_minutes);
    if (model().newer_protocol)
        write_newer_job(at);
}

void Machine::write_newer_job(const JobMoment& at) {
    const auto place = tray_of(at);
    report_state_.set({"mapping"}, place ? json::array({place->unit << 8 | place->slot}) : json::array());
    report_state_.set({"percent"}, at.percent);
    if (job_under_way())
        report_state_.set({"prepare_per"}, at.prepare_percent);
    report_state_.set({"remain_time"}, at.remaining_minutes);
    report_state_.set({"state"}, job_under_way()             ? newer_state_printing
                                 : phase_ == Phase::finished ? newer_state_finished
                                                             : newer_state_idle);
    if (state().contains("3D"))
        report_state_.merge({{"3D", {{"layer_num", at.layer}, {"total_layer_num", job_.layers}}}});
}

FilamentState Machine::filament() const {
    if (change_)
        return change_->state();
    if (!job_under_way()) {
        const auto& place = loaded_[static_cast<std::size_t>(extruder_)];
        const bool engaged = place && place->unit < first_external_unit;
        return {.loaded = place,
                .target = place,
                .extruder = extruder_,
                .ams_status = engaged ? filament_engaged : 0,
                .at_sensor = place.has_value()};
    }
    const auto at = moment();
    const auto place = feed_ == Feed::taken_out ? std::nullopt : tray_of(at);
    if (place && feed_ == Feed::ran_out && place->unit < first_external_unit) // waits for that slot
        return {.target = place, .extruder = extruder_of(*place), .ams_status = filament_not_fed};
    return {.loaded = place,
            .target = place,
            .extruder = place ? extruder_of(*place) : extruder_,
            .ams_status = at.ams_status,
            .at_sensor = place && feed_ == Feed::threaded};
}

void Machine::write_filament() {
    const auto at = filament();
    if (at != filament_told_) {
        const auto now = tray_index(model(), at.loaded);
        report_state_.set({"ams", "tray_now"}, now);
        report_state_.set({"ams", "tray_tar"}, tray_index(model(), at.target));
        if (at.loaded)
            report_state_.set({"ams", "tray_pre"}, now);
        report_state_.set({"ams_status"}, at.ams_status);
        report_state_.set({"hw_switch_state"}, at.at_sensor ? 1 : 0);
        filament_told_ = at;
    }
    if (at.stage != 0 && !job_under_way())
        report_state_.set({"stg_cur"}, at.stage);
    if (model().newer_protocol)
        write_device();
}

void Machine::write_device() {
    const auto at = filament();
    std::vector<ExtruderState> extruders;
    for (int id = 0; id < model().extruders; ++id) {
        const auto place = static_cast<std::size_t>(id);
        const bool in_use = id == at.extruder;
        const auto other = job_under_way() ? std::nullopt : loaded_[place];
        extruders.push_back({.id = id,
                             .temperature = whole(heaters_.nozzles[place].now),
                             .target = heaters_.nozzles[place].target,
                             .loaded = in_use ? at.loaded : other,
                             .target_slot = in_use ? at.target : other,
                             .ams_status = in_use ? at.ams_status : 0});
    }
    report_state_.merge(
        {{"device", {{"extruder", extruder_state(extruders, at.extruder, extruder_wanted_)}}}});
}

/// A1 firmware reports measured speeds: they vary by a step, and all three keys show the only fan.
void Machine::write_fans() {
    const auto& nozzle = heaters_.nozzles[static_cast<std::size_t>(extruder_)];
    const bool measured = model().family == Family::a1;
    const bool warm = nozzle.now > 50 || nozzle.target > 0;
    report_state_.set({"heatbreak_fan_speed"}, !warm ? "0" : measured ? std::to_string(draw(8, 9)) : "15");
    if (fans_ == fans_told_ && !(measured && fans_.part > 0))
        return;
    fans_told_ = fans_;
    const auto part = fan_steps(fan_byte(fans_.part) - (measured ? draw(0, 3) : 0));
    report_state_.set({"cooling_fan_speed"}, part);
    report_state_.set({"big_fan1_speed"}, measured ? part : fan_steps(fan_byte(fans_.aux)));
    report_state_.set({"big_fan2_speed"}, measured ? part : fan_steps(fan_byte(fans_.chamber)));
    report_state_.set({"fan_gear"},
                      fan_byte(fans_.part) | fan_byte(fans_.aux) << 8 | fan_byte(fans_.chamber) << 16);
    if (!model().airduct)
        return;
    auto parts = airduct_parts(model(), fans_);
    for (auto& part : parts)
        part.erase("range"); // a partial report has the changed parts, without it
    report_state_.set_elements({"device", "airduct", "parts"}, parts);
}

void Machine::write_temperatures() {
    const auto& nozzle = heaters_.nozzles[static_cast<std::size_t>(extruder_)];
    const auto& bed = heaters_.bed;
    const auto& chamber = heaters_.chamber;
    report_state_.set({"nozzle_temper"}, degrees(nozzle.now + draw(-8, 8) / 32.0));
    report_state_.set({"bed_temper"}, degrees(bed.now + draw(-2, 2) / 32.0));
    report_state_.set({"nozzle_target_temper"}, degrees(nozzle.target));
    report_state_.set({"bed_target_temper"}, degrees(bed.target));
    if (!model().newer_protocol)
        return;
    const int packed_bed = packed_temperature(whole(bed.now), bed.target);
    report_state_.set({"device", "bed", "info", "temp"}, packed_bed);
    report_state_.set({"device", "bed", "state"}, bed.target > 0 ? 2 : 0);
    report_state_.set({"device", "bed_temp"}, packed_bed);
    report_state_.set({"device", "ctc", "info", "temp"},
                      packed_temperature(whole(chamber.now), chamber.target));
    report_state_.set({"device", "ctc", "state"}, chamber.target > 0 ? 2 : 0);
    if (state().contains("info"))
        report_state_.set({"info", "temp"}, whole(chamber.now));
    if (state().contains("chamber_temper"))
        report_state_.set({"chamber_temper"}, degrees(chamber.now));
    if (model().family == Family::h2) {
        report_state_.set({"device", "cham_temp"}, whole(chamber.now));
        report_state_.set({"ctt"}, degrees(chamber.target));
    }
}

json Machine::degrees(double value) const {
    if (model().whole_degrees)
        return static_cast<double>(std::lround(value));
    const long steps = std::lround(value * 32);
    if (steps % 32 == 0)
        return steps / 32;
    return static_cast<double>(steps) / 32;
}

void Machine::write_words() {
    report_state_.set({"home_flag"}, home_flag(model(), settings()));
    if (!model().newer_protocol)
        return;
    report_state_.set({"cfg"}, cfg_word(model(), settings()));
    if (settings().reports_fun)
        report_state_.set({"fun"}, fun_word(model(), settings()));
    report_state_.set({"stat"}, stat_word(settings()));
}

void Machine::write_surroundings() {
    if (draw(0, 1) == 0)
        report_state_.set({"wifi_signal"}, fmt::format("-{}dBm", draw(44, 52)));
    if (model().units.empty() || draw(0, 1) == 0)
        return;
    const auto& profile =
        model().units[static_cast<std::size_t>(draw(0, static_cast<int>(model().units.size()) - 1))];
    const auto* const unit = report_state_.unit(std::to_string(profile.id));
    if (unit == nullptr || profile.kind == AmsKind::ams_lite)
        return;
    json changed = *unit;
    changed["temp"] = fmt::format("{:.1f}", 26.0 + draw(3, 5) / 10.0);
    changed["humidity_raw"] = std::to_string(draw(14, 15));
    report_state_.set_unit(std::move(changed));
}

int Machine::draw(int low, int high) {
    return low + static_cast<int>(random_() % static_cast<std::uint32_t>(high - low + 1));
}

} // namespace bambu2mqtt::simulator
