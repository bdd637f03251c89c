// Valid arguments for every command.
#pragma once

#include <array>
#include <string_view>

namespace bambu2mqtt::test {

struct Sample {
    std::string_view command{};
    std::string_view arguments{};
};

// clang-format off
inline constexpr std::array samples{
    Sample{"pause_printing", "{}"},
    Sample{"resume_printing", "{}"},
    Sample{"stop_printing", "{}"},
    Sample{"skip_objects", R"({"objects":[7,8]})"},
    Sample{"set_speed_level", R"({"level":"sport"})"},
    Sample{"clean_print_error", "{}"},
    Sample{"ignore_error", R"({"error":"0500-809C"})"},
    Sample{"abort_error", R"({"error":"0500-809C"})"},
    Sample{"print_3mf_file", R"({"name":"/a.gcode.3mf","plate":1,"bed":"auto","use_ams":true,"ams_mapping":[0]})"},
    Sample{"print_gcode_file", R"({"name":"/a.gcode"})"},
    Sample{"set_nozzle_temp_target", R"({"value":200})"},
    Sample{"set_bed_temp_target", R"({"value":60})"},
    Sample{"set_chamber_temp_target", R"({"value":45})"},
    Sample{"set_chamber_temp", R"({"value":31.5})"},
    Sample{"set_part_cooling_fan_speed_target_percent", R"({"value":50})"},
    Sample{"set_aux_fan_speed_target_percent", R"({"value":50})"},
    Sample{"set_exhaust_fan_speed_target_percent", R"({"value":50})"},
    Sample{"set_secondary_aux_fan_speed_target_percent", R"({"value":50})"},
    Sample{"set_airduct_mode", R"({"mode":"cooling"})"},
    Sample{"set_light_state", R"({"state":true})"},
    Sample{"home_axes", "{}"},
    Sample{"move_axis", R"({"axis":"x","distance":10})"},
    Sample{"extrude", R"({"length":5})"},
    Sample{"send_gcode", R"({"gcode":"M140 S60"})"},
    Sample{"send_anything", R"({"anything":{"pushing":{"command":"start"}}})"},
    Sample{"load_filament", R"({"tray_id":0})"},
    Sample{"unload_filament", "{}"},
    Sample{"refresh_spool_rfid", R"({"tray_id":0})"},
    Sample{"send_ams_control_command", R"({"ams_control_cmd":"resume"})"},
    Sample{"retry_load_filament", "{}"},
    Sample{"done_load_filament", "{}"},
    Sample{"set_ams_user_setting", R"({"setting":"startup_read_option","enabled":true})"},
    Sample{"get_current_bind_list", "{}"},
    Sample{"set_spool_details", R"({"tray_id":0,"tray_info_idx":"GFA00","tray_color":"red","nozzle_temp_min":190,"nozzle_temp_max":230})"},
    Sample{"set_spool_k_factor", R"({"tray_id":0,"k_value":0.02})"},
    Sample{"select_extrusion_calibration_profile", R"({"tray_id":0})"},
    Sample{"get_extrusion_calibration_profiles", "{}"},
    Sample{"turn_on_ams_dryer", R"({"target_temp":55,"duration":8})"},
    Sample{"turn_off_ams_dryer", "{}"},
    Sample{"set_spaghetti_detector", R"({"enabled":true})"},
    Sample{"set_purgechutepileup_detector", R"({"enabled":true})"},
    Sample{"set_nozzleclumping_detector", R"({"enabled":true})"},
    Sample{"set_airprinting_detector", R"({"enabled":true})"},
    Sample{"set_buildplate_marker_detector", R"({"enabled":true})"},
    Sample{"set_first_layer_inspection", R"({"enabled":true})"},
    Sample{"set_print_option", R"({"option":"auto_recovery","enabled":true})"},
    Sample{"set_active_tool", R"({"id":"left"})"},
    Sample{"set_nozzle_details", R"({"nozzle_diameter":0.4,"nozzle_type":"hardened_steel"})"},
    Sample{"refresh_nozzles", "{}"},
    Sample{"rename_printer", R"({"new_name":"Garage"})"},
    Sample{"set_buzzer", R"({"mode":"beep"})"},
    Sample{"set_timelapse", R"({"enabled":true})"},
    Sample{"set_camera_recording", R"({"enabled":true})"},
    Sample{"get_version", "{}"},
    Sample{"refresh", "{}"},
    Sample{"start_session", "{}"},
    Sample{"resume_session", "{}"},
    Sample{"pause_session", "{}"},
    Sample{"quit", "{}"},
    Sample{"get_state", "{}"},
    Sample{"toJson", "{}"},
    Sample{"forget", R"({"unit":"ams_1"})"},
    Sample{"trust_certificate", R"({"fingerprint":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"})"},
    Sample{"get_sdcard_contents", "{}"},
    Sample{"get_sdcard_3mf_files", "{}"},
    Sample{"sdcard_file_exists", R"({"path":"/a"})"},
    Sample{"upload_sdcard_file", R"({"src":"a.3mf","dest":"/a.3mf","print":{}})"},
    Sample{"download_sdcard_file", R"({"src":"/a"})"},
    Sample{"delete_sdcard_file", R"({"file":"/a"})"},
    Sample{"delete_sdcard_folder", R"({"path":"/a"})"},
    Sample{"make_sdcard_directory", R"({"dir":"/a"})"},
    Sample{"rename_sdcard_file", R"({"src":"/a","dest":"/b"})"},
    Sample{"cancel_transfer", "{}"},
};
// clang-format on

} // namespace bambu2mqtt::test
