// AMS units: climate, drying, and their nozzle.
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/dryer.hpp>
#include <bambu2mqtt/entity/spools.hpp>

#include <array>
#include <cmath>

namespace bambu2mqtt {

namespace {

using namespace decode;

/// Raw 0 is unknown, also while a unit starts up.
Value humidity(const View& view) {
    const auto raw = read::integer(unit_field(view, "humidity_raw"));
    return raw && *raw >= 1 && *raw <= 100 ? Value{*raw} : not_known;
}

/// Wire: 5 is driest. Shown: 1 dry to 5 wet, as on the printer's screen.
Value humidity_index(const View& view) {
    const auto raw = read::integer(unit_field(view, "humidity"));
    return raw && *raw >= 1 && *raw <= 5 ? Value{6 - *raw} : not_known;
}

/// "0.0" beside a humidity of 0 is a unit without sensors, or one that starts up.
Value temperature(const View& view) {
    const auto degrees = read::number(unit_field(view, "temp"));
    const bool sensed = degrees != 0.0 || read::integer(unit_field(view, "humidity_raw")).value_or(0) != 0;
    return degrees && sensed && *degrees >= 0 && *degrees <= 120 ? Value{std::round(*degrees * 10) / 10}
                                                                 : not_known;
}

Value active(const View& view) {
    const auto& feed = view.gateway.feed;
    if (feed.kind == Feed::Kind::unclear) {
        return not_known;
    }
    return feed.kind == Feed::Kind::tray && feed.unit == view.place.unit->id;
}

std::optional<std::int64_t> minutes_left(const View& view) {
    constexpr std::int64_t most = std::int64_t{60} * 24 * 7;
    return within(unit_field(view, "dry_time"), 0, most);
}

Value drying(const View& view) {
    const auto minutes = minutes_left(view);
    return minutes ? Value{*minutes > 0} : not_known;
}

/// The unit's current reasons against drying; null: none.
void drying_attributes(const View& view, OrderedJson& out) {
    const auto obstacles = drying_obstacles(view.report.unit(view.place.unit->id));
    out["refused_because"] = text_or_null(obstacles);
}

Value drying_remaining(const View& view) {
    const auto minutes = minutes_left(view);
    return minutes ? Value{*minutes} : not_known;
}

/// -1 and 0 mean "not set".
Value dry_setting(const View& view, std::string_view key, std::int64_t most) {
    return own(within(member(unit_field(view, "dry_setting"), key), 1, most));
}

Value drying_temperature(const View& view) {
    return dry_setting(view, "dry_temperature", 500);
}

Value drying_duration(const View& view) {
    return dry_setting(view, "dry_duration", 24 * 7);
}

Value drying_filament(const View& view) {
    const auto name = read::text(member(unit_field(view, "dry_setting"), "dry_filament"));
    return name ? Value{std::string{*name}} : not_known;
}

/// Bits 8-11 of `info`: 0 right, 1 left; 0xE is a unit behind a filament switch, connected to both.
Value nozzle(const View& view) {
    const auto info = read::word(unit_field(view, "info"));
    if (!info) {
        return not_known;
    }
    switch (read::bits(*info, 8, 4)) {
    case 0:
        return "right";
    case 1:
        return "left";
    case 0xE:
        return view.report.find("device/fila_switch") != nullptr ? Value{"both"} : not_known;
    default:
        return not_known;
    }
}

/// An AMS Lite is open: it has no sensors, even if newer firmware sends values.
bool has_sensors(const Facts&, const Place& place) {
    return place.unit->kind != UnitKind::ams_lite;
}

bool reports_humidity(const Facts& facts, const Place& place) {
    return has_sensors(facts, place) && place.unit->reports_humidity;
}

bool reports_temperature(const Facts& facts, const Place& place) {
    return has_sensors(facts, place) && place.unit->reports_temperature;
}

bool dries(const Facts&, const Place& place) {
    return place.unit->dries();
}

bool reports_drying_setting(const Facts&, const Place& place) {
    return place.unit->dries() && place.unit->reports_drying;
}

bool two_nozzles(const Facts& facts, const Place&) {
    return facts.two_nozzles();
}

constexpr std::array<std::string_view, 3> sides{"left", "right", "both"};

// clang-format off
constexpr std::array ams_rows_table{
    Entity{.id = "humidity", .scope = Scope::ams, .quantity = quantity::humidity, .qos = moves, .from = {"ams/{unit}"}, .decode = humidity, .exists = reports_humidity, .hysteresis = 1.5},
    Entity{.id = "humidity_index", .scope = Scope::ams, .quantity = quantity::count, .qos = moves, .category = diagnostic, .from = {"ams/{unit}"}, .decode = humidity_index, .exists = has_sensors, .icon = "mdi:water-percent"},
    Entity{.id = "temperature", .scope = Scope::ams, .quantity = quantity::temperature, .qos = moves, .from = {"ams/{unit}"}, .decode = temperature, .exists = reports_temperature, .hysteresis = 0.25},
    Entity{.id = "active", .scope = Scope::ams, .component = Component::binary_sensor, .quantity = quantity::running, .gateway = GatewayField::feed, .decode = active},
    Entity{.id = "drying", .scope = Scope::ams, .component = Component::binary_sensor, .quantity = quantity::running, .from = {"ams/{unit}"}, .decode = drying, .exists = dries, .attributes = drying_attributes},
    Entity{.id = "drying_remaining", .scope = Scope::ams, .quantity = quantity::minutes, .qos = moves, .from = {"ams/{unit}"}, .decode = drying_remaining, .exists = dries},
    Entity{.id = "drying_temperature", .scope = Scope::ams, .quantity = quantity::target_temperature, .from = {"ams/{unit}"}, .decode = drying_temperature, .exists = reports_drying_setting},
    Entity{.id = "drying_duration", .scope = Scope::ams, .quantity = quantity::hours, .from = {"ams/{unit}"}, .decode = drying_duration, .exists = reports_drying_setting},
    Entity{.id = "drying_filament", .scope = Scope::ams, .from = {"ams/{unit}"}, .decode = drying_filament, .exists = reports_drying_setting, .icon = "mdi:printer-3d-nozzle-outline"},
    Entity{.id = "stop_drying", .scope = Scope::ams, .component = Component::button, .category = Category::config, .exists = dries, .icon = "mdi:fan-off", .control = {.command = "turn_off_ams_dryer", .payload = Payload::press, .for_unit = true}},
    Entity{.id = "nozzle", .scope = Scope::ams, .quantity = quantity::option, .category = diagnostic, .from = {"ams/{unit}", "device/fila_switch"}, .decode = nozzle, .exists = two_nozzles, .options = sides, .icon = "mdi:printer-3d-nozzle"},
};
// clang-format on

} // namespace

std::span<const Entity> ams_rows() {
    return ams_rows_table;
}

} // namespace bambu2mqtt
