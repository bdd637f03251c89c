#include "simulator/machine.hpp"

#include "simulator/device_state.hpp"
#include "simulator/initial_state.hpp"

#include <algorithm>
#include <array>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr int loading_temperature = 220;
constexpr int soft_enough = 180;
constexpr std::array speed_percent{50, 100, 124, 166};
constexpr Hms command_not_verified{.attribute = 0x05000500, .code = 0x00010007};

std::uint32_t seed_of(const std::string& serial) {
    return static_cast<std::uint32_t>(std::hash<std::string>{}(serial) % 100'000) + 1;
}

constexpr std::int64_t clock_at_start = 1'766'000'000; ///< Unix time in HMS entries, seconds

/// The position of an entry in an HMS list, its end if missing.
auto find_entry(json& list, const Hms& entry) {
    return std::find_if(list.begin(), list.end(), [&entry](const json& candidate) {
        return candidate.at("attr") == entry.attribute && candidate.at("code") == entry.code;
    });
}

} // namespace

Machine::Machine(MachineOptions options)
    : options_{std::move(options)}, report_state_{initial_state(*options_.model, options_.serial,
                                                                options_.settings),
                                                  seed_of(options_.serial)},
      random_{seed_of(options_.serial)} {
    if (options_.report_interval.count() == 0)
        options_.report_interval = options_.model->report_interval;
    const auto extruders = static_cast<std::size_t>(model().extruders);
    heaters_.nozzles.resize(extruders);
    loaded_.resize(extruders);
}

void Machine::change_settings(const std::function<void(MachineSettings&)>& change) {
    change(options_.settings);
    write_words();
}

void Machine::later(std::chrono::milliseconds delay, std::function<void(Machine&)> action, std::string name) {
    not_later(name);
    due_.emplace(now_ + std::max(delay, std::chrono::milliseconds{1}),
                 Due{.name = std::move(name), .action = std::move(action)});
}

void Machine::not_later(const std::string& name) {
    if (!name.empty())
        std::erase_if(due_, [&name](const auto& entry) { return entry.second.name == name; });
}

void Machine::do_what_is_due() {
    while (!due_.empty() && due_.begin()->first <= now_) {
        const auto due = std::move(due_.begin()->second);
        due_.erase(due_.begin());
        due.action(*this);
    }
}

void Machine::set_print_error(std::uint32_t error) {
    report_state_.set({"print_error"}, error);
    if (!model().newer_protocol)
        return;
    report_state_.set({"mc_print_error_code"}, std::to_string(error & 0xFFFFU));
    report_state_.set({"err"}, hexadecimal(error));
}

void Machine::set_hms(const std::vector<Hms>& entries) {
    json list = json::array();
    if (model().message_without_text)
        list.push_back(hms_entry({.attribute = attribute_without_text, .code = code_without_text}));
    for (const auto& entry : entries)
        list.push_back(hms_entry(entry));
    report_state_.set({"hms"}, std::move(list));
}

/// A1 firmware 01.07 adds two keys.
json Machine::hms_entry(const Hms& entry) const {
    json shown{{"attr", entry.attribute}, {"code", entry.code}};
    if (model().family == Family::a1)
        shown.update({{"action", 0}, {"timestamp", clock_at_start + now_.count() / 1000}});
    return shown;
}

void Machine::add_hms(const Hms& entry) {
    json list = state().at("hms");
    if (find_entry(list, entry) == list.end())
        list.push_back(hms_entry(entry));
    report_state_.set({"hms"}, std::move(list));
}

void Machine::remove_hms(const Hms& entry) {
    json list = state().at("hms");
    const auto found = find_entry(list, entry);
    if (found != list.end())
        list.erase(found);
    report_state_.set({"hms"}, std::move(list));
}

bool Machine::set_light(const std::string& node, const std::string& mode) {
    json lights = state().at("lights_report");
    const auto lamp = std::find_if(lights.begin(), lights.end(),
                                   [&node](const json& light) { return light.at("node") == node; });
    if (lamp == lights.end())
        return false;
    (*lamp)["mode"] = mode;
    report_state_.set({"lights_report"}, std::move(lights));
    if (node == "chamber_light")
        change_settings([&mode](MachineSettings& settings) { settings.light = mode == "on"; });
    return true;
}

void Machine::set_door(bool open) {
    change_settings([open](MachineSettings& settings) { settings.door_open = open; });
}

