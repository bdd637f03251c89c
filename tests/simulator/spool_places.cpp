#include "simulator/spool_places.hpp"

#include "simulator/spools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr int first_ht = 128;
constexpr int left_external = 254;
constexpr int right_external = 255;

const json* element(const json& list, const std::string& id) {
    const auto found = std::find_if(list.begin(), list.end(),
                                    [&id](const json& candidate) { return candidate.value("id", "") == id; });
    return found == list.end() ? nullptr : &*found;
}

constexpr std::array bits_of_spools{"tray_exist_bits", "tray_is_bbl_bits", "tray_read_done_bits"};

void replace_tray(Machine& machine, const TrayPlace& place, const json& shown) {
    json unit = *machine.document().unit(std::to_string(place.unit));
    for (auto& tray : unit["tray"]) {
        if (tray.value("id", "") == std::to_string(place.slot))
            tray = shown;
    }
    machine.document().set_unit(std::move(unit));
}

} // namespace

std::optional<TrayPlace> ams_place(const ModelProfile& model, int unit, int slot) {
    const auto found = std::find_if(model.units.begin(), model.units.end(),
                                    [unit](const AmsUnitProfile& candidate) { return candidate.id == unit; });
    if (found == model.units.end() || slot < 0 || slot >= slots_of(found->kind))
        return std::nullopt;
    return TrayPlace{.unit = unit, .slot = slot};
}

std::optional<TrayPlace> place_of_tray(const ModelProfile& model, int tray) {
    if (tray < 0)
        return std::nullopt;
    if (tray == left_external || tray == right_external)
        return external_of(model, tray);
    return tray >= first_ht ? ams_place(model, tray, 0) : ams_place(model, tray / 4, tray % 4);
}

std::optional<TrayPlace> external_of(const ModelProfile& model, int ams_id) {
    if (ams_id == left_external && model.extruders > 1)
        return TrayPlace{.unit = left_external, .slot = 0};
    return ams_id == left_external || ams_id == right_external ? std::optional{external_place} : std::nullopt;
}

const json* spool_at(const Machine& machine, const TrayPlace& place) {
    if (place.unit < left_external) {
        const auto* const unit = machine.document().unit(std::to_string(place.unit));
        return unit == nullptr ? nullptr : element(unit->at("tray"), std::to_string(place.slot));
    }
    const auto& state = machine.state();
    return state.contains("vir_slot") ? element(state.at("vir_slot"), std::to_string(place.unit))
                                      : &state.at("vt_tray");
}

void write_spool(Machine& machine, const TrayPlace& place, const json& fields) {
    if (place.unit < left_external) {
        json unit = *machine.document().unit(std::to_string(place.unit));
        for (auto& tray : unit["tray"]) {
            if (tray.value("id", "") == std::to_string(place.slot))
                tray.update(fields);
        }
        machine.document().set_unit(std::move(unit));
        return;
    }
    if (!machine.state().contains("vir_slot")) {
        machine.merge({{"vt_tray", fields}});
        return;
    }
    json slots = machine.state().at("vir_slot");
    for (auto& slot : slots) {
        if (slot.value("id", "") == std::to_string(place.unit))
            slot.update(fields);
    }
    machine.document().set({"vir_slot"}, std::move(slots));
    const auto spool = machine.state().find("vt_tray"); // an X2D has none
    if (spool != machine.state().end() && spool->value("id", "") == std::to_string(place.unit))
        machine.merge({{"vt_tray", fields}});
}

void take_spool(Machine& machine, const TrayPlace& place) {
    replace_tray(machine, place, tray(machine.model(), Spool{}, place.slot, 0));
    for (const auto* const key : bits_of_spools)
        set_tray_bit(machine, key, place, false);
}

void put_spool(Machine& machine, const TrayPlace& place, const json& spool) {
    replace_tray(machine, place, spool);
    for (const auto* const key : bits_of_spools)
        set_tray_bit(machine, key, place, true);
}

void set_tray_bit(Machine& machine, const char* key, const TrayPlace& place, bool on) {
    const auto mask = std::uint64_t{1} << static_cast<unsigned>(tray_bit(place.unit, place.slot));
    const auto word = std::stoull(machine.state().at("ams").value(key, "0"), nullptr, 16);
    machine.document().set({"ams", key}, fmt::format("{:x}", on ? word | mask : word & ~mask));
}

} // namespace bambu2mqtt::simulator
