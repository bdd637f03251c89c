// What a simulated printer writes into its report as time goes by: job, filament, heat, fans, surroundings.

#include "simulator/device_state.hpp"
#include "simulator/simulated_printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr double room_temperature = 25;
constexpr int newer_state_idle = 0;
constexpr int newer_state_printing = 4;
constexpr int newer_state_finished = 6;

/// How much of the way to its target something goes in `step` when it needs about `time_constant` for two
/// thirds.
double share_of_way(std::chrono::milliseconds step, double time_constant_ms) {
    return 1 - std::exp(-static_cast<double>(step.count()) / std::max(1.0, time_constant_ms));
}

int whole(double value) {
    return static_cast<int>(std::lround(value));
}

/// Fan speed as firmware writes it: 0 to 15, as text.
std::string fan_steps(int percent) {
    return std::to_string((percent * 15 + 50) / 100);
}

int fan_byte(int percent) {
    return percent * 255 / 100;
}

} // namespace

JobMoment SimulatedPrinter::moment() const {
    const auto share = static_cast<double>(job_elapsed_.count()) / static_cast<double>(job_duration_.count());
    return moment_of(job_, model(), share);
}

void SimulatedPrinter::live(std::chrono::milliseconds step) {
    if (phase_ == Phase::printing || phase_ == Phase::paused) {
        write_job();
    } else {
        nozzle_target_ = 0;
        bed_target_ = 0;
        if (printed_before_) {
            const auto last = moment();
            const JobMoment over{.part = JobPart::finished,
                                 .prepare_percent = last.prepare_percent,
                                 .percent = last.percent,
                                 .layer = last.layer};
            document_.set({"mc_print_stage"}, "1");
            document_.set({"mc_print_sub_stage"}, 0);
            document_.set({"mc_percent"}, over.percent);
            document_.set({"mc_remaining_time"}, 0);
            write_filament(over);
            write_fans(over);
        }
    }
    write_temperatures(step);
    write_surroundings();
}

void SimulatedPrinter::write_job() {
    const auto at = moment();
    const bool paused = phase_ == Phase::paused;
    const bool preparing = at.part == JobPart::preparing;
    nozzle_target_ = at.nozzle_target;
    bed_target_ = at.bed_target;
    options_.settings.homed = options_.settings.homed || at.stage == 13;
    write_words();
    document_.set({"gcode_state"}, paused ? "PAUSE" : preparing ? "PREPARE" : "RUNNING");
    document_.set({"print_type"}, "local");
    document_.set({"stg"}, announced_stages(model()));
    document_.set({"stg_cur"}, paused ? pause_stage_ : at.stage);
    document_.set({"mc_print_stage"}, preparing ? "1" : "2");
    document_.set({"mc_print_sub_stage"}, at.sub_stage);
    document_.set({"gcode_file_prepare_percent"}, std::to_string(at.prepare_percent));
    document_.set({"mc_percent"}, at.percent);
    document_.set({"mc_remaining_time"}, at.remaining_minutes);
    document_.set({"layer_num"}, at.layer);
    document_.set({"total_layer_num"}, job_.layers);
    write_filament(at);
    write_fans(at);
}

void SimulatedPrinter::write_filament(const JobMoment& at) {
    const auto place = loaded_tray(at);
    std::string now = "255";
    if (place) {
        const bool external = place->unit >= 254;
        const bool one_slot = place->unit >= 128;
        const int index = external                ? 254
                          : one_slot              ? place->unit
                          : model().extruders > 1 ? place->slot // two nozzles: the slot within its own unit
                                                  : place->unit * 4 + place->slot;
        now = std::to_string(index);
    }
    document_.set({"ams", "tray_now"}, now);
    document_.set({"ams", "tray_tar"}, now);
    if (place)
        document_.set({"ams", "tray_pre"}, now);
    document_.set({"ams_status"}, at.ams_status);
    const bool ran_out = phase_ == Phase::paused && state().at("print_error") == filament_ran_out_error;
    document_.set({"hw_switch_state"}, place && !ran_out ? 1 : 0);
    if (model().newer_protocol)
        write_device(at);
}

std::optional<TrayPlace> SimulatedPrinter::loaded_tray(const JobMoment& at) const {
    const bool any = at.tray >= 0 && static_cast<std::size_t>(at.tray) < job_.trays.size();
    return any ? std::optional{job_.trays[static_cast<std::size_t>(at.tray)]} : std::nullopt;
}

int SimulatedPrinter::extruder_of(const TrayPlace& place) const {
    const auto unit =
        std::find_if(model().units.begin(), model().units.end(),
                     [&place](const AmsUnitProfile& candidate) { return candidate.id == place.unit; });
    if (unit != model().units.end())
        return unit->extruder;
    return place.unit == 254 ? 1 : 0;
}

