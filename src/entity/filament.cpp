// Filament sources of the printer: the active tray, every tray, the external spools.
#include "entity/display_words.hpp"
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/spools.hpp>

#include <array>

namespace bambu2mqtt {

namespace {

using namespace decode;

Value active_tray(const View& view) {
    return option(view, feed_id(view.gateway.feed));
}

std::span<const std::string_view> tray_options(const Facts&) {
    return feed_options();
}

SpoolView active_spool(const View& view) {
    const auto& feed = view.gateway.feed;
    if (feed.kind == Feed::Kind::tray) {
        return tray_view(view.report, feed.unit, feed.slot);
    }
    return feed.kind == Feed::Kind::external ? external_view(view.report, feed.spool) : SpoolView{};
}

/// Filament is fed, so a spool is present even if it has no description.
Value active_filament(const View& view) {
    auto spool = active_spool(view);
    spool.present = spool.data != nullptr ? std::optional{true} : std::nullopt;
    return spool_name(spool);
}

/// The active filament: the attributes of its tray or external spool.
void active_filament_attributes(const View& view, OrderedJson& out) {
    const auto& feed = view.gateway.feed;
    auto spool = active_spool(view);
    spool.present = spool.data != nullptr ? std::optional{true} : std::nullopt;
    write_spool_attributes(spool, view, feed.kind == Feed::Kind::tray ? feed.slot + 1 : 0,
                           spool.data != nullptr, out);
}

void active_tray_attributes(const View& view, OrderedJson& out) {
    put_words(active_tray(view), feed_words, view, out);
    active_filament_attributes(view, out);
}

SpoolView tray_of(const View& view) {
    return tray_view(view.report, view.place.unit->id, view.place.tray);
}

bool feeds_from_tray(const View& view) {
    const auto& feed = view.gateway.feed;
    return feed.kind == Feed::Kind::tray && feed.unit == view.place.unit->id && feed.slot == view.place.tray;
}

Value tray(const View& view) {
    return spool_name(tray_of(view));
}

void tray_attributes(const View& view, OrderedJson& out) {
    put_words(tray(view), spool_words, view, out);
    write_spool_attributes(tray_of(view), view, view.place.tray + 1, feeds_from_tray(view), out);
}

Value tray_type(const View& view) {
    return spool_type(tray_of(view));
}

Value tray_color(const View& view) {
    return spool_color(tray_of(view));
}

Value tray_remaining(const View& view) {
    return spool_remaining(tray_of(view), view);
}

/// A1 and A1 mini estimate from 01.06.10.33 on; all others do.
bool estimates_remaining(const Facts& facts, const Place&) {
    const auto since = facts.traits().ams_remaining_since;
    return since.empty() || firmware_at_least(facts.firmware, since);
}

bool feeds_from_external(const View& view) {
    const auto& feed = view.gateway.feed;
    return feed.kind == Feed::Kind::external && feed.spool == view.place.spool;
}

/// An active spool is present even if it has no description.
SpoolView external_of(const View& view) {
    auto spool = external_view(view.report, view.place.spool);
    if (spool.data != nullptr && feeds_from_external(view)) {
        spool.present = true;
    }
    return spool;
}

Value external(const View& view) {
    return spool_name(external_of(view));
}

void external_attributes(const View& view, OrderedJson& out) {
    put_words(external(view), spool_words, view, out);
    write_spool_attributes(external_of(view), view, 0, feeds_from_external(view), out);
}

Value external_type(const View& view) {
    return spool_type(external_of(view));
}

Value external_color(const View& view) {
    return spool_color(external_of(view));
}

Value external_active(const View& view) {
    const auto& feed = view.gateway.feed;
    return feed.kind == Feed::Kind::unclear ? not_known : Value{feeds_from_external(view)};
}

Value awaited_tray(const View& view) {
    const auto& awaited = view.gateway.awaited_feed;
    return awaited ? option(view, feed_id(*awaited)) : not_known;
}

bool names_awaited_tray(const Facts& facts, const Place&) {
    return facts.has(Feature::awaited_tray);
}

// clang-format off
constexpr std::array filament_rows_table{
    Entity{.id = "active_tray", .quantity = quantity::option, .from = {"ams/*", "ams/tray_exist_bits", "vir_slot", "vt_tray", "cfg", "home_flag"}, .gateway = GatewayField::feed, .decode = active_tray, .attributes = active_tray_attributes, .options_of = tray_options, .icon = "mdi:tray-full"},
    Entity{.id = "active_filament", .from = {"ams/*", "ams/tray_exist_bits", "vir_slot", "vt_tray", "cfg", "home_flag"}, .gateway = GatewayField::feed, .decode = active_filament, .attributes = active_filament_attributes, .icon = "mdi:printer-3d-nozzle"},
    Entity{.id = "waiting_for_tray", .quantity = quantity::option, .gateway = GatewayField::awaited_feed, .decode = awaited_tray, .exists = names_awaited_tray, .options_of = tray_options, .icon = "mdi:tray-alert"},
    Entity{.id = "", .scope = Scope::tray, .from = {"ams/{unit}/{tray}", "ams/tray_exist_bits", "cfg", "home_flag"}, .decode = tray, .attributes = tray_attributes, .icon = "mdi:tray"},
    Entity{.id = "type", .scope = Scope::tray, .enabled_by_default = false, .from = {"ams/{unit}/{tray}", "ams/tray_exist_bits"}, .decode = tray_type, .icon = "mdi:label-outline"},
    Entity{.id = "color", .scope = Scope::tray, .enabled_by_default = false, .from = {"ams/{unit}/{tray}", "ams/tray_exist_bits"}, .decode = tray_color, .icon = "mdi:palette"},
    Entity{.id = "remaining", .scope = Scope::tray, .quantity = quantity::percent, .from = {"ams/{unit}/{tray}", "ams/tray_exist_bits", "cfg", "home_flag"}, .decode = tray_remaining, .exists = estimates_remaining, .icon = "mdi:gauge"},
    Entity{.id = "", .scope = Scope::external, .name = "Filament", .from = {"vir_slot", "vt_tray"}, .gateway = GatewayField::feed, .decode = external, .attributes = external_attributes, .icon = "mdi:tray"},
    Entity{.id = "type", .scope = Scope::external, .enabled_by_default = false, .from = {"vir_slot", "vt_tray"}, .gateway = GatewayField::feed, .decode = external_type, .icon = "mdi:label-outline"},
    Entity{.id = "color", .scope = Scope::external, .enabled_by_default = false, .from = {"vir_slot", "vt_tray"}, .gateway = GatewayField::feed, .decode = external_color, .icon = "mdi:palette"},
    Entity{.id = "active", .scope = Scope::external, .component = Component::binary_sensor, .quantity = quantity::running, .gateway = GatewayField::feed, .decode = external_active},
};
// clang-format on

} // namespace

std::span<const Entity> filament_rows() {
    return filament_rows_table;
}

} // namespace bambu2mqtt
