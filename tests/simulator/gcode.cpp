#include "simulator/gcode.hpp"

#include "simulator/spool_places.hpp"
#include "simulator/tag_reading.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>

namespace bambu2mqtt::simulator {
namespace {

/// One line: its code, "M104", and the numbers of its parameters by letter (0 without a number).
struct Line {
    std::string code{};
    std::map<char, double> parameters{};

    [[nodiscard]] std::optional<int> integer(char letter) const {
        const auto found = parameters.find(letter);
        constexpr double limit = 1e6;
        if (found == parameters.end() || !(std::abs(found->second) < limit))
            return std::nullopt;
        return static_cast<int>(std::lround(found->second));
    }
};

double number_in(std::string_view text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Line read_line(std::string_view text) {
    Line line;
    text = text.substr(0, text.find(';'));
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \t\r"), text.size());
        const auto word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty())
            continue;
        if (line.code.empty())
            line.code = word;
        else
            line.parameters[static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])))] =
                number_in(word.substr(1));
    }
    return line;
}

void heat_nozzle(Machine& machine, const Line& line) {
    const int tool =
        machine.model().extruders > 1 ? line.integer('T').value_or(machine.active_extruder()) : 0;
    if (const auto target = line.integer('S'))
        machine.heat_nozzle(tool, *target);
}

void heat_bed(Machine& machine, const Line& line) {
    if (const auto target = line.integer('S'))
        machine.heat_bed(*target);
}

void heat_chamber(Machine& machine, const Line& line) {
    if (const auto target = line.integer('S'))
        machine.heat_chamber(*target);
}

/// Without P these printers drive none of the fans.
void drive_fan(Machine& machine, const Line& line) {
    struct Number {
        int p = 0;
        Fan fan{};
    };

    constexpr std::array numbers{Number{1, Fan::part}, Number{2, Fan::aux}, Number{3, Fan::chamber},
                                 Number{10, Fan::left_aux}};
    const auto* const number = std::find_if(numbers.begin(), numbers.end(), [&line](const Number& candidate) {
        return candidate.p == line.integer('P');
    });
    if (number == numbers.end())
        return;
    const int speed = std::clamp(line.integer('S').value_or(0), 0, 255);
    machine.set_fan(number->fan, (speed * 100 + 127) / 255);
}

void set_airduct(Machine& machine, const Line& line) {
    if (const auto mode = line.integer('P'); mode == 0 || mode == 1)
        machine.set_airduct(*mode);
}

/// All axes; homing a single one leaves the others unhomed, which counts as not homed.
void home(Machine& machine, const Line& line) {
    if (line.parameters.empty())
        machine.change_settings([](MachineSettings& settings) { settings.homed = true; });
}

void release(Machine& machine, const Line&) {
    machine.change_settings([](MachineSettings& settings) { settings.homed = false; });
}

void read_spool(Machine& machine, const Line& line) {
    const auto place = place_of_tray(machine.model(), line.integer('R').value_or(-1));
    if (place && tag_readable(machine, *place))
        read_tag(machine, *place);
}

struct Code {
    std::string_view name{};
    void (*act)(Machine&, const Line&) = nullptr;
};

constexpr std::array codes{Code{"G28", home},          Code{"M84", release},      Code{"M104", heat_nozzle},
                           Code{"M106", drive_fan},    Code{"M109", heat_nozzle}, Code{"M140", heat_bed},
                           Code{"M141", heat_chamber}, Code{"M145", set_airduct}, Code{"M190", heat_bed},
                           Code{"M620", read_spool}};

} // namespace

void run_gcode(Machine& machine, std::string_view text) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = read_line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto* const code = std::find_if(codes.begin(), codes.end(), [&line](const Code& candidate) {
            return candidate.name == line.code;
        });
        if (code != codes.end())
            code->act(machine, line);
    }
}

} // namespace bambu2mqtt::simulator