void SimulatedPrinter::write_device(const JobMoment& at) {
    const auto place = loaded_tray(at);
    const int active = place ? extruder_of(*place) : 0;
    std::vector<ExtruderState> extruders;
    for (int id = 0; id < model().extruders; ++id) {
        const bool prints = id == active;
        extruders.push_back({.id = id,
                             .temperature = whole(prints ? nozzle_ : room_temperature),
                             .target = prints ? nozzle_target_ : 0,
                             .loaded = prints ? place : std::nullopt,
                             .ams_status = prints ? at.ams_status : 0});
    }
    document_.merge({{"device", {{"extruder", extruder_state(extruders, active)}}}});
    document_.set({"mapping"}, place ? json::array({place->unit << 8 | place->slot}) : json::array());
    document_.set({"percent"}, at.percent);
    document_.set({"prepare_per"}, at.prepare_percent);
    document_.set({"remain_time"}, at.remaining_minutes);
    const bool under_way = phase_ == Phase::printing || phase_ == Phase::paused;
    document_.set({"state"}, under_way                   ? newer_state_printing
                             : phase_ == Phase::finished ? newer_state_finished
                                                         : newer_state_idle);
    if (state().contains("3D"))
        document_.merge({{"3D", {{"layer_num", at.layer}, {"total_layer_num", job_.layers}}}});
}

void SimulatedPrinter::write_fans(const JobMoment& at) {
    const bool enclosed = model().family != Family::a1;
    const int chamber = enclosed && at.part == JobPart::printing ? 30 : 0;
    const int aux = enclosed && at.fan_percent > 0 ? 50 : 0;
    document_.set({"cooling_fan_speed"}, fan_steps(at.fan_percent));
    document_.set({"big_fan1_speed"}, fan_steps(aux));
    document_.set({"big_fan2_speed"}, fan_steps(chamber));
    document_.set({"heatbreak_fan_speed"}, nozzle_ > 50 || at.nozzle_target > 0 ? "15" : "0");
    document_.set({"fan_gear"}, fan_byte(at.fan_percent) | fan_byte(aux) << 8 | fan_byte(chamber) << 16);
    if (model().airduct)
        document_.set({"device", "airduct", "parts"},
                      airduct_parts(model(), {.part = at.fan_percent, .aux = aux, .chamber = chamber}));
}

void SimulatedPrinter::write_temperatures(std::chrono::milliseconds step) {
    const auto pace = static_cast<double>(job_duration_.count() > 0 ? job_duration_.count() : 2'000'000);
    nozzle_ +=
        (std::max<double>(nozzle_target_, room_temperature) - nozzle_) * share_of_way(step, pace * 0.015);
    bed_ += (std::max<double>(bed_target_, room_temperature) - bed_) * share_of_way(step, pace * 0.02);
    chamber_ +=
        (room_temperature + (bed_ - room_temperature) / 3 - chamber_) * share_of_way(step, pace * 0.1);
    document_.set({"nozzle_temper"}, degrees(nozzle_ + draw(-8, 8) / 32.0));
    document_.set({"bed_temper"}, degrees(bed_ + draw(-2, 2) / 32.0));
    document_.set({"nozzle_target_temper"}, degrees(nozzle_target_));
    document_.set({"bed_target_temper"}, degrees(bed_target_));
    if (!model().newer_protocol)
        return;
    const int packed_bed = packed_temperature(whole(bed_), bed_target_);
    document_.set({"device", "bed", "info", "temp"}, packed_bed);
    document_.set({"device", "bed", "state"}, bed_target_ > 0 ? 2 : 0);
    document_.set({"device", "bed_temp"}, packed_bed);
    document_.set({"device", "ctc", "info", "temp"}, whole(chamber_));
    document_.set({"info", "temp"}, whole(chamber_));
    if (state().contains("chamber_temper"))
        document_.set({"chamber_temper"}, degrees(chamber_));
    if (model().family == Family::h2)
        document_.set({"device", "cham_temp"}, whole(chamber_));
}

json SimulatedPrinter::degrees(double value) const {
    if (model().whole_degrees)
        return static_cast<double>(std::lround(value));
    const long steps = std::lround(value * 32);
    if (steps % 32 == 0)
        return steps / 32;
    return static_cast<double>(steps) / 32;
}

void SimulatedPrinter::write_surroundings() {
    if (draw(0, 1) == 0)
        document_.set({"wifi_signal"}, fmt::format("-{}dBm", draw(44, 52)));
    if (model().units.empty() || draw(0, 1) == 0)
        return;
    const auto& profile =
        model().units[static_cast<std::size_t>(draw(0, static_cast<int>(model().units.size()) - 1))];
    const auto* const unit = document_.unit(std::to_string(profile.id));
    if (unit == nullptr || profile.kind == AmsKind::ams_lite)
        return;
    json changed = *unit;
    changed["temp"] = fmt::format("{:.1f}", 26.0 + draw(3, 5) / 10.0);
    changed["humidity_raw"] = std::to_string(draw(14, 15));
    document_.set_unit(std::move(changed));
}

int SimulatedPrinter::draw(int low, int high) {
    return low + static_cast<int>(random_() % static_cast<std::uint32_t>(high - low + 1));
}

} // namespace bambu2mqtt::simulator
