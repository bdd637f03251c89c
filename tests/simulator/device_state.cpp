#include "simulator/device_state.hpp"

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

constexpr int cold = static_cast<int>(room_temperature);
constexpr int heating_mode = 1;
constexpr int percent_range = 100 << 16; // maximum in the high half, minimum 0 in the low one

/// Slot word of an extruder: unit in the high byte, slot in the low one; a special word for "none".
int slot_word(int extruder, const std::optional<TrayPlace>& place) {
    if (place)
        return place->unit << 8 | place->slot;
    return extruder == 0 ? 0xFFFF : 0xFEFF;
}

json extruder_info(const ExtruderState& extruder) {
    const int slot = slot_word(extruder.id, extruder.loaded);
    const int filament = extruder.loaded ? 0b110 : 0;
    const int nozzle_present = 0b1000;
    return {{"filam_bak", json::array()},
            {"hnow", extruder.id},
            {"hpre", extruder.id},
            {"htar", extruder.id},
            {"id", extruder.id},
            {"info", nozzle_present | filament},
            {"snow", slot},
            {"spre", slot},
            {"star", slot_word(extruder.id, extruder.target_slot)},
            {"stat", extruder.ams_status},
            {"temp", packed_temperature(extruder.temperature, extruder.target)}};
}

json airduct_state(const ModelProfile& model) {
    const bool x2 = model.family == Family::x2;
    const json driven = x2 ? json{16, 32, 160, 48} : json{16, 32, 48};
    const json driven_heating = x2 ? json{16, 160, 48} : json::array({16});
    json cooling{{"modeId", 0}, {"ctrl", driven}, {"off", parts_off(model, 0)}};
    json heating{{"modeId", 1}, {"ctrl", driven_heating}, {"off", parts_off(model, 1)}};
    json state{{"modeCur", 0},
               {"modeList", json::array({std::move(cooling), std::move(heating)})},
               {"parts", airduct_parts(model, {})}};
    if (x2)
        state.update({{"modeFunc", 3},
                      {"modeVisable", 7},
                      {"subFunc", 0},
                      {"subMode", 0},
                      {"subVisable", 7},
                      {"version", 1}});
    return state;
}

json nozzle_state(const ModelProfile& model) {
    json nozzles = json::array();
    for (int id = 0; id < model.extruders; ++id)
        nozzles.push_back({{"diameter", 0.4}, {"id", id}, {"tm", 0}, {"type", "HS01"}, {"wear", 0}});
    return {{"exist", (1 << model.extruders) - 1}, {"info", std::move(nozzles)}, {"state", 0}};
}

} // namespace

int packed_temperature(int current, int target) {
    return target << 16 | current;
}

std::vector<int> parts_off(const ModelProfile& model, int mode) {
    if (model.family == Family::x2) // recorded: none in both modes
        return {};
    if (mode == heating_mode)
        return {32, 48};
    return model.hottest_chamber > 0 ? std::vector{96} : std::vector<int>{};
}

json extruder_state(const std::vector<ExtruderState>& extruders, int active, int wanted) {
    json list = json::array();
    for (const auto& extruder : extruders)
        list.push_back(extruder_info(extruder));
    return {{"info", std::move(list)},
            {"state", static_cast<int>(extruders.size()) | active << 4 | wanted << 8}};
}

json airduct_parts(const ModelProfile& model, const FanState& fans) {
    const auto part = [](int id, int function, int percent) {
        return json{{"func", function}, {"id", id}, {"range", percent_range}, {"state", percent}};
    };
    const int aux_function = model.family == Family::p2 ? 6 : model.family == Family::x2 ? 5 : 1;
    json parts =
        json::array({part(16, 0, fans.part), part(32, aux_function, fans.aux), part(48, 2, fans.chamber)});
    if (model.family == Family::h2)
        parts.push_back(part(96, 3, 0));
    if (model.left_aux_fan)
        parts.push_back(part(160, 6, fans.left_aux));
    return parts;
}

json device_state(const ModelProfile& model) {
    std::vector<ExtruderState> extruders;
    for (int id = 0; id < model.extruders; ++id)
        extruders.push_back({.id = id, .temperature = cold});
    json device{{"bed", {{"info", {{"temp", cold}}}, {"state", 0}}},
                {"bed_temp", cold},
                {"cam", {{"laser", {{"cond", 252}, {"state", 0}}}}},
                {"ctc", {{"info", {{"temp", cold}}}, {"state", 0}}},
                {"ext_tool", {{"calib", 2}, {"low_prec", true}, {"mount", 0}, {"th_temp", 0}, {"type", ""}}},
                {"extruder", extruder_state(extruders, 0, 0)},
                {"fan", 0},
                {"laser", {{"power", 0}}},
                {"nozzle", nozzle_state(model)},
                {"plate", {{"base", 4}, {"cali2d_id", ""}, {"cur_id", ""}, {"mat", 1}, {"tar_id", ""}}},
                {"type", 1}};
    if (model.airduct)
        device["airduct"] = airduct_state(model);
    if (model.family == Family::h2)
        device["cham_temp"] = cold;
    if (model.family == Family::x2)
        device["ext_tool"]["mount_3d"] = 0;
    return device;
}

} // namespace bambu2mqtt::simulator
