// The hotend rack of the H2C.
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/nozzle_type.hpp>
#include <bambu2mqtt/entity/spools.hpp>

#include <array>

namespace bambu2mqtt {

namespace {

using namespace decode;

/// Nozzle ids of the rack's slots: 16 to 21.
constexpr int first_place = 16;

constexpr std::array<std::string_view, 3> positions{"a_top", "b_top", "centre"};
constexpr std::array<std::string_view, 10> states{
    "idle",          "hotend_centre",    "toolhead_centre", "calibrate_hotend_rack", "cut_material",
    "unlock_hotend", "lift_hotend_rack", "place_hotend",    "pick_hotend",           "lock_hotend"};
constexpr std::array<std::string_view, 3> hotend_states{"mounted", "docked", "empty"};

/// device.holder.pos: 1, 2, 3; 0 is unknown.
Value holder_position(const View& view) {
    const auto position = read::integer(view.report.find("device/holder/pos"));
    return position && *position >= 1 && *position <= 3
               ? Value{std::string{positions[static_cast<std::size_t>(*position - 1)]}}
               : not_known;
}

Value holder_state(const View& view) {
    const auto state = read::integer(view.report.find("device/holder/stat"));
    return state && *state >= 0 && *state < 10 ? Value{std::string{states[static_cast<std::size_t>(*state)]}}
                                               : not_known;
}

/// Mounted if tar_id names it, docked if its bit in `exist` is set.
Value hotend(const View& view) {
    const int id = first_place + view.place.hotend;
    const auto exist = read::signed_word(view.report.find("device/nozzle/exist"));
    if (read::integer(view.report.find("device/nozzle/tar_id")) == id) {
        return "mounted";
    }
    return exist ? Value{read::bit(*exist, static_cast<unsigned>(id)) ? "docked" : "empty"} : not_known;
}

/// True if an entry of the nozzle list describes a nozzle.
bool describes(const Json* entry) {
    const auto serial = read::text(member(entry, "sn")).value_or("");
    return !read::text(member(entry, "type")).value_or("").empty() && !serial.empty() && serial != "N/A";
}

/// The rack's own entry, or for the mounted hotend that of the nozzle in the tool head; none for an empty
/// slot. Values the report does not repeat stay known, so an own entry may describe the former hotend.
const Json* hotend_info(const View& view) {
    const auto state = hotend(view);
    if (state == Value{"empty"}) {
        return nullptr;
    }
    const Json* const nozzles = view.report.find("device/nozzle/info");
    const Json* const in_the_head = member(nozzles, "0");
    return state == Value{"mounted"} && describes(in_the_head)
               ? in_the_head
               : member(nozzles, std::to_string(first_place + view.place.hotend));
}

void hotend_attributes(const View& view, OrderedJson& out) {
    const Json* const info = hotend_info(view);
    const auto type = nozzle_type(read::text(member(info, "type")).value_or(""));
    const auto color = hex_color(member(info, "color_m"));
    out["slot"] = view.place.hotend + 1;
    out["type"] = text_or_null(type);
    out["diameter"] = number_within(member(info, "diameter"), 0, 5);
    out["serial"] = text_or_null(read::text(member(info, "sn")).value_or(""));
    out["wear"] = number_within(member(info, "wear"), 0, 1e6);
    out["max_temperature"] = number_within(member(info, "tm"), 0, 1000);
    out["color"] = color ? OrderedJson(*color) : OrderedJson(nullptr);
    out["filament_id"] = text_or_null(read::text(member(info, "fila_id")).value_or(""));
}

// clang-format off
constexpr std::array rack_rows_table{
    Entity{.id = "holder_position", .scope = Scope::rack, .quantity = quantity::option, .category = Category::diagnostic, .from = {"device/holder"}, .decode = holder_position, .options = positions, .icon = "mdi:swap-vertical"},
    Entity{.id = "holder_state", .scope = Scope::rack, .quantity = quantity::option, .category = Category::diagnostic, .from = {"device/holder"}, .decode = holder_state, .options = states, .icon = "mdi:state-machine"},
    Entity{.id = "hotend", .scope = Scope::hotend, .quantity = quantity::option, .category = Category::diagnostic, .from = {"device/nozzle"}, .decode = hotend, .attributes = hotend_attributes, .options = hotend_states, .icon = "mdi:printer-3d-nozzle"},
};
// clang-format on

} // namespace

std::span<const Entity> rack_rows() {
    return rack_rows_table;
}

} // namespace bambu2mqtt
