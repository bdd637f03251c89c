#include "simulator/spools.hpp"

#include "simulator/state_words.hpp"

#include <fmt/format.h>

#include <array>

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr std::string_view no_tag = "0000000000000000";
constexpr std::string_view no_uuid = "00000000000000000000000000000000";
constexpr std::string_view no_camera_data = "000000000000000000000000";

constexpr std::array first_unit{Spool{.filament_id = "GFA00",
                                      .type = "PLA",
                                      .brand = "PLA Basic",
                                      .colour = "0A2989FF",
                                      .colour_id = "A00-B9",
                                      .remaining = 83},
                                Spool{.filament_id = "GFA01",
                                      .type = "PLA",
                                      .brand = "PLA Matte",
                                      .colour = "DE4343FF",
                                      .colour_id = "A01-R1",
                                      .remaining = 100},
                                Spool{.filament_id = "GFG99",
                                      .type = "PETG",
                                      .colour = "161616FF",
                                      .nozzle_min = 220,
                                      .nozzle_max = 270,
                                      .drying_temperature = 0,
                                      .drying_hours = 0},
                                Spool{}};
constexpr std::array second_unit{Spool{.filament_id = "GFB00",
                                       .type = "ABS",
                                       .brand = "ABS",
                                       .colour = "FFFFFFFF",
                                       .colour_id = "B00-W0",
                                       .nozzle_min = 240,
                                       .nozzle_max = 270,
                                       .drying_temperature = 80,
                                       .remaining = 71},
                                 Spool{.filament_id = "GFG02",
                                       .type = "PETG",
                                       .brand = "PETG HF",
                                       .colour = "ADB1B2FF",
                                       .colour_id = "G02-D0",
                                       .nozzle_min = 230,
                                       .nozzle_max = 260,
                                       .drying_temperature = 65,
                                       .remaining = 51},
                                 Spool{.filament_id = "GFL99",
                                       .type = "PLA",
                                       .colour = "FF6A13FF",
                                       .nozzle_max = 240,
                                       .drying_temperature = 0,
                                       .drying_hours = 0},
                                 Spool{.filament_id = "GFS02",
                                       .type = "PLA-S",
                                       .brand = "Support for PLA",
                                       .colour = "FFFFFFFF",
                                       .colour_id = "S02-W0",
                                       .remaining = 12}};
constexpr Spool ht_spool{.filament_id = "GFN04",
                         .type = "PA-CF",
                         .brand = "PAHT-CF",
                         .colour = "000000FF",
                         .colour_id = "N04-K0",
                         .nozzle_min = 260,
                         .nozzle_max = 290,
                         .drying_temperature = 80,
                         .drying_hours = 12,
                         .remaining = 64};

/// P1 and A1 firmware names the drying data tray_temp and tray_time and adds the pressure advance.
void add_family_keys(json& tray, const ModelProfile& model, const Spool& spool) {
    const auto temperature = std::to_string(spool.drying_temperature);
    const auto hours = std::to_string(spool.drying_hours);
    if (model.newer_protocol) {
        tray["drying_temp"] = temperature;
        tray["drying_time"] = hours;
        return;
    }
    tray["tray_temp"] = temperature;
    tray["tray_time"] = hours;
    tray["k"] = static_cast<double>(0.02F);
    tray["n"] = 1;
}

json filled_tray(const ModelProfile& model, const Spool& spool, int id, std::uint32_t tag) {
    const bool tagged = !spool.brand.empty();
    json tray{
        {"id", std::to_string(id)},
        {"bed_temp", tagged ? "35" : "0"},
        {"bed_temp_type", tagged ? "1" : "0"},
        {"cali_idx", -1},
        {"cols", json::array({spool.colour})},
        {"ctype", 0},
        {"nozzle_temp_max", std::to_string(spool.nozzle_max)},
        {"nozzle_temp_min", std::to_string(spool.nozzle_min)},
        {"remain", spool.remaining},
        {"state", model.newer_protocol ? 11 : 3},
        {"tag_uid", tagged ? fmt::format("{:08X}00000100", tag) : std::string{no_tag}},
        {"total_len", 330000},
        {"tray_color", spool.colour},
        {"tray_diameter", tagged || model.newer_protocol ? "1.75" : "0.00"},
        {"tray_id_name", spool.colour_id},
        {"tray_info_idx", spool.filament_id},
        {"tray_sub_brands", spool.brand},
        {"tray_type", spool.type},
        {"tray_uuid", tagged ? fmt::format("{0:08X}{0:08X}{1:08X}{1:08X}", tag, ~tag) : std::string{no_uuid}},
        {"tray_weight", tagged ? "1000" : "0"},
        {"xcam_info", no_camera_data}};
    add_family_keys(tray, model, spool);
    return tray;
}

