// Requests that switch settings: AMS, print options, detectors, camera.

#include "simulator/commands.hpp"

#include <algorithm>
#include <array>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

/// A setting that is on or off, by the field of the request that carries it.
struct Switch {
    std::string_view key{};
    bool MachineSettings::*setting = nullptr;
};

constexpr std::array ams_switches{
    Switch{"tray_read_option", &MachineSettings::tray_read_option},
    Switch{"startup_read_option", &MachineSettings::startup_read_option},
    Switch{"calibrate_remain_flag", &MachineSettings::calibrate_remain_flag},
};

/// Settings the model lacks are not reported, as in home_flag and cfg.
constexpr std::array option_switches{
    Switch{"auto_recovery", &MachineSettings::auto_recovery},
    Switch{"filament_tangle_detect", &MachineSettings::filament_tangle_detect},
    Switch{"sound_enable", &MachineSettings::sound_enable},
    Switch{"auto_switch_filament", &MachineSettings::auto_switch_filament},
    Switch{"nozzle_blob_detect", &MachineSettings::nozzle_blob_detect},
    Switch{"air_print_detect", &MachineSettings::air_print_detect},
};

/// Sets the switches in the request; false when it has none or one that is not a boolean.
bool set_switches(Machine& machine, std::span<const Switch> switches, const Request& request) {
    bool any = false;
    for (const auto& entry : switches) {
        if (!request.has(entry.key))
            continue;
        const auto on = request.flag(entry.key);
        if (!on)
            return false;
        machine.change_settings([&](MachineSettings& settings) { settings.*entry.setting = *on; });
        any = true;
    }
    return any;
}

Outcome ams_user_setting(Machine& machine, const Request& request) {
    if (!set_switches(machine, ams_switches, request))
        return failed("invalid option");
    machine.document().set({"ams", "insert_flag"}, machine.settings().tray_read_option);
    machine.document().set({"ams", "power_on_flag"}, machine.settings().startup_read_option);
    return done();
}

Outcome print_option(Machine& machine, const Request& request) {
    const auto purify = request.integer("air_purification");
    const bool purifies = purify && *purify >= 0 && *purify <= 2;
    if (purifies)
        machine.change_settings([&](MachineSettings& settings) { settings.air_purification = *purify; });
    return set_switches(machine, option_switches, request) || purifies ? done() : failed("invalid option");
}

/// A detector in `xcam`: its own key, a bit of `xcam.cfg` followed by two bits of level, and for some a
/// setting in `cfg`.
struct Detector {
    std::string_view module{};
    int bit = -1; ///< of xcam.cfg, -1 none
    bool has_level = false;
    bool MachineSettings::*setting = nullptr;
};

constexpr std::array detectors{
    Detector{"spaghetti_detector", 7, true, &MachineSettings::printing_monitor},
    Detector{"pileup_detector", 10, true},
    Detector{"clump_detector", 13, true},
    Detector{"airprint_detector", 16, true},
    Detector{"printing_monitor", -1, true, &MachineSettings::printing_monitor},
    Detector{"first_layer_inspector", -1, false, &MachineSettings::first_layer_inspector},
    Detector{"buildplate_marker_detector"},
    Detector{"allow_skip_parts"},
};

constexpr std::array<std::string_view, 3> levels{"low", "medium", "high"};

void set_detector_bits(Machine& machine, const Detector& detector, bool on, std::optional<unsigned> level) {
    const auto bit = static_cast<unsigned>(detector.bit);
    auto word = machine.state().at("xcam").value("cfg", std::uint64_t{0});
    word = (word & ~(std::uint64_t{1} << bit)) | std::uint64_t{on} << bit;
    if (level)
        word = (word & ~(std::uint64_t{3} << (bit + 1))) | std::uint64_t{*level} << (bit + 1);
    machine.document().set({"xcam", "cfg"}, word);
}

Outcome set_detector(Machine& machine, const Request& request) {
    const auto module = request.text("module_name").value_or("");
    const auto* const detector =
        std::find_if(detectors.begin(), detectors.end(),
                     [&](const Detector& candidate) { return candidate.module == module; });
    const auto on = request.flag("enable");
    const auto known = machine.state().value("xcam", json::object());
    const bool in_word = detector != detectors.end() && detector->bit >= 0 && known.contains("cfg");
    if (detector == detectors.end() || !on || request.flag("control") != on ||
        (!in_word && !known.contains(module)))
        return failed("invalid module_name");
    const auto word = request.text("halt_print_sensitivity").value_or("");
    const auto* const place = std::find(levels.begin(), levels.end(), word);
    const auto level = detector->has_level && place != levels.end()
                           ? std::optional{static_cast<unsigned>(place - levels.begin())}
                           : std::nullopt;
    if (in_word)
        set_detector_bits(machine, *detector, *on, level);
    if (known.contains(module))
        machine.document().set({"xcam", module}, *on);
    if (detector->setting != nullptr) {
        machine.change_settings([&](MachineSettings& settings) {
            settings.*detector->setting = *on;
            settings.monitor_level = level ? static_cast<int>(*level) + 1 : settings.monitor_level;
        });
        if (level && known.contains("halt_print_sensitivity"))
            machine.document().set({"xcam", "halt_print_sensitivity"}, word);
    }
    return done();
}

/// "enable" or "disable" of a camera request.
std::optional<bool> control_in(const Request& request) {
    const auto word = request.text("control").value_or("");
    return word == "enable" ? std::optional{true} : word == "disable" ? std::optional{false} : std::nullopt;
}

Outcome set_recording(Machine& machine, const Request& request) {
    const auto on = control_in(request);
    if (!on)
        return failed("invalid control");
    machine.document().set({"ipcam", "ipcam_record"}, *on ? "enable" : "disable");
    machine.change_settings([&](MachineSettings& settings) { settings.recording = *on; });
    return done();
}

Outcome set_timelapse(Machine& machine, const Request& request) {
    const auto on = control_in(request);
    if (!on)
        return failed("invalid control");
    machine.document().set({"ipcam", "timelapse"}, *on ? "enable" : "disable");
    machine.change_settings([&](MachineSettings& settings) { settings.timelapse = *on; });
    return done();
}

constexpr std::array commands_settings_rows{
    Command{"print.ams_user_setting", AnswerForm::setting, ams_user_setting},
    Command{"print.print_option", AnswerForm::setting, print_option},
    Command{"xcam.xcam_control_set", AnswerForm::detector, set_detector},
    Command{"camera.ipcam_record_set", AnswerForm::plain, set_recording},
    Command{"camera.ipcam_timelapse", AnswerForm::plain, set_timelapse},
};

} // namespace

std::span<const Command> setting_commands() {
    return commands_settings_rows;
}

} // namespace bambu2mqtt::simulator
