#include "simulator/drying.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

enum class Status { off = 0, checking = 1, drying = 2 }; // bits 4-7 of a unit's info

std::string timer(int unit) {
    return "drying " + std::to_string(unit);
}

/// The unit's info word with the status, and both fans on while it dries.
std::string info_with(const json& unit, Status status) {
    constexpr std::uint64_t drying_bits = std::uint64_t{0xF} << 4U | std::uint64_t{0xFF} << 18U;
    auto word = std::stoull(unit.value("info", "0"), nullptr, 16) & ~drying_bits;
    word |= static_cast<std::uint64_t>(status) << 4U;
    if (status == Status::drying)
        word |= std::uint64_t{1} << 18U | std::uint64_t{1} << 20U | std::uint64_t{1} << 22U;
    return hexadecimal(word);
}

void set_unit(Machine& machine, int id, Status status, int minutes) {
    const auto* const unit = machine.document().unit(std::to_string(id));
    if (unit == nullptr)
        return;
    json changed = *unit;
    changed["info"] = info_with(*unit, status);
    changed["dry_time"] = minutes;
    if (status == Status::off && changed.contains("dry_setting"))
        changed["dry_setting"] = {{"dry_filament", ""}, {"dry_temperature", -1}, {"dry_duration", -1}};
    machine.document().set_unit(std::move(changed));
}

void pass_a_minute(Machine& machine, int id, int minutes) {
    machine.later(
        machine.durations().drying_minute,
        [id, minutes](Machine& self) {
            if (minutes <= 1) {
                stop_drying(self, id);
                return;
            }
            set_unit(self, id, Status::drying, minutes - 1);
            pass_a_minute(self, id, minutes - 1);
        },
        timer(id));
}

} // namespace

void start_drying(Machine& machine, int unit, const std::string& filament, int temperature, int hours) {
    const int minutes = hours * 60;
    set_unit(machine, unit, Status::checking, minutes);
    json changed = *machine.document().unit(std::to_string(unit));
    if (changed.contains("dry_setting"))
        changed["dry_setting"] = {
            {"dry_filament", filament}, {"dry_temperature", temperature}, {"dry_duration", hours}};
    machine.document().set_unit(std::move(changed));
    pass_a_minute(machine, unit, minutes);
    machine.later(machine.durations().drying_minute / 10, [unit, minutes](Machine& self) {
        if (is_drying(self, unit))
            set_unit(self, unit, Status::drying, minutes);
    });
}

void stop_drying(Machine& machine, int unit) {
    machine.not_later(timer(unit));
    if (is_drying(machine, unit))
        set_unit(machine, unit, Status::off, 0);
}

void set_drying_obstacles(Machine& machine, int unit, const std::vector<int>& reasons) {
    const auto* const shown = machine.document().unit(std::to_string(unit));
    if (shown == nullptr)
        return;
    json changed = *shown;
    changed["dry_sf_reason"] = reasons;
    machine.document().set_unit(std::move(changed));
}

bool refuses_drying(const Machine& machine, int unit) {
    const auto* const shown = machine.document().unit(std::to_string(unit));
    return shown != nullptr && !shown->value("dry_sf_reason", json::array()).empty();
}

bool is_drying(const Machine& machine, int unit) {
    const auto* const shown = machine.document().unit(std::to_string(unit));
    return shown != nullptr && shown->value("dry_time", 0) > 0;
}

} // namespace bambu2mqtt::simulator
