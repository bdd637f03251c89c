// The installed nozzles and the active one.
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/nozzle_type.hpp>

#include <array>

namespace bambu2mqtt {

namespace {

using namespace decode;

const Json* nozzle_info(const ReportState& report, int index) {
    return member(report.find("device/nozzle/info"), index == 0 ? "0" : "1");
}

/// The data of the active nozzle; nullptr during a tool change and on firmware without the list.
const Json* active_info(const View& view) {
    if (!view.facts.two_nozzles()) {
        return nozzle_info(view.report, 0);
    }
    const auto index = active_extruder(view.report);
    return index ? nozzle_info(view.report, *index) : nullptr;
}

Value diameter(const Json* value) {
    const auto number = read::number(value);
    return number && *number >= 0.05 && *number <= 5 ? Value{*number} : not_known;
}

Value type(const View& view, const Json* value) {
    return option(view, nozzle_type(read::text(value).value_or("")));
}

/// The flat fields describe the only or the active nozzle.
Value active_diameter(const View& view) {
    const Json* const listed = member(active_info(view), "diameter");
    return diameter(listed != nullptr ? listed : view.report.find("nozzle_diameter"));
}

Value active_type(const View& view) {
    const auto listed = type(view, member(active_info(view), "type"));
    return known(listed) ? listed : type(view, view.report.find("nozzle_type"));
}

template <int index>
Value side_diameter(const View& view) {
    return diameter(member(nozzle_info(view.report, index), "diameter"));
}

template <int index>
Value side_type(const View& view) {
    return type(view, member(nozzle_info(view.report, index), "type"));
}

Value active_nozzle(const View& view) {
    const auto index = active_extruder(view.report);
    return index ? Value{*index == 0 ? "right" : "left"} : not_known;
}

bool two_nozzles(const Facts& facts, const Place&) {
    return facts.two_nozzles();
}

/// Old firmware of the P1 reports no nozzle at all.
bool tells_diameter(const Facts& facts, const Place&) {
    return facts.has(Feature::nozzle_diameter);
}

bool tells_type(const Facts& facts, const Place&) {
    return facts.has(Feature::nozzle_type);
}

constexpr std::array<std::string_view, 2> sides{"left", "right"};

// clang-format off
constexpr std::array nozzles_rows_table{
    Entity{.id = "active_nozzle", .quantity = quantity::option, .from = {"device/extruder"}, .decode = active_nozzle, .exists = two_nozzles, .options = sides, .icon = "mdi:printer-3d-nozzle"},
    Entity{.id = "nozzle_diameter", .quantity = quantity::diameter, .category = Category::diagnostic, .from = {"nozzle_diameter", "device/nozzle", "device/extruder"}, .decode = active_diameter, .exists = tells_diameter},
    Entity{.id = "left_nozzle_diameter", .quantity = quantity::diameter, .category = Category::diagnostic, .from = {"device/nozzle"}, .decode = side_diameter<1>, .exists = two_nozzles},
    Entity{.id = "right_nozzle_diameter", .quantity = quantity::diameter, .category = Category::diagnostic, .from = {"device/nozzle"}, .decode = side_diameter<0>, .exists = two_nozzles},
    Entity{.id = "nozzle_type", .quantity = quantity::option, .category = Category::diagnostic, .from = {"nozzle_type", "device/nozzle", "device/extruder"}, .decode = active_type, .exists = tells_type, .options = nozzle_types, .icon = "mdi:printer-3d-nozzle-outline"},
    Entity{.id = "left_nozzle_type", .quantity = quantity::option, .category = Category::diagnostic, .from = {"device/nozzle"}, .decode = side_type<1>, .exists = two_nozzles, .options = nozzle_types, .icon = "mdi:printer-3d-nozzle-outline"},
    Entity{.id = "right_nozzle_type", .quantity = quantity::option, .category = Category::diagnostic, .from = {"device/nozzle"}, .decode = side_type<0>, .exists = two_nozzles, .options = nozzle_types, .icon = "mdi:printer-3d-nozzle-outline"},
};
// clang-format on

} // namespace

std::span<const Entity> nozzle_rows() {
    return nozzles_rows_table;
}

} // namespace bambu2mqtt
