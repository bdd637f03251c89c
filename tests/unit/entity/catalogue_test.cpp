// The table of entities is well formed and complete.
#include <bambu2mqtt/entity/catalogue.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

namespace bambu2mqtt {

namespace {

bool is_snake_case(std::string_view id) {
    return std::ranges::all_of(
               id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }) &&
           !id.starts_with('_') && !id.ends_with('_') && id.find("__") == std::string_view::npos;
}

/// A printer with every possible feature.
Facts everything(Model model) {
    Facts facts{.model = model, .firmware = "99.00.00.00", .complete = true};
    facts.features.set();
    facts.airduct_modes = 15;
    for (const auto& [id, kind] : {std::pair{0, UnitKind::ams},
                                   {1, UnitKind::ams_2_pro},
                                   {16, UnitKind::ams_lite},
                                   {128, UnitKind::ams_ht}}) {
        facts.units.push_back(Unit{.id = id,
                                   .kind = kind,
                                   .reports_humidity = true,
                                   .reports_temperature = true,
                                   .reports_drying = true});
    }
    return facts;
}

} // namespace

TEST_CASE("states sent with QoS 0 are numbers that move by themselves, and are no controls but fans") {
    std::set<std::string> moving;
    for (const auto& entity : catalogue()) {
        if (entity.qos == Qos::at_most_once) {
            moving.insert(pattern_of(entity));
            INFO("entity: ", entity.id);
            CHECK((entity.control.command.empty() || entity.component == Component::fan));
            CHECK(entity.options.empty());
        }
    }
    CHECK(moving == std::set<std::string>{"print_progress",
                                          "prepare_progress",
                                          "remaining_time",
                                          "start_time",
                                          "end_time",
                                          "elapsed_time",
                                          "current_layer",
                                          "total_layers",
                                          "part_fan",
                                          "aux_fan",
                                          "chamber_fan",
                                          "secondary_aux_fan",
                                          "heatbreak_fan",
                                          "nozzle_temperature",
                                          "left_nozzle_temperature",
                                          "right_nozzle_temperature",
                                          "bed_temperature",
                                          "chamber_temperature",
                                          "wifi_signal",
                                          "total_usage",
                                          "transfer_progress",
                                          "{ams}_humidity",
                                          "{ams}_humidity_index",
                                          "{ams}_temperature",
                                          "{ams}_drying_remaining"});
}

TEST_CASE("ids are snake_case and unique within their scope") {
    std::set<std::pair<Scope, std::string_view>> seen;
    for (const auto& entity : catalogue()) {
        INFO("entity: ", std::string{entity.id});
        CHECK(is_snake_case(entity.id));
        CHECK(seen.insert({entity.scope, entity.id}).second);
        const bool may_be_nameless = entity.scope == Scope::tray || entity.scope == Scope::external;
        CHECK((may_be_nameless || !entity.id.empty()));
    }
}

TEST_CASE("no printer has two entities of one id, and every id leads to a name") {
    for (const auto& row : models()) {
        const auto facts = everything(row.model);
        std::set<std::string> seen;
        const Layout layout{facts};
        for (const auto& instance : layout.instances()) {
            INFO(row.code, ": ", instance.id);
            CHECK(seen.insert(instance.id).second);
            CHECK(is_snake_case(instance.id));
            CHECK_FALSE(instance.name.empty());
            CHECK((instance.device.empty() || instance.id.starts_with(instance.device) ||
                   instance.device == "rack"));
        }
    }
}

TEST_CASE("the ids that are possible are those of all printers, each once") {
    std::set<std::string> possible;
    for (const auto& one : possible_ids()) {
        INFO("entity: ", one.id);
        CHECK(one.entity != nullptr);
        CHECK(possible.insert(one.id).second);
    }
    for (const auto& row : models()) {
        const auto facts = everything(row.model);
        const Layout layout{facts};
        for (const auto& instance : layout.instances()) {
            INFO("entity: ", instance.id);
            CHECK(possible.contains(instance.id));
        }
    }
    for (const char* const id : {"ams_4_tray_4", "ams_ht_8_tray_1", "external_spool_right", "hotend_6"}) {
        CHECK(possible.contains(id));
    }
    CHECK_FALSE(possible.contains("ams_ht_8_tray_2"));
}

