// Whole recorded reports against values read from them by hand. Skipped where the recordings are not at hand.
#include "captures.hpp"

namespace bambu2mqtt::test {

namespace {

struct Recorded {
    std::string_view file{};
    std::string_view serial{}; ///< where the file holds no get_version, its first three characters tell the model
    std::vector<Shown> shown{};
};

std::vector<Recorded> reports() {
    return {
        {"reports/a1-01.05.00.00-ams-lite.jsonl", "TEST",
         {{"print_status", "idle"}, {"stage", "idle"}, {"print_progress", "0"}, {"remaining_time", "None"}, {"print_type", "idle"},
          {"nozzle_temperature", "28"}, {"nozzle_target_temperature", "0"}, {"bed_temperature", "30"}, {"chamber_temperature", "(absent)"},
          {"wifi_signal", "-48"}, {"ip_address", "192.168.0.98"}, {"sdcard_status", "normal"}, {"chamber_light", "OFF"},
          {"print_speed", "standard"}, {"nozzle_diameter", "0.4"}, {"nozzle_type", "stainless_steel"}, {"timelapse", "OFF"},
          {"camera_recording", "OFF"}, {"buildplate_marker_detection", "ON"}, {"active_tray", "none"}, {"active_filament", "None"},
          {"ams_1_tray_1", "PLA"}, {"ams_1_tray_1_color", "#76D9F4"}, {"ams_1_tray_4_color", "#0ACC38"}, {"ams_1_temperature", "(absent)"},
          {"external_spool", "Bambu PLA Basic"}, {"external_spool_color", "#FFFFFF"}, {"firmware", "01.05.00.00"}, {"ams_tray_read", "ON"},
          {"ams_startup_read", "OFF"}, {"developer_mode", "(absent)"}, {"print_error", "OFF"}, {"hms_count", "0"}, {"task_name", "None"},
          {"auto_recovery", "ON"}, {"prompt_sound", "OFF"}, {"nozzle_blob_detection", "ON"}, {"ams_1_tray_1_remaining", "(absent)"}}},
        {"reports/h2d-01.01.01.00-printing.jsonl", "TEST",
         {{"print_status", "running"}, {"stage", "printing"}, {"print_progress", "6"}, {"remaining_time", "549"}, {"current_layer", "1"},
          {"total_layers", "200"}, {"task_name", "T-pose - slim H2D dual AMS riser"}, {"gcode_file", "/data/Metadata/plate_1.gcode"},
          {"print_type", "local"}, {"plate", "1"}, {"nozzle_temperature", "245"}, {"nozzle_target_temperature", "245"},
          {"right_nozzle_temperature", "245"}, {"left_nozzle_temperature", "47"}, {"left_nozzle_target_temperature", "0"},
          {"bed_temperature", "70"}, {"bed_target_temperature", "70"}, {"chamber_temperature", "35"}, {"chamber_target_temperature", "0"},
          {"airduct_mode", "cooling"}, {"part_fan", "0"}, {"chamber_fan", "30"}, {"heatbreak_fan", "100"}, {"tool_module", "laser10"},
          {"door", "OFF"}, {"chamber_light", "ON"}, {"work_light", "flashing"}, {"wifi_signal", "-46"}, {"ip_address", "10.9.6.215"},
          {"wired_network", "OFF"}, {"developer_mode", "OFF"}, {"sdcard_status", "normal"}, {"print_speed", "standard"},
          {"active_nozzle", "right"}, {"active_tray", "ams_2_tray_4"}, {"active_filament", "PETG HF"}, {"ams_1_humidity", "1"},
          {"ams_1_humidity_index", "1"}, {"ams_1_temperature", "27"}, {"ams_1_nozzle", "left"}, {"ams_2_nozzle", "right"},
          {"ams_1_tray_1", "Support for PLA"}, {"ams_1_tray_1_remaining", "1"}, {"ams_1_tray_2_remaining", "31"},
          {"ams_2_tray_3", "PETG-CF"}, {"ams_2_tray_4_remaining", "51"}, {"ams_2_tray_4_color", "#ADB1B2"}, {"left_nozzle_type", "hardened_steel"},
          {"spaghetti_detection", "ON"}, {"spaghetti_sensitivity", "medium"}, {"first_layer_inspection", "ON"}, {"timelapse", "OFF"},
          {"camera_recording", "ON"}, {"external_spool_left", "empty"}, {"external_spool_right", "empty"}, {"firmware", "01.01.01.00"}}},
        {"reports/p1p-01.07.00.00-ams.jsonl", "TEST",
         {{"print_status", "failed"}, {"stage", "idle"}, {"remaining_time", "None"}, {"current_layer", "1"}, {"total_layers", "70"},
          {"task_name", "Fidget Collection"}, {"nozzle_temperature", "21"}, {"bed_temperature", "20"}, {"active_tray", "ams_1_tray_1"},
          {"active_filament", "Generic PLA Silk"}, {"ams_1_tray_1", "Generic PLA Silk"}, {"ams_1_tray_1_color", "#D357FE"},
          {"ams_1_tray_4", "Generic PLA Silk"}, {"ams_1_tray_1_remaining", "None"}, {"ams_1_humidity_index", "3"}, {"wifi_signal", "-53"},
          {"ip_address", "10.10.10.81"}, {"external_spool", "PLA"}, {"external_spool_color", "#161616"}, {"nozzle_type", "hardened_steel"},
          {"camera_recording", "ON"}, {"filament_loaded", "ON"}, {"firmware", "01.07.00.00"}, {"aux_fan", "(absent)"},
          {"auto_switch_filament", "ON"}, {"ams_remaining_estimate", "OFF"}, {"sdcard_status", "normal"}, {"developer_mode", "(absent)"},
          {"ams_tray_read", "ON"}, {"ams_startup_read", "OFF"}}},
        {"reports/p1p-01.08.02.00-no-ams.jsonl", "TEST",
         {{"print_status", "finish"}, {"stage", "idle"}, {"print_progress", "100"}, {"current_layer", "124"}, {"total_layers", "124"},
          {"task_name", "sensor_altanl\xC3\xA5s_v2_v3"}, {"nozzle_temperature", "26"}, {"bed_temperature", "23"}, {"active_tray", "external_spool"},
          {"active_filament", "PETG"}, {"external_spool_color", "#BCBCBC"}, {"external_spool_active", "ON"}, {"chamber_light", "ON"},
          {"wifi_signal", "-42"}, {"ip_address", "192.168.50.122"}, {"firmware", "01.08.02.00"}, {"sdcard_status", "normal"},
          {"auto_recovery", "ON"}, {"ams_1_tray_1", "(absent)"}, {"ams_tray_read", "(absent)"}, {"door", "(absent)"}}},
        {"reports/x1c-01.09.00.01-four-ams.jsonl", "TEST",
         {{"print_status", "finish"}, {"stage", "idle"}, {"print_progress", "100"}, {"remaining_time", "None"}, {"current_layer", "480"},
          {"task_name", "Garden Hose Healer: Male fitting"}, {"plate", "1"}, {"nozzle_temperature", "26"}, {"nozzle_target_temperature", "0"},
          {"bed_temperature", "23"}, {"chamber_temperature", "25"}, {"active_tray", "none"}, {"active_filament", "None"},
          {"chamber_light", "ON"}, {"work_light", "flashing"}, {"nozzle_type", "hardened_steel"}, {"nozzle_diameter", "0.4"}, {"door", "OFF"},
          {"developer_mode", "OFF"}, {"sdcard_status", "normal"}, {"print_speed", "standard"}, {"wifi_signal", "-66"},
          {"ip_address", "10.10.10.81"}, {"ams_1_tray_1", "PLA Matte"}, {"ams_1_tray_1_remaining", "93"}, {"ams_1_drying", "(absent)"},
          {"ams_3_humidity", "9"}, {"ams_3_humidity_index", "2"}, {"ams_3_temperature", "65"}, {"ams_3_drying", "ON"},
          {"ams_3_drying_remaining", "583"}, {"ams_3_tray_1", "empty"}, {"ams_3_tray_2", "ABS"}, {"ams_3_tray_2_color", "#FF6A13"},
          {"ams_ht_1_tray_1", "PAHT-CF"}, {"ams_ht_1_temperature", "45.2"}, {"ams_ht_1_tray_2", "(absent)"}, {"external_spool", "empty"},
          {"spaghetti_sensitivity", "low"}, {"buildplate_marker_detection", "OFF"}, {"firmware", "01.09.00.01"}}},
    };
}

std::vector<Recorded> full_states() {
    return {
        {"full/A1-noams-filabridge-running.json", "039TEST",
         {{"print_status", "running"}, {"stage", "homing_toolhead"}, {"print_progress", "0"}, {"remaining_time", "52"}, {"current_layer", "0"},
          {"total_layers", "240"}, {"task_name", "Benchy_Optimised_For_All_Filaments_"}, {"nozzle_temperature", "141"},
          {"nozzle_target_temperature", "140"}, {"bed_temperature", "45"}, {"bed_target_temperature", "65"}, {"heatbreak_fan", "60"},
          {"active_tray", "external_spool"}, {"active_filament", "Generic PLA"}, {"external_spool_color", "#5A657B"}, {"external_spool_active", "ON"},
          {"filament_loaded", "ON"}, {"nozzle_type", "hardened_steel"}, {"wifi_signal", "-61"}, {"ip_address", "192.168.2.146"},
          {"print_type", "local"}, {"ams_1_tray_1", "(absent)"}, {"sdcard_status", "normal"}}},
        {"full/A1mini-01.07.02.00-amslite-idle.json", "030TEST",
         {{"print_status", "idle"}, {"stage", "idle"}, {"task_name", "None"}, {"nozzle_temperature", "27"}, {"bed_temperature", "27"},
          {"wifi_signal", "None"}, {"ip_address", "None"}, {"active_tray", "none"}, {"ams_1_humidity", "None"}, {"ams_1_temperature", "None"},
          {"ams_1_tray_1", "PLA Matte"}, {"ams_1_tray_1_color", "#DE4343"}, {"ams_1_tray_2", "PLA Wood"}, {"ams_1_tray_3", "PETG Translucent"},
          {"ams_1_tray_3_color", "#D6ABFF"}, {"ams_1_tray_4_color", "#000000"}, {"external_spool", "Bambu PLA Basic"}, {"camera_recording", "ON"},
          {"prompt_sound", "ON"}, {"developer_mode", "(absent)"}, {"air_print_detection", "ON"}, {"ams_1_drying", "(absent)"}}},
        {"full/P1S-2025-rdiger36-wireorder.json", "01PTEST",
         {{"print_status", "finish"}, {"stage", "idle"}, {"print_progress", "100"}, {"current_layer", "260"}, {"nozzle_temperature", "15"},
          {"bed_temperature", "12"}, {"wifi_signal", "-68"}, {"ip_address", "None"}, {"nozzle_type", "hardened_steel"}, {"active_tray", "none"},
          {"ams_1_tray_1", "PLA Basic"}, {"ams_1_tray_1_color", "#5E43B7"}, {"ams_1_tray_1_remaining", "83"}, {"ams_1_tray_3_color", "#C12E1F"},
          {"ams_1_humidity", "(absent)"}, {"ams_1_humidity_index", "1"}, {"external_spool", "empty"}, {"ams_startup_read", "ON"},
          {"ams_remaining_estimate", "ON"}, {"chamber_light", "OFF"}, {"chamber_temperature", "(absent)"}}},
        {"full/P1S-emptyams-bambino-idle.json", "01PTEST",
         {{"print_status", "finish"}, {"stage", "idle"}, {"task_name", "8_Minute_Print_Multi-Fit_Cardboard_Spool_Ring"}, {"current_layer", "27"},
          {"nozzle_temperature", "29"}, {"bed_temperature", "28"}, {"wifi_signal", "-41"}, {"ip_address", "None"}, {"active_tray", "none"},
          {"ams_1_humidity", "12"}, {"ams_1_temperature", "28.4"}, {"ams_1_drying", "OFF"}, {"ams_1_tray_1", "empty"}, {"ams_1_tray_2", "empty"},
          {"ams_1_tray_3", "empty"}, {"ams_1_tray_4", "empty"}, {"ams_1_tray_1_type", "None"}, {"external_spool", "empty"},
          {"ams_remaining_estimate", "OFF"}}},
        {"full/P1x-2023-tfyre-running.json", "01PTEST",
         {{"print_status", "running"}, {"stage", "printing"}, {"print_progress", "11"}, {"remaining_time", "958"}, {"current_layer", "20"},
          {"total_layers", "749"}, {"task_name", "glowie.gcode"}, {"nozzle_temperature", "230"}, {"bed_temperature", "64"},
          {"bed_target_temperature", "65"}, {"part_fan", "100"}, {"aux_fan", "80"}, {"chamber_fan", "100"}, {"active_tray", "ams_1_tray_1"},
          {"active_filament", "Generic PLA Silk"}, {"ams_1_tray_2", "Generic PLA"}, {"ams_1_tray_3", "Generic PETG"},
          {"ams_1_tray_3_color", "#BCBCBC"}, {"nozzle_type", "None"}, {"chamber_light", "ON"}, {"print_stage", "2"}, {"ip_address", "None"}}},
        {"full/X1C-doridian-doc.json", "00MTEST",
         {{"print_status", "idle"}, {"stage", "idle"}, {"nozzle_temperature", "25"}, {"nozzle_target_temperature", "25"}, {"bed_temperature", "25"},
          {"chamber_temperature", "24"}, {"wifi_signal", "-45"}, {"chamber_light", "ON"}, {"work_light", "flashing"}, {"ams_1_tray_1", "empty"},
          {"ams_1_tray_2", "Bambu PLA Basic"}, {"ams_1_tray_3", "Bambu PLA Silk"}, {"ams_1_tray_4", "PolyLite PLA"},
          {"ams_1_tray_4_color", "#F95959"}, {"ams_1_temperature", "22.7"}, {"ams_1_humidity_index", "2"}, {"external_spool", "empty"},
          {"sdcard_status", "missing"}, {"filament_loaded", "ON"}, {"print_type", "None"}, {"spaghetti_sensitivity", "medium"},
          {"door", "(absent)"}, {"firmware", "(absent)"}}},
        {"full/X2D-ams2pro-filabridge-running.json", "20PTEST",
         {{"print_status", "running"}, {"stage", "printing"}, {"print_progress", "64"}, {"remaining_time", "20"}, {"current_layer", "118"},
          {"total_layers", "240"}, {"task_name", "Benchy Optimised For All Filaments "}, {"active_nozzle", "left"}, {"nozzle_temperature", "255"},
          {"nozzle_target_temperature", "255"}, {"right_nozzle_temperature", "55"}, {"right_nozzle_target_temperature", "0"},
          {"bed_temperature", "70"}, {"chamber_temperature", "49"}, {"part_fan", "90"}, {"aux_fan", "50"}, {"secondary_aux_fan", "50"},
          {"chamber_fan", "80"}, {"heatbreak_fan", "100"}, {"filament_loaded", "ON"}, {"active_tray", "ams_1_tray_3"},
          {"active_filament", "Generic PETG"}, {"ams_1_nozzle", "left"}, {"ams_1_humidity", "30"}, {"ams_1_humidity_index", "5"},
          {"ams_1_temperature", "42.2"}, {"ams_1_tray_1", "PLA"}, {"external_spool_left", "empty"}, {"external_spool_right", "Generic PLA"},
          {"developer_mode", "OFF"}, {"door", "OFF"}, {"timelapse", "ON"}, {"wifi_signal", "-56"}, {"ip_address", "192.168.2.105"},
          {"tool_module", "none"}, {"airduct_mode", "cooling"}, {"print_speed", "standard"}, {"plate", "1"}, {"sdcard_status", "normal"},
          {"spaghetti_detection", "ON"}, {"pileup_detection", "ON"}, {"clump_detection", "ON"}, {"airprinting_detection", "(absent)"}}},
    };
}

void check_recorded(const std::filesystem::path& folder, const std::vector<Recorded>& recorded) {
    for (const auto& one : recorded) {
        INFO("file: ", std::string{one.file});
        FedPrinter printer(Given{.serial = std::string{one.serial}});
        printer.feed_lines(text_of(folder / one.file));
        CHECK(printer["stage"] != "other");
        for (const auto& row : one.shown) {
            INFO("entity: ", std::string{row.id});
            CHECK(printer[row.id] == row.payload);
        }
    }
}

} // namespace

TEST_CASE("recorded get_version and full status of five printers") {
    if (const auto folder = captures()) {
        check_recorded(*folder, reports());
    }
}

TEST_CASE("recorded full states of seven printers") {
    if (const auto folder = captures()) {
        check_recorded(*folder, full_states());
    }
}

} // namespace bambu2mqtt::test