void Machine::set_developer_mode(bool on) {
    change_settings([on](MachineSettings& settings) { settings.developer_mode = on; });
    if (on)
        remove_hms(command_not_verified);
}

void Machine::refuse_unsigned() {
    add_hms(command_not_verified);
}

void Machine::set_speed(int level) {
    change_settings([level](MachineSettings& settings) { settings.speed_level = level; });
    report_state_.set({"spd_lvl"}, level);
    report_state_.set({"spd_mag"}, speed_percent.at(static_cast<std::size_t>(std::clamp(level, 1, 4) - 1)));
}

void Machine::heat_nozzle(int extruder, int target) {
    if (extruder >= 0 && extruder < model().extruders)
        heaters_.nozzles[static_cast<std::size_t>(extruder)].target =
            std::clamp(target, 0, model().hottest_nozzle);
}

void Machine::heat_bed(int target) {
    heaters_.bed.target = std::clamp(target, 0, model().hottest_bed);
}

void Machine::heat_chamber(int target) {
    heaters_.chamber.target = std::clamp(target, 0, model().hottest_chamber);
}

void Machine::set_fan(Fan fan, int percent) {
    struct Place {
        int part = 0; ///< id in the air duct
        int FanState::*speed = nullptr;
        bool fitted = false;
    };

    const bool enclosed = model().family != Family::a1;
    const std::array places{Place{16, &FanState::part, true}, Place{32, &FanState::aux, enclosed},
                            Place{48, &FanState::chamber, enclosed},
                            Place{160, &FanState::left_aux, model().left_aux_fan}};
    const auto& place = places.at(static_cast<std::size_t>(fan));
    const auto still = model().airduct ? parts_off(model(), airduct_mode_) : std::vector<int>{};
    if (place.fitted && std::find(still.begin(), still.end(), place.part) == still.end())
        fans_.*place.speed = std::clamp(percent, 0, 100);
}

void Machine::set_airduct(int mode) {
    if (!model().airduct)
        return;
    airduct_mode_ = 0; // all fans may be driven for a moment
    const auto off = parts_off(model(), mode);
    if (std::find(off.begin(), off.end(), 32) != off.end())
        set_fan(Fan::aux, 0);
    if (std::find(off.begin(), off.end(), 48) != off.end())
        set_fan(Fan::chamber, 0);
    airduct_mode_ = mode;
    report_state_.set({"device", "airduct", "modeCur"}, mode);
}

void Machine::change_filament(const std::optional<TrayPlace>& to, int extruder) {
    if (phase_ == Phase::printing || extruder < 0 || extruder >= model().extruders)
        return;
    auto& nozzle = heaters_.nozzles[static_cast<std::size_t>(extruder)];
    target_before_change_ = nozzle.target;
    if (nozzle.target < soft_enough)
        nozzle.target = loading_temperature;
    const auto from = job_under_way() ? filament().loaded : loaded_[static_cast<std::size_t>(extruder)];
    extruder_ = extruder_wanted_ = extruder;
    change_.emplace(from, to, extruder, options_.durations.filament_change);
}

void Machine::finish_filament_change() {
    const auto to = change_->destination();
    const auto extruder = static_cast<std::size_t>(change_->extruder());
    change_.reset();
    heaters_.nozzles[extruder].target = target_before_change_;
    loaded_[extruder] = to;
    report_backup();
    if (!job_under_way()) {
        report_state_.set({"stg_cur"}, model().idle_stage);
        return;
    }
    feed_ = to ? Feed::threaded : Feed::taken_out;
    const auto at = moment();
    if (to && at.tray >= 0)
        job_.trays[static_cast<std::size_t>(at.tray)] = *to;
}

void Machine::advance_filament(std::chrono::milliseconds step) {
    if (!change_)
        return;
    change_->advance(step);
    if (change_->over())
        finish_filament_change();
}

int Machine::extruder_of(const TrayPlace& place) const {
    const auto unit =
        std::find_if(model().units.begin(), model().units.end(),
                     [&place](const AmsUnitProfile& candidate) { return candidate.id == place.unit; });
    if (unit != model().units.end())
        return unit->extruder;
    return place.unit == 254 && model().extruders > 1 ? 1 : 0;
}

void Machine::select_extruder(int id) {
    if (id < 0 || id >= model().extruders || job_under_way())
        return;
    extruder_wanted_ = id;
    later(options_.durations.nozzle_change, [id](Machine& machine) {
        if (machine.extruder_wanted_ == id)
            machine.extruder_ = id;
    });
}

} // namespace bambu2mqtt::simulator