TEST_CASE("every enum lists its options, none twice, none called unknown") {
    for (const auto& row : models()) {
        const auto facts = everything(row.model);
        const Layout layout{facts};
        for (const auto& instance : layout.instances()) {
            const auto& entity = *instance.entity;
            const auto options = Layout::options(instance, facts);
            INFO("entity: ", instance.id);
            const bool needs =
                entity.quantity.device_class == "enum" || entity.component == Component::select;
            CHECK((!needs || !options.empty()));
            std::set<std::string_view> seen;
            for (const auto option : options) {
                CHECK(seen.insert(option).second);
                CHECK(is_snake_case(option));
                CHECK(option != "unknown");
                CHECK_FALSE(option.empty());
            }
        }
    }
}

TEST_CASE("decoded entities have sources; buttons and events have none") {
    for (const auto& entity : catalogue()) {
        INFO("entity: ", std::string{entity.id});
        const bool has_source = !entity.from[0].empty() || entity.gateway != GatewayField::none;
        CHECK((entity.decode != nullptr) == has_source);
        if (entity.decode == nullptr) {
            CHECK((entity.component == Component::button || entity.component == Component::event));
        }
        bool ended = false;
        for (const auto source : entity.from) {
            CHECK_FALSE((ended && !source.empty()));
            ended = ended || source.empty();
            if (source.find('/') != std::string_view::npos) {
                const auto key = source.substr(0, source.find('/'));
                CHECK((key == "device" || key == "ams"));
                CHECK((source == "ams/{unit}/{tray}" ||
                       source.find('/', key.size() + 1) == std::string_view::npos));
            } else {
                CHECK(source != "device");
                CHECK(source != "ams");
            }
        }
        CHECK((entity.latest == nullptr || entity.component == Component::update));
    }
}

TEST_CASE("units, device classes and state classes go together") {
    for (const auto& entity : catalogue()) {
        INFO("entity: ", std::string{entity.id});
        const auto& quantity = entity.quantity;
        const bool text =
            !entity.options.empty() || entity.options_of != nullptr || quantity.device_class == "timestamp";
        CHECK((!text || (quantity.unit.empty() && quantity.state_class.empty())));
        if (entity.component == Component::number) {
            CHECK(quantity.state_class.empty());
            CHECK(quantity.unit == "°C");
        }
        if (entity.component == Component::binary_sensor) {
            CHECK(quantity.unit.empty());
        }
    }
}