std::string unit_info(const ModelProfile& model, const AmsUnitProfile& unit) {
    const auto kind = static_cast<std::uint64_t>(unit.kind);
    const auto extruder = static_cast<std::uint64_t>(unit.extruder);
    const std::uint64_t initialised =
        model.newer_protocol || unit.kind != AmsKind::ams_lite ? 0x2000 : 0x1000;
    return hexadecimal(initialised | extruder << 8U | kind);
}

std::uint32_t tag_of(std::string_view printer_serial, int unit, int slot) {
    std::uint32_t hash = 2166136261U; // FNV-1a
    for (const char c : printer_serial)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return (hash ^ static_cast<std::uint32_t>(unit * 8 + slot)) * 16777619U;
}

} // namespace

Spool initial_spool(const AmsUnitProfile& unit, int slot) {
    if (unit.kind == AmsKind::ams_ht)
        return ht_spool;
    return (unit.id == 0 ? first_unit : second_unit).at(static_cast<std::size_t>(slot));
}

json tray(const ModelProfile& model, const Spool& spool, int id, std::uint32_t tag) {
    if (!spool.type.empty())
        return filled_tray(model, spool, id, tag);
    json empty{{"id", std::to_string(id)}};
    if (model.newer_protocol)
        empty["state"] = 10;
    return empty;
}

json ams_unit(const ModelProfile& model, const AmsUnitProfile& unit, std::string_view printer_serial) {
    json trays = json::array();
    for (int slot = 0; slot < slots_of(unit.kind); ++slot)
        trays.push_back(tray(model, initial_spool(unit, slot), slot, tag_of(printer_serial, unit.id, slot)));
    const bool sensors = unit.kind != AmsKind::ams_lite;
    json result{{"id", std::to_string(unit.id)},
                {"dry_time", 0},
                {"humidity", "5"},
                {"humidity_raw", sensors ? "15" : "0"},
                {"info", unit_info(model, unit)},
                {"temp", sensors ? "26.4" : "0.0"},
                {"tray", std::move(trays)}};
    if (model.newer_protocol && can_dry(unit.kind))
        result.update({{"dry_setting", {{"dry_filament", ""}, {"dry_temperature", -1}, {"dry_duration", -1}}},
                       {"dry_sf_reason", json::array()}});
    if (!model.newer_protocol) {
        result["check"] = 1;
        result["chip_id"] = fmt::format("{:08x}fffffffffffffffffffffff", tag_of(printer_serial, unit.id, 7));
        if (model.family == Family::p1)
            result["ams_id"] = unit_serial(unit, printer_serial);
    }
    return result;
}

int tray_bit(int unit, int slot) {
    return unit >= 128 ? 16 + unit - 128 : unit * 4 + slot;
}

json ams_state(const ModelProfile& model, std::string_view printer_serial) {
    json units = json::array();
    std::uint32_t unit_bits = 0;
    std::uint32_t tray_bits = 0;
    for (const auto& unit : model.units) {
        units.push_back(ams_unit(model, unit, printer_serial));
        unit_bits |= 1U << static_cast<unsigned>(unit.id >= 128 ? 4 + unit.id - 128 : unit.id);
        for (int slot = 0; slot < slots_of(unit.kind); ++slot) {
            if (!initial_spool(unit, slot).type.empty())
                tray_bits |= 1U << static_cast<unsigned>(tray_bit(unit.id, slot));
        }
    }
    const auto trays = fmt::format("{:x}", tray_bits);
    json result{{"ams", std::move(units)},
                {"ams_exist_bits", fmt::format("{:x}", unit_bits)},
                {"insert_flag", true},
                {"power_on_flag", false},
                {"tray_exist_bits", trays},
                {"tray_is_bbl_bits", trays},
                {"tray_now", "255"},
                {"tray_pre", "255"},
                {"tray_read_done_bits", trays},
                {"tray_reading_bits", "0"},
                {"tray_tar", "255"},
                {"version", 19}};
    if (model.newer_protocol)
        result.update({{"ams_exist_bits_raw", result["ams_exist_bits"]},
                       {"cali_id", 255},
                       {"cali_stat", 0},
                       {"unbind_ams_stat", 0}});
    return result;
}

json external_spool(const ModelProfile& model, int id) {
    const Spool spool{.filament_id = "GFL99",
                      .type = "PLA",
                      .colour = "161616FF",
                      .nozzle_max = 240,
                      .drying_temperature = 0,
                      .drying_hours = 0,
                      .remaining = 0};
    json result = filled_tray(model, spool, id, 0);
    result.erase("state");
    if (!model.newer_protocol) {
        result.erase("cols");
        result.erase("ctype");
        result.erase("total_len");
    }
    return result;
}

} // namespace bambu2mqtt::simulator
