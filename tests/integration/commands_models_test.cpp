// Every command on every family of printers: it takes effect, visibly, or is refused because the printer
// lacks the feature.
#include "integration/command_client.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace bambu2mqtt;
using namespace bambu2mqtt::gateway_test;

namespace {

/// A command, and its possible outcomes where the printer has the feature.
struct Step {
    std::string_view command{};
    std::string_view arguments{"{}"};
    std::string_view expected{"effective"};
    std::string_view not_on{}; ///< a model on which it has no effect visible in reports
};

// clang-format off
constexpr std::array idle_steps{
    Step{"set_bed_temp_target", R"({"value":60})"},
    Step{"set_nozzle_temp_target", R"({"value":200})"},
    Step{"set_chamber_temp", R"({"value":31.5})", "done"},
    Step{"home_axes", "{}", "accepted"},
    Step{"set_part_cooling_fan_speed_target_percent", R"({"value":50})"},
    Step{"set_aux_fan_speed_target_percent", R"({"value":50})"},
    Step{"set_exhaust_fan_speed_target_percent", R"({"value":50})"},
    Step{"set_secondary_aux_fan_speed_target_percent", R"({"value":50})"},
    Step{"set_chamber_temp_target", R"({"value":45})"}, // the air duct heats then, and keeps fans still
    Step{"set_airduct_mode", R"({"mode":"cooling"})"},
    Step{"set_light_state", R"({"state":"off"})"},
    Step{"set_light_state", R"({"state":"on"})"},
    Step{"move_axis", R"({"axis":"x","distance":10})", "accepted"},
    Step{"load_filament", R"({"ams_id":"ams_1","slot_id":2})"},
    Step{"unload_filament"},
    Step{"refresh_spool_rfid", R"({"ams_id":"ams_1","slot_id":1})", "accepted"},
    Step{"set_spool_details", R"({"tray_id":254,"tray_info_idx":"GFA00","tray_type":"PLA","tray_color":"red","nozzle_temp_min":190,"nozzle_temp_max":230})"},
    Step{"set_spool_k_factor", R"({"tray_id":254,"k_value":0.02})", "accepted"},
    Step{"get_extrusion_calibration_profiles", "{}", "accepted"},
    Step{"set_ams_user_setting", R"({"setting":"startup_read_option","enabled":true})"},
    Step{"set_print_option", R"({"option":"auto_recovery","enabled":false})"},
    Step{"set_print_option", R"({"option":"sound_enable","enabled":false})"},
    Step{"set_spaghetti_detector", R"({"enabled":true,"sensitivity":"high"})"},
    Step{"set_purgechutepileup_detector", R"({"enabled":true})"},
    Step{"set_nozzleclumping_detector", R"({"enabled":true})"},
    Step{"set_airprinting_detector", R"({"enabled":true})"},
    Step{"set_buildplate_marker_detector", R"({"enabled":false})"},
    Step{"set_first_layer_inspection", R"({"enabled":false})"},
    Step{"set_timelapse", R"({"enabled":true})"},
    Step{"set_camera_recording", R"({"enabled":false})"},
    Step{"set_active_tool", R"({"id":"left"})"},
    Step{"set_active_tool", R"({"id":"right"})"},
    Step{"set_nozzle_details", R"({"nozzle_diameter":0.6,"nozzle_type":"hardened_steel"})", "effective", "H2D"},
    Step{"refresh_nozzles", "{}", "accepted"},
    Step{"rename_printer", R"({"new_name":"Garage"})", "accepted"},
    Step{"set_buzzer", R"({"mode":"beep"})", "accepted"},
    Step{"turn_on_ams_dryer", R"({"target_temp":55,"duration":8})"},
    Step{"turn_off_ams_dryer"},
    Step{"get_version", "{}", "accepted"},
    Step{"get_current_bind_list", "{}", "done"},
    Step{"clean_print_error"},
};
constexpr std::array job_steps{
    Step{"print_3mf_file", R"({"name":"/a.gcode.3mf","ams_mapping":[0]})"},
};
constexpr std::array fault_steps{
    Step{"ignore_error", R"({"error":"0500-809C"})"},
};
constexpr std::array other_fault_steps{
    Step{"abort_error", R"({"error":"0700-8006"})"},
};
constexpr std::array running_steps{
    Step{"set_speed_level", R"({"level":"sport"})"},
    Step{"skip_objects", R"({"objects":[7,8]})"},
    Step{"pause_printing"},
    Step{"send_ams_control_command", R"({"ams_control_cmd":"resume"})", "accepted"},
    Step{"stop_printing"},
};

// clang-format on

/// Sends each step to all printers together and waits for all outcomes before the next.
void take(TestEnvironment& env, std::vector<CommandClient>& clients, std::span<const Step> steps) {
    for (const auto& step : steps) {
        std::vector<std::pair<std::size_t, std::string>> sent;
        for (std::size_t i = 0; i < clients.size(); ++i) {
            if (env.fleet().printers()[i].model != step.not_on) {
                sent.emplace_back(i, clients[i].send(std::string{step.command}, json::parse(step.arguments)));
            }
        }
        std::size_t works = 0;
        for (const auto& one : sent) {
            const auto index = one.first;
            const auto outcome = clients[index].outcome(one.second);
            const auto end = ending(outcome);
            INFO(env.fleet().printers()[index].model, " ", step.command, " ", step.arguments, " -> ",
                 outcome.dump());
            CHECK((end == step.expected || end == "refused not_supported"));
            works += end == step.expected ? 1 : 0;
        }
        INFO(step.command);
        CHECK(works > 0);
    }
}

} // namespace

TEST_CASE("every command works on every family, or is refused because the printer lacks the feature") {
    TestEnvironment env{
        {.models = {"X1C", "P1S", "A1MINI", "H2D", "P2S", "X2D"},
         .durations = {
             .print = 60s, .filament_change = 500ms, .nozzle_change = 200ms, .tag_reading = 300ms}}};
    REQUIRE(env.start_gateway());
    std::vector<CommandClient> clients;
    for (std::size_t i = 0; i < env.printers(); ++i) {
        clients.emplace_back(env, i);
    }
    take(env, clients, idle_steps);
    take(env, clients, job_steps);
    for (std::size_t i = 0; i < env.printers(); ++i) {
        REQUIRE(env.sees(i, "print_status", "running"));
    }
    const auto stop_all = [&](std::uint32_t error, const std::string& shown) {
        for (std::size_t i = 0; i < env.printers(); ++i) {
            env.fleet().with(i, [&](auto& printer) { printer.pause(0, error); });
            REQUIRE(env.sees(i, "print_error_code", shown));
            REQUIRE(env.sees(i, "print_status", "pause")); // may be published later than the error
        }
    };
    stop_all(0x0500809C, "0500-809C");
    take(env, clients, fault_steps);
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CHECK(env.sees(i, "print_status", "running"));
    }
    stop_all(0x07008006, "0700-8006");
    take(env, clients, other_fault_steps);
    for (std::size_t i = 0; i < env.printers(); ++i) {
        env.fleet().with(i, [](auto& printer) { printer.resume(); });
        REQUIRE(env.sees(i, "print_status", "running"));
    }
    take(env, clients, running_steps);
}
