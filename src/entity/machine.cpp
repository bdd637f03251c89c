// The machine itself: sensors of the housing, network, firmware, and the gateway's own data about it.
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/storage.hpp>

#include <fmt/format.h>

#include <array>

namespace bambu2mqtt {

namespace {

using namespace decode;

constexpr unsigned door_bit = 23;

/// X1, X1C and X1E report the door in home_flag, all others in stat (X1C 01.09: bit clear in one, set in the
/// other).
Value door(const View& view) {
    const bool in_home_flag = view.facts.traits().family == Family::x1;
    const auto word = in_home_flag ? read::signed_word(view.report.find("home_flag"))
                                   : read::word(view.report.find("stat"));
    return word ? Value{read::bit(*word, door_bit)} : not_known;
}

bool has_door(const Facts& facts, const Place&) {
    return firmware_at_least(facts.firmware, facts.traits().door_since);
}

/// The filament sensor at the extruder; 2 was seen on the X2D.
Value filament_loaded(const View& view) {
    const auto state = read::integer(field(view));
    return state && *state >= 0 ? Value{*state != 0} : not_known;
}

constexpr std::array<std::string_view, 4> tools{"none", "laser10", "laser40", "cutter"};

Value tool_module(const View& view) {
    const auto mount = read::integer(view.report.find("device/ext_tool/mount"));
    const auto type = read::text(view.report.find("device/ext_tool/type")).value_or("");
    if (mount == 0) {
        return "none";
    }
    if (mount != 1) {
        return not_known;
    }
    if (type == "LB00") {
        return "laser10";
    }
    if (type == "LB01") {
        return "laser40";
    }
    return type == "CP00" ? Value{"cutter"} : not_known;
}

bool takes_tools(const Facts& facts, const Place&) {
    return facts.traits().tool_module;
}

/// A storage of the printer, as its camera reports it for timelapses: bytes in KiB.
struct Store {
    std::string_view name{};
    std::int64_t free_kib = 0;
    std::int64_t total_kib = 0;
};

/// The external store if present, else the internal one. Sizes are below `ipcam` (X2D: 881996 of 962560
/// internal, 0 of 0 external without a stick), on some firmware below `device.cam`.
std::optional<Store> store_in_use(const ReportState& report) {
    struct Keys {
        std::string_view name{};
        std::string_view free{};
        std::string_view total{};
    };

    constexpr std::array stores{Keys{"external", "tl_external_free_kb", "tl_external_total_kb"},
                                Keys{"internal", "tl_internal_free_kb", "tl_internal_total_kb"}};
    constexpr std::int64_t largest = 1LL << 40;
    for (const auto& keys : stores) {
        for (const char* const place : {"ipcam", "device/cam"}) {
            const Json* const store_data = report.find(place);
            const auto total = read::integer(member(store_data, keys.total)).value_or(0);
            const auto free = read::integer(member(store_data, keys.free)).value_or(-1);
            if (total > 0 && total <= largest && free >= 0 && free <= total) {
                return Store{keys.name, free, total};
            }
        }
    }
    return std::nullopt;
}

std::int64_t megabytes(std::int64_t kib) {
    return (kib * 1024 + 500'000) / 1'000'000;
}

Value storage_free(const View& view) {
    const auto store = store_in_use(view.report);
    return store ? Value{megabytes(store->free_kib)} : not_known;
}

void storage_attributes(const View& view, OrderedJson& out) {
    const auto store = store_in_use(view.report);
    out["store"] = store ? OrderedJson(store->name) : OrderedJson(nullptr);
    out["total"] = store ? OrderedJson(megabytes(store->total_kib)) : OrderedJson(nullptr);
}

bool reports_storage_size(const Facts& facts, const Place&) {
    return facts.has(Feature::storage_size);
}

/// "-46dBm".
Value wifi_signal(const View& view) {
    auto text = read::text(field(view)).value_or("");
    if (text.ends_with("dBm")) {
        text.remove_suffix(3);
    }
    const Json number(text);
    const auto level = field(view) != nullptr && field(view)->is_number() ? read::integer(field(view))
                                                                          : read::integer(&number);
    return level && *level >= -150 && *level < 0 ? Value{*level} : not_known;
}

Value wired_network(const View& view) {
    const auto conf = read::signed_word(view.report.find("net/conf"));
    return conf ? Value{read::bit(*conf, 0)} : not_known;
}

bool has_ethernet(const Facts& facts, const Place&) {
    return facts.traits().ethernet;
}

/// The first address that is set: a little-endian number (117440522 is 10.0.0.7).
Value ip_address(const View& view) {
    const Json* const interfaces = view.report.find("net/info");
    if (interfaces == nullptr || !interfaces->is_array()) {
        return not_known;
    }
    for (const auto& interface : *interfaces) {
        const auto ip = read::signed_word(member(&interface, "ip"));
        if (ip && *ip != 0 && *ip <= 0xFFFFFFFFULL) {
            return fmt::format("{}.{}.{}.{}", *ip & 0xFFU, (*ip >> 8U) & 0xFFU, (*ip >> 16U) & 0xFFU,
                               *ip >> 24U);
        }
    }
    return not_known;
}

bool tells_address(const Facts& facts, const Place&) {
    return facts.has(Feature::network_address);
}

Value firmware(const View& view) {
    return view.facts.firmware.empty() ? not_known : Value{view.facts.firmware};
}

/// The newest version the printer offers: `ota` in new_ver_list, or the X1's own field; else the installed
/// one.
Value latest_firmware(const View& view) {
    const Json* const offers = view.report.find("upgrade_state/new_ver_list");
    if (offers != nullptr && offers->is_array()) {
        for (const auto& offer : *offers) {
            if (read::text(member(&offer, "name")) == "ota") {
                if (const auto version = read::text(member(&offer, "new_ver"))) {
                    return std::string{*version};
                }
            }
        }
    }
    const auto offered = read::text(view.report.find("upgrade_state/ota_new_version_number"));
    return offered ? Value{std::string{*offered}} : firmware(view);
}

bool has_firmware(const Facts& facts, const Place&) {
    return !facts.firmware.empty();
}

/// `fun` bit 29: commands need a signature, so Developer Mode is off.
Value developer_mode(const View& view) {
    const auto word = read::word(field(view));
    return word ? Value{!read::bit(*word, 29)} : not_known;
}

bool reports_developer_mode(const Facts& facts, const Place&) {
    return facts.has(Feature::fun);
}

/// "disable" means that live view is switched off.
Value rtsp_url(const View& view) {
    const auto url = read::text(view.report.find("ipcam/rtsp_url"));
    return url && *url != "disable" ? Value{std::string{*url}} : not_known;
}

bool offers_rtsp(const Facts& facts, const Place&) {
    return facts.has(Feature::rtsp);
}

Value connection_state(const View& view) {
    return own(view.gateway.connection.state);
}

Value last_status(const View& view) {
    const auto& last = view.gateway.last_command;
    return last ? Value{std::string{name_of(last->status)}} : not_known;
}

Value total_usage(const View& view) {
    return own(view.gateway.total_usage);
}

Value transfer_progress(const View& view) {
    const auto& transfer = view.gateway.transfer;
    return transfer ? Value{transfer->percent} : not_known;
}

Value transfer_file(const View& view) {
    const auto& transfer = view.gateway.transfer;
    return own(transfer ? std::string_view{transfer->file} : std::string_view{});
}

Value storage_shown(const View& view) {
    return own(view.gateway.storage);
}

void connection_attributes(const View& view, OrderedJson& out) {
    const auto& connection = view.gateway.connection;
    out["since"] = connection.since ? OrderedJson(rfc3339(*connection.since)) : OrderedJson(nullptr);
    out["error"] = text_or_null(connection.error);
    out["hint"] = text_or_null(connection.hint);
    out["fingerprint"] = text_or_null(connection.fingerprint);
}

/// The last outcome without its data; always all keys, null before the first one.
void outcome_attributes(const View& view, OrderedJson& out) {
    const auto& last = view.gateway.last_command;
    if (!last) {
        for (const char* const key : {"request_id", "command", "status", "code", "message", "time"}) {
            out[key] = nullptr;
        }
        return;
    }
    out["request_id"] = text_or_null(last->request_id);
    out["command"] = last->command;
    out["status"] = name_of(last->status);
    out["code"] = text_or_null(name_of(last->code));
    out["message"] = text_or_null(last->message);
    out["time"] = rfc3339(last->time);
}

bool has_buzzer(const Facts& facts, const Place&) {
    return facts.traits().buzzer;
}

bool refreshes_nozzles(const Facts& facts, const Place&) {
    return facts.traits().family == Family::h2;
}

constexpr std::array<std::string_view, 9> connection_options{
    "connecting", "connected", "unreachable", "auth_refused",   "tls_untrusted",
    "no_reports", "stale",     "paused",      "pin_unavailable"};

// clang-format off
constexpr std::array machine_rows_table{
    Entity{.id = "door", .component = Component::binary_sensor, .quantity = quantity::door, .from = {"stat", "home_flag"}, .decode = door, .exists = has_door},
    Entity{.id = "filament_loaded", .component = Component::binary_sensor, .from = {"hw_switch_state"}, .decode = filament_loaded, .icon = "mdi:printer-3d-nozzle"},
    Entity{.id = "tool_module", .quantity = quantity::option, .from = {"device/ext_tool"}, .decode = tool_module, .exists = takes_tools, .options = tools, .icon = "mdi:laser-pointer"},
    Entity{.id = "sdcard_status", .name = "SD card status", .quantity = quantity::option, .category = diagnostic, .gateway = GatewayField::storage, .decode = storage_shown, .options = storage_states, .icon = "mdi:sd"},
    Entity{.id = "storage_free", .quantity = quantity::data_size, .category = diagnostic, .from = {"ipcam", "device/cam"}, .decode = storage_free, .exists = reports_storage_size, .attributes = storage_attributes, .icon = "mdi:sd"},
    Entity{.id = "wifi_signal", .name = "Wi-Fi signal", .quantity = quantity::signal, .qos = moves, .category = diagnostic, .from = {"wifi_signal"}, .decode = wifi_signal, .slow_change = 5},
    Entity{.id = "wired_network", .component = Component::binary_sensor, .quantity = quantity::connectivity, .category = diagnostic, .enabled_by_default = false, .from = {"net"}, .decode = wired_network, .exists = has_ethernet},
    Entity{.id = "ip_address", .name = "IP address", .category = diagnostic, .from = {"net"}, .decode = ip_address, .exists = tells_address, .icon = "mdi:ip-network"},
    Entity{.id = "firmware", .component = Component::update, .quantity = quantity::firmware, .category = diagnostic, .from = {"upgrade_state"}, .decode = firmware, .exists = has_firmware, .latest = latest_firmware, .follows = Follows::bridge},
    Entity{.id = "developer_mode", .component = Component::binary_sensor, .category = diagnostic, .from = {"fun"}, .decode = developer_mode, .exists = reports_developer_mode, .icon = "mdi:lock-open-outline"},
    Entity{.id = "connection", .quantity = quantity::option, .category = diagnostic, .gateway = GatewayField::connection, .decode = connection_state, .attributes = connection_attributes, .options = connection_options, .follows = Follows::bridge, .icon = "mdi:lan-connect"},
    Entity{.id = "last_command", .category = diagnostic, .gateway = GatewayField::last_command, .decode = last_status, .attributes = outcome_attributes, .follows = Follows::bridge, .icon = "mdi:console-line"},
    Entity{.id = "total_usage", .quantity = quantity::usage, .qos = moves, .category = diagnostic, .gateway = GatewayField::total_usage, .decode = total_usage, .follows = Follows::bridge, .icon = "mdi:clock-outline"},
    Entity{.id = "transfer_progress", .quantity = quantity::transfer, .qos = moves, .category = diagnostic, .enabled_by_default = false, .gateway = GatewayField::transfer, .decode = transfer_progress, .icon = "mdi:progress-upload"},
    Entity{.id = "transfer_file", .category = diagnostic, .enabled_by_default = false, .gateway = GatewayField::transfer, .decode = transfer_file, .icon = "mdi:file-arrow-up-down-outline"},
    Entity{.id = "rtsp_url", .name = "RTSP URL", .category = diagnostic, .enabled_by_default = false, .from = {"ipcam"}, .decode = rtsp_url, .exists = offers_rtsp, .icon = "mdi:cctv"},
};

constexpr std::array machine_button_table{
    Entity{.id = "refresh", .component = Component::button, .category = diagnostic, .icon = "mdi:refresh", .control = {.command = "refresh", .payload = Payload::press}},
    Entity{.id = "home_axes", .component = Component::button, .category = config, .icon = "mdi:home-import-outline", .control = {.command = "home_axes", .payload = Payload::press}},
    Entity{.id = "unload_filament", .component = Component::button, .category = config, .icon = "mdi:tray-arrow-up", .control = {.command = "unload_filament", .payload = Payload::press}},
    Entity{.id = "clean_print_error", .component = Component::button, .category = config, .icon = "mdi:broom", .control = {.command = "clean_print_error", .payload = Payload::press}},
    Entity{.id = "refresh_nozzles", .component = Component::button, .category = config, .enabled_by_default = false, .exists = refreshes_nozzles, .icon = "mdi:refresh", .control = {.command = "refresh_nozzles", .payload = Payload::press}},
    Entity{.id = "buzzer_silence", .component = Component::button, .category = config, .enabled_by_default = false, .exists = has_buzzer, .icon = "mdi:volume-off", .control = {.command = "set_buzzer", .payload = Payload::press, .fixed = R"({"mode":"silent"})"}},
    Entity{.id = "buzzer_alarm", .component = Component::button, .category = config, .enabled_by_default = false, .exists = has_buzzer, .icon = "mdi:alarm-light", .control = {.command = "set_buzzer", .payload = Payload::press, .fixed = R"({"mode":"alarm"})"}},
    Entity{.id = "buzzer_beep", .component = Component::button, .category = config, .enabled_by_default = false, .exists = has_buzzer, .icon = "mdi:volume-high", .control = {.command = "set_buzzer", .payload = Payload::press, .fixed = R"({"mode":"beep"})"}},
};
// clang-format on

} // namespace

std::span<const Entity> machine_rows() {
    return machine_rows_table;
}

std::span<const Entity> machine_button_rows() {
    return machine_button_table;
}

} // namespace bambu2mqtt