TEST_CASE("every entity of the public list is built") {
    constexpr std::array<std::string_view, 95> printer_ids{"print_status",
                                                           "stage",
                                                           "print_progress",
                                                           "prepare_progress",
                                                           "remaining_time",
                                                           "start_time",
                                                           "end_time",
                                                           "elapsed_time",
                                                           "current_layer",
                                                           "total_layers",
                                                           "task_name",
                                                           "gcode_file",
                                                           "print_type",
                                                           "plate",
                                                           "print_stage",
                                                           "skipped_objects",
                                                           "print_speed",
                                                           "print_speed_percent",
                                                           "print_error",
                                                           "print_error_code",
                                                           "hms",
                                                           "hms_count",
                                                           "pause",
                                                           "resume",
                                                           "stop",
                                                           "nozzle_temperature",
                                                           "nozzle_target_temperature",
                                                           "left_nozzle_temperature",
                                                           "right_nozzle_temperature",
                                                           "left_nozzle_target_temperature",
                                                           "right_nozzle_target_temperature",
                                                           "bed_temperature",
                                                           "bed_target_temperature",
                                                           "chamber_temperature",
                                                           "chamber_target_temperature",
                                                           "part_fan",
                                                           "aux_fan",
                                                           "chamber_fan",
                                                           "secondary_aux_fan",
                                                           "heatbreak_fan",
                                                           "airduct_mode",
                                                           "chamber_light",
                                                           "work_light",
                                                           "heatbed_light",
                                                           "door",
                                                           "filament_loaded",
                                                           "active_nozzle",
                                                           "nozzle_diameter",
                                                           "left_nozzle_diameter",
                                                           "right_nozzle_diameter",
                                                           "nozzle_type",
                                                           "left_nozzle_type",
                                                           "right_nozzle_type",
                                                           "tool_module",
                                                           "sdcard_status",
                                                           "wifi_signal",
                                                           "wired_network",
                                                           "ip_address",
                                                           "firmware",
                                                           "developer_mode",
                                                           "connection",
                                                           "last_command",
                                                           "total_usage",
                                                           "timelapse",
                                                           "camera_recording",
                                                           "rtsp_url",
                                                           "prompt_sound",
                                                           "auto_recovery",
                                                           "auto_switch_filament",
                                                           "filament_tangle_detection",
                                                           "nozzle_blob_detection",
                                                           "air_print_detection",
                                                           "spaghetti_detection",
                                                           "pileup_detection",
                                                           "clump_detection",
                                                           "airprinting_detection",
                                                           "buildplate_marker_detection",
                                                           "first_layer_inspection",
                                                           "spaghetti_sensitivity",
                                                           "pileup_sensitivity",
                                                           "clump_sensitivity",
                                                           "airprinting_sensitivity",
                                                           "ams_startup_read",
                                                           "ams_tray_read",
                                                           "ams_remaining_estimate",
                                                           "refresh",
                                                           "home_axes",
                                                           "unload_filament",
                                                           "clean_print_error",
                                                           "refresh_nozzles",
                                                           "buzzer_silence",
                                                           "buzzer_alarm",
                                                           "buzzer_beep",
                                                           "active_tray",
                                                           "active_filament"};
    constexpr std::array<std::string_view, 30> unit_ids{"ams_1_humidity",
                                                        "ams_1_humidity_index",
                                                        "ams_1_temperature",
                                                        "ams_1_active",
                                                        "ams_2_drying",
                                                        "ams_2_drying_remaining",
                                                        "ams_2_drying_temperature",
                                                        "ams_2_drying_duration",
                                                        "ams_2_drying_filament",
                                                        "ams_2_stop_drying",
                                                        "ams_1_nozzle",
                                                        "ams_1_tray_1",
                                                        "ams_1_tray_4",
                                                        "ams_1_tray_2_type",
                                                        "ams_1_tray_2_color",
                                                        "ams_1_tray_2_remaining",
                                                        "ams_lite_1_tray_4",
                                                        "ams_ht_1_tray_1",
                                                        "ams_ht_1_drying",
                                                        "external_spool_left",
                                                        "external_spool_left_type",
                                                        "external_spool_left_color",
                                                        "external_spool_left_active",
                                                        "external_spool_right",
                                                        "external_spool_right_active",
                                                        "holder_position",
                                                        "holder_state",
                                                        "hotend_1",
                                                        "hotend_3",
                                                        "hotend_6"};
    const auto facts = everything(Model::h2c);
    const Layout layout{facts};
    const auto built = [&](std::string_view id) { return layout.find(id).has_value(); };
    for (const auto id : printer_ids) {
        INFO("entity: ", std::string{id});
        CHECK(built(id));
    }
    for (const auto id : unit_ids) {
        INFO("entity: ", std::string{id});
        CHECK(built(id));
    }
    for (const char* const id : {"ams_ht_1_tray_2", "ams_1_drying", "ams_lite_1_humidity_index",
                                 "external_spool", "hotend_7", "ams_1_stop_drying"}) {
        CHECK_FALSE(built(id));
    }
}

TEST_CASE("before anything is known only the entities of the gateway itself exist") {
    Facts facts{.model = Model::h2d, .firmware = "01.00.00.00"};
    facts.features.set();
    facts.units.push_back(Unit{.id = 0});
    std::set<std::string> ids;
    const Layout layout{facts};
    for (const auto& instance : layout.instances()) {
        ids.insert(instance.id);
    }
    CHECK(ids == std::set<std::string>{"connection", "last_command"});
}

TEST_CASE("name patterns have placeholders in braces") {
    std::set<std::string> patterns;
    for (const auto& entity : catalogue()) {
        CHECK(patterns.insert(pattern_of(entity)).second);
    }
    for (const char* const pattern :
         {"print_status", "{ams}_humidity", "{ams}_tray_{n}", "{ams}_tray_{n}_type", "{external_spool}",
          "{external_spool}_active", "hotend_{n}", "holder_position"}) {
        INFO(pattern);
        CHECK(patterns.contains(pattern));
    }
}

} // namespace bambu2mqtt
