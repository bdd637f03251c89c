// Each model's own fixture compared with values worked out by hand from the protocol tables: printers with
// one nozzle and the older firmware families. The newer ones are in new_models_test.cpp.
#include "unit/state/fed_printer.hpp"

namespace bambu2mqtt::test {

namespace {

FedPrinter& fed(FedPrinter& printer, std::string_view model) {
    printer.feed_lines(fixture(model));
    return printer;
}

} // namespace

TEST_CASE("P1S: plain fields, an AMS without sensors, trays without a state") {
    FedPrinter p1s;
    fed(p1s, "p1s");
    CHECK(p1s.facts().model == Model::p1s);
    CHECK(p1s.facts().firmware == "01.08.01.00");
    CHECK(p1s.facts().hardware == "AP04");
    p1s.check({{"print_status", "running"},
               {"stage", "printing"},
               {"print_progress", "42"},
               {"prepare_progress", "100"},
               {"remaining_time", "83"},
               {"current_layer", "17"},
               {"total_layers", "120"},
               {"task_name", "Cable clip"},
               {"gcode_file", "cable_clip.gcode.3mf"},
               {"print_type", "local"},
               {"plate", "(absent)"},
               {"print_stage", "2"},
               {"skipped_objects", "2"},
               {"print_speed", "sport"},
               {"print_speed_percent", "124"},
               {"print_error", "OFF"},
               {"print_error_code", "None"},
               {"hms", "OFF"},
               {"hms_count", "0"}});
    p1s.check({{"nozzle_temperature", "220"},
               {"nozzle_target_temperature", "220"},
               {"bed_temperature", "55"},
               {"bed_target_temperature", "55"},
               {"chamber_temperature", "(absent)"},
               {"chamber_target_temperature", "(absent)"},
               {"part_fan", "80"},
               {"aux_fan", "30"},
               {"chamber_fan", "50"},
               {"heatbreak_fan", "100"},
               {"secondary_aux_fan", "(absent)"},
               {"airduct_mode", "(absent)"},
               {"chamber_light", "ON"},
               {"work_light", "(absent)"},
               {"heatbed_light", "(absent)"}});
    p1s.check({{"door", "(absent)"},
               {"filament_loaded", "ON"},
               {"nozzle_diameter", "0.6"},
               {"nozzle_type", "hardened_steel"},
               {"sdcard_status", "normal"},
               {"wifi_signal", "-57"},
               {"wired_network", "(absent)"},
               {"ip_address", "192.0.2.31"},
               {"firmware", "01.08.01.00"},
               {"developer_mode", "(absent)"},
               {"timelapse", "ON"},
               {"camera_recording", "OFF"},
               {"rtsp_url", "(absent)"},
               {"prompt_sound", "(absent)"},
               {"auto_recovery", "ON"},
               {"auto_switch_filament", "ON"},
               {"ams_startup_read", "OFF"},
               {"ams_tray_read", "ON"},
               {"ams_remaining_estimate", "ON"}});
    p1s.check({{"active_tray", "ams_1_tray_1"},   {"active_filament", "PLA Basic"},
               {"ams_1_humidity", "(absent)"},    {"ams_1_humidity_index", "2"},
               {"ams_1_temperature", "(absent)"}, {"ams_1_active", "ON"},
               {"ams_1_drying", "(absent)"},      {"ams_1_tray_1", "PLA Basic"},
               {"ams_1_tray_1_type", "PLA"},      {"ams_1_tray_1_color", "#11AA22"},
               {"ams_1_tray_1_remaining", "62"},  {"ams_1_tray_2", "empty"},
               {"ams_1_tray_2_type", "None"},     {"ams_1_tray_2_color", "None"},
               {"ams_1_tray_3", "Generic PLA"},   {"ams_1_tray_3_remaining", "None"},
               {"ams_1_tray_4", "unidentified"},  {"ams_2_tray_1", "(absent)"},
               {"external_spool", "empty"},       {"external_spool_active", "OFF"}});
}

TEST_CASE("P1S: every key of a tray's attributes, null where not known") {
    FedPrinter p1s;
    fed(p1s, "p1s");
    const auto described = p1s.printer().attributes(*p1s.find("ams_1_tray_1"));
    CHECK(described ==
          OrderedJson::parse(
              R"({"text":"PLA Basic","slot":1,"type":"PLA","filament_id":"GFA00","color":"#11AA22",
        "colors":["#11AA22"],"remaining":62,"remain_g":null,"k":0.02,"cali_idx":-1,"nozzle_temp_min":190,"nozzle_temp_max":230,"bed_temp":35,
        "dry_temp":55,"dry_time":8,"weight":1000,"tag_uid":"7E570AA900000100",
        "tray_uuid":"0123456789ABCDEF0123456789ABCDEF","active":true})"));
    const auto empty = p1s.printer().attributes(*p1s.find("ams_1_tray_2"));
    CHECK(empty == OrderedJson::parse(
                       R"({"text":"Empty","slot":2,"type":null,"filament_id":null,"color":null,"colors":null,
        "remaining":null,"remain_g":null,"k":null,"cali_idx":null,"nozzle_temp_min":null,"nozzle_temp_max":null,"bed_temp":null,
        "dry_temp":null,"dry_time":null,"weight":null,"tag_uid":null,"tray_uuid":null,"active":false})"));
}

TEST_CASE("P1P: feeds from the external spool, paused with an error and an HMS entry") {
    FedPrinter p1p;
    fed(p1p, "p1p");
    CHECK(p1p.facts().model == Model::p1p);
    p1p.check({{"print_status", "pause"},
               {"stage", "paused_filament_runout"},
               {"print_type", "cloud"},
               {"remaining_time", "301"},
               {"task_name", "Würfel"},
               {"print_error", "ON"},
               {"print_error_code", "0700-8011"},
               {"hms", "ON"},
               {"hms_count", "1"},
               {"aux_fan", "0"},
               {"chamber_fan", "100"},
               {"chamber_temperature", "(absent)"},
               {"active_tray", "external_spool"},
               {"active_filament", "Generic PETG"},
               {"external_spool", "Generic PETG"},
               {"external_spool_type", "PETG"},
               {"external_spool_color", "#BCBCBC"},
               {"external_spool_active", "ON"},
               {"ams_1_tray_1", "(absent)"},
               {"ams_tray_read", "(absent)"},
               {"sdcard_status", "normal"},
               {"developer_mode", "(absent)"}});
    CHECK(p1p.attribute("print_error", "url") == R"("https://e.bambulab.com/?e=07008011")");
    CHECK(p1p.attribute("hms", "codes") ==
          R"([{"code":"0700-0300-0002-0001","severity":"serious","module":"ams",)"
          R"("text":"AMS 1: serious fault; the link explains it.",)"
          R"("url":"https://e.bambulab.com/?e=0700030000020001"}])");
}

TEST_CASE("A1: AMS Lite without states, no estimate of what is left before 01.06.10.33") {
    FedPrinter a1;
    fed(a1, "a1");
    CHECK(a1.facts().model == Model::a1);
    REQUIRE(a1.facts().units.size() == 1);
    CHECK(a1.facts().units[0].kind == UnitKind::ams_lite);
    CHECK(a1.facts().units[0].serial == "TESTLITE");
    a1.check({{"print_status", "finish"},
              {"stage", "idle"},
              {"remaining_time", "None"},
              {"current_layer", "88"},
              {"chamber_temperature", "(absent)"},
              {"aux_fan", "(absent)"},
              {"chamber_fan", "(absent)"},
              {"prompt_sound", "ON"},
              {"filament_tangle_detection", "ON"},
              {"nozzle_blob_detection", "(absent)"},
              {"air_print_detection", "(absent)"},
              {"buildplate_marker_detection", "ON"},
              {"developer_mode", "(absent)"},
              {"ams_1_humidity_index", "(absent)"},
              {"ams_1_temperature", "(absent)"},
              {"ams_1_tray_1", "PLA"},
              {"ams_1_tray_2", "PolyLite PLA"},
              {"ams_1_tray_3", "empty"},
              {"ams_1_tray_4", "Generic TPU"},
              {"ams_1_tray_1_remaining", "(absent)"},
              {"active_tray", "none"},
              {"active_filament", "None"},
              {"external_spool", "Bambu PLA Basic"},
              {"external_spool_active", "OFF"}});
}

TEST_CASE("A1 mini: legacy states, a humidity of 0 is not known, translucent colours") {
    FedPrinter mini;
    fed(mini, "a1mini");
    CHECK(mini.facts().model == Model::a1mini);
    mini.check({{"print_status", "idle"},
                {"stage", "idle"},
                {"nozzle_temperature", "28"},
                {"bed_temperature", "27"},
                {"prompt_sound", "OFF"},
                {"auto_recovery", "ON"},
                {"air_print_detection", "ON"},
                {"buildplate_marker_detection", "OFF"},
                {"developer_mode", "ON"},
                {"ams_1_humidity", "(absent)"},
                {"ams_1_temperature", "(absent)"},
                {"ams_1_tray_1", "PLA Matte"},
                {"ams_1_tray_1_remaining", "77"},
                {"ams_1_tray_2", "empty"},
                {"ams_1_tray_3_color", "#D6ABFF"},
                {"ams_1_tray_3_remaining", "5"},
                {"ams_1_tray_4_remaining", "None"},
                {"ams_tray_read", "OFF"},
                {"active_tray", "ams_1_tray_3"},
                {"active_filament", "PETG Translucent"}});
}

TEST_CASE("X1C: four kinds of units, cancelled job, door in home_flag and not in stat") {
    FedPrinter x1c;
    fed(x1c, "x1c");
    CHECK(x1c.facts().model == Model::x1c);
    CHECK(x1c.facts().has(Feature::np));
    REQUIRE(x1c.facts().units.size() == 3);
    CHECK(x1c.facts().units[0].kind == UnitKind::ams);
    CHECK(x1c.facts().units[1].kind == UnitKind::ams_2_pro);
    CHECK(x1c.facts().units[2].kind == UnitKind::ams_ht);
    x1c.check({{"print_status", "failed"},
               {"stage", "idle"},
               {"print_type", "None"},
               {"print_progress", "63"},
               {"plate", "3"},
               {"print_error", "OFF"},
               {"print_error_code", "0300-400C"},
               {"door", "OFF"},
               {"sdcard_status", "abnormal"},
               {"print_speed", "sport"},
               {"nozzle_temperature", "219"},
               {"nozzle_target_temperature", "0"},
               {"bed_temperature", "58"},
               {"bed_target_temperature", "60"},
               {"chamber_temperature", "31"},
               {"chamber_target_temperature", "(absent)"},
               {"nozzle_diameter", "0.8"},
               {"nozzle_type", "high_flow_tungsten_carbide"},
               {"wifi_signal", "-50"},
               {"ip_address", "198.51.100.7"},
               {"wired_network", "(absent)"},
               {"developer_mode", "OFF"},
               {"work_light", "flashing"},
               {"rtsp_url", "rtsps://192.0.2.40:322/streaming/live/1"}});
    x1c.check({{"timelapse", "ON"},
               {"camera_recording", "ON"},
               {"auto_recovery", "OFF"},
               {"auto_switch_filament", "ON"},
               {"ams_startup_read", "ON"},
               {"ams_tray_read", "OFF"},
               {"ams_remaining_estimate", "OFF"},
               {"spaghetti_detection", "ON"},
               {"spaghetti_sensitivity", "low"},
               {"pileup_detection", "(absent)"},
               {"first_layer_inspection", "OFF"}, // cfg, whatever xcam contains
               {"buildplate_marker_detection", "OFF"},
               {"tool_module", "(absent)"},
               {"active_tray", "ams_ht_1_tray_1"},
               {"ams_ht_1_active", "ON"},
               {"ams_1_active", "OFF"},
               {"active_filament", "PAHT-CF"},
               {"external_spool", "empty"},
               {"external_spool_left", "(absent)"}});
    x1c.check({{"ams_1_humidity", "8"},
               {"ams_1_humidity_index", "1"},
               {"ams_1_temperature", "26.2"},
               {"ams_1_drying", "(absent)"},
               {"ams_1_tray_1_color", "#102000"},
               {"ams_1_tray_1_remaining", "None"},
               {"ams_2_humidity", "41"},
               {"ams_2_humidity_index", "5"},
               {"ams_2_drying", "ON"},
               {"ams_2_drying_remaining", "583"},
               {"ams_2_drying_temperature", "65"},
               {"ams_2_drying_duration", "12"},
               {"ams_2_drying_filament", "PETG"},
               {"ams_2_nozzle", "(absent)"},
               {"ams_2_tray_1", "empty"},
               {"ams_2_tray_2", "ABS"},
               {"ams_2_tray_3", "empty"},
               {"ams_2_tray_4", "unidentified"},
               {"ams_ht_1_humidity", "(absent)"},
               {"ams_ht_1_humidity_index", "None"},
               {"ams_ht_1_temperature", "45.2"},
               {"ams_ht_1_drying", "OFF"},
               {"ams_ht_1_drying_temperature", "None"},
               {"ams_ht_1_drying_filament", "None"},
               {"ams_ht_1_tray_1", "PAHT-CF"},
               {"ams_ht_1_tray_2", "(absent)"}});
    CHECK(x1c.attribute("print_error", "decimal") == "50348044");
    CHECK(x1c.attribute("ams_1_tray_1", "dry_temp") == "65");
    CHECK(x1c.attribute("ams_1_tray_1", "k") == "null");
}

TEST_CASE("X1Plus: firmware 99.x counts as 01.08.02.00, a nozzle object is not a nozzle list") {
    FedPrinter plus;
    fed(plus, "x1plus");
    CHECK(plus.facts().model == Model::x1c);
    plus.check({{"firmware", "99.00.00.01"},
                {"door", "ON"},
                {"sdcard_status", "abnormal"},
                {"stage", "scanning_bed_surface"},
                {"print_type", "system"},
                {"chamber_temperature", "24"},
                {"nozzle_temperature", "250"},
                {"nozzle_diameter", "0.2"},
                {"nozzle_type", "brass"},
                {"spaghetti_detection", "OFF"},
                {"spaghetti_sensitivity", "never_halt"},
                {"developer_mode", "(absent)"}});
}

TEST_CASE("X1E: recognised by its board, heated chamber, wired") {
    FedPrinter x1e;
    fed(x1e, "x1e");
    CHECK(x1e.facts().model == Model::x1e);
    x1e.check({{"print_status", "prepare"},
               {"stage", "heating_chamber"},
               {"prepare_progress", "64"},
               {"remaining_time", "None"}, // it reports 15, but job values start when the job runs
               {"door", "ON"},
               {"sdcard_status", "normal"},
               {"chamber_temperature", "41"},
               {"chamber_target_temperature", "55"},
               {"nozzle_temperature", "29"},
               {"wired_network", "ON"},
               {"ip_address", "203.0.113.9"},
               {"wifi_signal", "-90"},
               {"developer_mode", "(absent)"}});
}

TEST_CASE("what is evidence on one model alone counts when the model becomes known later, too") {
    FedPrinter printer; // the serial does not give the model
    printer.full(R"("gcode_state":"RUNNING","big_fan1_speed":"7")");
    CHECK(printer.facts().model == Model::unknown);
    CHECK_FALSE(printer.facts().has(Feature::aux_fan));
    printer.feed(R"({"info":{"command":"get_version","module":[{"name":"ota","sw_ver":"01.07.00.00"},)"
                 R"({"name":"esp32","hw_ver":"AP04","project_name":"C11"}]}})");
    CHECK(printer.facts().model == Model::p1p);
    CHECK(printer.facts().has(Feature::aux_fan));
}

} // namespace bambu2mqtt::test
