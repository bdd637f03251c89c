// Requests about the machine: G-code lines, temperatures, fans, nozzles, lamps, name.

#include "simulator/commands.hpp"
#include "simulator/gcode.hpp"
#include "simulator/spool_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr int heated_from = 40;           // °C: lower targets do not heat the chamber
constexpr int too_warm_for_filament = -2; // errno
constexpr int not_heated = -4;            // errno
constexpr std::size_t longest_name = 32;

Outcome gcode_line(Machine& machine, const Request& request) {
    const auto lines = request.text("param");
    if (!lines)
        return failed("error string");
    run_gcode(machine, *lines);
    return done();
}

/// True for filament that softens in a warm chamber.
bool is_soft(const Machine& machine) {
    const auto place = machine.loaded();
    const auto* const spool = place ? spool_at(machine, *place) : nullptr;
    const auto type = spool == nullptr ? std::string{} : spool->value("tray_type", "");
    return type.starts_with("PLA") || type.starts_with("TPU") || type.starts_with("PVA");
}

Outcome set_ctt(Machine& machine, const Request& request) {
    if (!machine.state().contains("device"))
        return ignored();
    const auto target = request.integer("ctt_val");
    if (!target)
        return failed("invalid ctt_val");
    if (machine.model().hottest_chamber == 0)
        return done(); // accepted and without effect, as the machine has no heater
    if (*target != 0 && *target < heated_from) {
        machine.heat_chamber(0);
        return failed_with({{"errno", not_heated}});
    }
    if (*target != 0 && request.flag("temper_check").value_or(true) && is_soft(machine))
        return failed_with({{"errno", too_warm_for_filament}});
    machine.heat_chamber(*target);
    return done();
}

Outcome set_airduct(Machine& machine, const Request& request) {
    if (!machine.model().airduct)
        return ignored();
    const auto mode = request.integer("modeId");
    if (mode != 0 && mode != 1)
        return failed("invalid modeId");
    machine.set_airduct(*mode);
    return done();
}

Outcome select_extruder(Machine& machine, const Request& request) {
    if (machine.model().extruders < 2)
        return ignored();
    const auto id = request.integer("extruder_index");
    if (id != 0 && id != 1)
        return failed("invalid extruder_index");
    machine.select_extruder(*id);
    return done();
}

Outcome refresh_nozzle(Machine& machine, const Request&) {
    if (!machine.state().contains("device"))
        return ignored();
    machine.document().send_again({"device", "nozzle"});
    return done();
}

Outcome buzzer(Machine& machine, const Request& request) {
    if (machine.model().family != Family::h2)
        return ignored();
    const auto mode = request.integer("mode");
    return mode && *mode >= 0 && *mode <= 2 ? done() : failed("invalid mode");
}

/// A lamp that can be switched but is never reported: under the heatbed of an H2, the second one of an X2D.
bool is_unseen_lamp(Family family, std::string_view node) {
    return (family == Family::h2 && node == "heatbed_light") ||
           (family == Family::x2 && node == "chamber_light2");
}

/// Times are needed in every mode.
Outcome ledctrl(Machine& machine, const Request& request) {
    const auto node = request.text("led_node").value_or("");
    const auto mode = request.text("led_mode").value_or("");
    constexpr std::array<std::string_view, 3> modes{"on", "off", "flashing"};
    if (std::find(modes.begin(), modes.end(), mode) == modes.end())
        return failed("invalid led_mode");
    for (const auto* const time : {"led_on_time", "led_off_time", "loop_times", "interval_time"}) {
        if (!request.integer(time))
            return failed(fmt::format("invalid {}", time));
    }
    return is_unseen_lamp(machine.model().family, node) || machine.set_light(node, mode)
               ? done()
               : failed("invalid led_node");
}

/// H2 machines detect their nozzles and ignore the setting.
Outcome set_accessories(Machine& machine, const Request& request) {
    constexpr std::array diameters{0.2, 0.4, 0.6, 0.8};
    constexpr std::array<std::string_view, 2> types{"stainless_steel", "hardened_steel"};
    const auto diameter = request.number("nozzle_diameter").value_or(0);
    const auto type = request.text("nozzle_type").value_or("");
    if (request.text("accessory_type") != "nozzle" ||
        std::find(diameters.begin(), diameters.end(), diameter) == diameters.end() ||
        std::find(types.begin(), types.end(), type) == types.end())
        return failed("invalid nozzle");
    if (machine.model().family == Family::h2)
        return done();
    machine.document().set({"nozzle_diameter"}, fmt::format("{:.1f}", diameter));
    machine.document().set({"nozzle_type"}, type);
    if (machine.state().contains("device")) {
        json nozzles = machine.state().at("device").at("nozzle").at("info");
        nozzles.at(0)["diameter"] = diameter;
        nozzles.at(0)["type"] = type == "hardened_steel" ? "HS01" : "HS00";
        machine.document().set({"device", "nozzle", "info"}, std::move(nozzles));
    }
    return done();
}

/// The only request without a command. Reports do not contain the name.
Outcome rename(Machine&, const Request& request) {
    const auto name = request.text("name").value_or("");
    return name.empty() || name.size() > longest_name ? failed("invalid name") : done();
}

constexpr std::array commands_machine_rows{
    Command{"print.gcode_line", AnswerForm::line, gcode_line},
    Command{"print.set_ctt", AnswerForm::setting, set_ctt},
    Command{"print.set_airduct", AnswerForm::setting, set_airduct},
    Command{"print.select_extruder", AnswerForm::setting, select_extruder},
    Command{"print.refresh_nozzle", AnswerForm::setting, refresh_nozzle},
    Command{"print.buzzer_ctrl", AnswerForm::setting, buzzer},
    Command{"system.ledctrl", AnswerForm::plain, ledctrl},
    Command{"system.set_accessories", AnswerForm::plain, set_accessories},
    Command{"update.", AnswerForm::naming, rename},
};

} // namespace

std::span<const Command> machine_commands() {
    return commands_machine_rows;
}

} // namespace bambu2mqtt::simulator
