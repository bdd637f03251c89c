// Each model's own fixture compared with values worked out by hand: A2L, P2S, H2 and X2.
#include "unit/state/fed_printer.hpp"

namespace bambu2mqtt::test {

TEST_CASE("A2L: its AMS Lite is unit 16 with tray bits from 24 on") {
    FedPrinter a2l;
    a2l.feed_lines(fixture("a2l"));
    CHECK(a2l.facts().model == Model::a2l);
    a2l.check({{"stage", "changing_filament"},
               {"active_tray", "ams_lite_1_tray_3"},
               {"active_filament", "PLA Basic"},
               {"ams_lite_1_active", "ON"},
               {"ams_lite_1_humidity", "(absent)"},
               {"ams_lite_1_humidity_index", "(absent)"},
               {"ams_lite_1_temperature", "(absent)"},
               {"ams_lite_1_drying", "(absent)"},
               {"ams_lite_1_tray_1", "Bambu PLA Basic"},
               {"ams_lite_1_tray_2", "empty"},
               {"ams_lite_1_tray_3", "PLA Basic"},
               {"ams_lite_1_tray_3_color", "#00FF00"},
               {"ams_lite_1_tray_4", "empty"},
               {"ams_1_tray_1", "(absent)"},
               {"developer_mode", "ON"},
               {"prompt_sound", "ON"},
               {"chamber_temperature", "(absent)"},
               {"airduct_mode", "(absent)"}});
}

TEST_CASE("P2S: one nozzle with an air duct, door in stat, live view switched off") {
    FedPrinter p2s;
    p2s.feed_lines(fixture("p2s"));
    CHECK(p2s.facts().model == Model::p2s);
    p2s.check({{"print_status", "running"},
               {"door", "ON"},
               {"airduct_mode", "cooling"},
               {"part_fan", "100"},
               {"aux_fan", "45"},
               {"chamber_fan", "(absent)"},
               {"secondary_aux_fan", "(absent)"},
               {"chamber_temperature", "38"},
               {"nozzle_temperature", "246"},
               {"nozzle_target_temperature", "245"},
               {"left_nozzle_temperature", "(absent)"},
               {"active_nozzle", "(absent)"},
               {"nozzle_diameter", "0.6"},
               {"nozzle_type", "tpu_high_flow"},
               {"wired_network", "OFF"},
               {"rtsp_url", "None"},
               {"timelapse", "OFF"},
               {"camera_recording", "OFF"},
               {"chamber_light", "ON"},
               {"tool_module", "(absent)"},
               {"active_tray", "external_spool"},
               {"active_filament", "Generic ASA"},
               {"external_spool", "Generic ASA"},
               {"external_spool_color", "#262626"},
               {"external_spool_active", "ON"},
               {"ams_1_tray_1", "PETG HF"},
               {"ams_1_tray_1_remaining", "12"},
               {"ams_1_tray_2", "empty"},
               {"ams_1_drying_duration", "None"}});
    p2s.check({{"spaghetti_detection", "ON"},
               {"spaghetti_sensitivity", "high"},
               {"pileup_detection", "OFF"},
               {"pileup_sensitivity", "low"},
               {"clump_detection", "(absent)"},
               {"buildplate_marker_detection", "ON"},
               {"prompt_sound", "ON"},
               {"print_speed", "standard"}});
}

TEST_CASE("H2S: one nozzle, heated chamber, heating mode, cutter, second lamp flashing") {
    FedPrinter h2s;
    h2s.feed_lines(fixture("h2s"));
    CHECK(h2s.facts().model == Model::h2s);
    h2s.check({{"stage", "heating_chamber"},
               {"airduct_mode", "heating"},
               {"chamber_temperature", "58"},
               {"chamber_target_temperature", "60"},
               {"chamber_fan", "10"},
               {"aux_fan", "0"},
               {"secondary_aux_fan", "(absent)"},
               {"tool_module", "cutter"},
               {"chamber_light", "ON"},
               {"heatbed_light", "None"},
               {"door", "OFF"},
               {"active_nozzle", "(absent)"},
               {"active_tray", "ams_1_tray_4"},
               {"ams_1_nozzle", "(absent)"},
               {"buzzer_beep", "None"},
               {"refresh_nozzles", "None"},
               {"external_spool", "empty"}});
}

TEST_CASE("H2D: two nozzles, two AMS 2 Pro and an AMS HT, right nozzle feeds from the second unit") {
    FedPrinter h2d;
    h2d.feed_lines(fixture("h2d"));
    CHECK(h2d.facts().model == Model::h2d);
    h2d.check({{"active_nozzle", "right"},
               {"nozzle_temperature", "246"},
               {"nozzle_target_temperature", "245"},
               {"right_nozzle_temperature", "246"},
               {"right_nozzle_target_temperature", "245"},
               {"left_nozzle_temperature", "47"},
               {"left_nozzle_target_temperature", "0"},
               {"nozzle_diameter", "0.4"},
               {"left_nozzle_diameter", "0.6"},
               {"left_nozzle_type", "high_flow_hardened_steel"},
               {"right_nozzle_type", "hardened_steel"},
               {"bed_temperature", "70"},
               {"bed_target_temperature", "70"},
               {"chamber_temperature", "36"},
               {"chamber_target_temperature", "0"},
               {"remaining_time", "549"},
               {"print_speed", "ludicrous"},
               {"door", "ON"},
               {"tool_module", "laser10"},
               {"work_light", "on"},
               {"chamber_light", "ON"},
               {"airduct_mode", "cooling"},
               {"developer_mode", "OFF"}});
    h2d.check({{"active_tray", "ams_2_tray_4"},
               {"active_filament", "PETG-CF"},
               {"ams_1_active", "OFF"},
               {"ams_2_active", "ON"},
               {"ams_1_nozzle", "left"},
               {"ams_2_nozzle", "right"},
               {"ams_ht_1_nozzle", "right"},
               {"ams_1_tray_4_remaining", "31"},
               {"ams_2_tray_2", "empty"},
               {"ams_ht_1_tray_1", "empty"},
               {"ams_ht_1_humidity", "(absent)"},
               {"ams_ht_1_temperature", "24"},
               {"external_spool", "(absent)"},
               {"external_spool_left", "empty"},
               {"external_spool_left_active", "OFF"},
               {"external_spool_right", "Bambu TPU 95A"},
               {"external_spool_right_active", "OFF"}});
    h2d.check({{"spaghetti_detection", "ON"},
               {"spaghetti_sensitivity", "high"},
               {"pileup_detection", "OFF"},
               {"pileup_sensitivity", "medium"},
               {"clump_detection", "ON"},
               {"clump_sensitivity", "low"},
               {"airprinting_detection", "ON"},
               {"airprinting_sensitivity", "high"},
               {"nozzle_blob_detection", "ON"},
               {"filament_tangle_detection", "OFF"},
               {"auto_recovery", "ON"},
               {"ams_remaining_estimate", "ON"}});
}

TEST_CASE("H2D Pro: wired on its second interface, Developer Mode on") {
    FedPrinter pro;
    pro.feed_lines(fixture("h2dpro"));
    CHECK(pro.facts().model == Model::h2dpro);
    pro.check({{"print_status", "idle"},
               {"stage", "idle"},
               {"developer_mode", "ON"},
               {"wired_network", "ON"},
               {"ip_address", "192.0.2.77"},
               {"remaining_time", "None"},
               {"heatbed_light", "None"},
               {"left_nozzle_temperature", "47"}});
}

TEST_CASE("H2C: the hotend rack with one hotend mounted, four docked, one place empty") {
    FedPrinter h2c;
    h2c.feed_lines(fixture("h2c"));
    CHECK(h2c.facts().model == Model::h2c);
    h2c.check({{"holder_position", "b_top"},
               {"holder_state", "pick_hotend"},
               {"hotend_1", "docked"},
               {"hotend_2", "docked"},
               {"hotend_3", "docked"},
               {"hotend_4", "empty"},
               {"hotend_5", "mounted"},
               {"hotend_6", "docked"},
               {"active_nozzle", "right"}});
    CHECK(h2c.printer().attributes(*h2c.find("hotend_1")) ==
          OrderedJson::parse(
              R"({"slot":1,"type":"hardened_steel","diameter":0.4,"serial":"TESTHOTEND16","wear":3.0,
              "max_temperature":300.0,"color":"#FFEEDD","filament_id":"GFG99"})"));
    CHECK(h2c.attribute("hotend_5", "serial") == R"("TESTHOTEND20")");
    CHECK(h2c.attribute("hotend_4", "serial") == "null");
    h2c.feed(
        R"({"print":{"command":"push_status","msg":1,"device":{"nozzle":{"info":[)"
        R"({"id":17,"type":"HH01","color_m":"GREEN!"},{"id":19,"type":"HS01","color_m":"112233FF"}]}}}})");
    CHECK(h2c.attribute("hotend_2", "color") == "null");
    CHECK(h2c.attribute("hotend_4", "color") ==
          "null"); // the place is empty: its entry has the former content
    CHECK(h2c.attribute("hotend_4", "type") == "null");
    h2c.feed(R"({"print":{"command":"push_status","msg":1,"device":{"nozzle":{"tar_id":17,"info":[)"
             R"({"id":0,"type":"HU01","sn":"S17","wear":99,"color_m":"123456FF","fila_id":"GFU02"}]}}}})");
    CHECK(h2c["hotend_2"] == "mounted"); // its own entry is older than the tool change
    CHECK(h2c.attribute("hotend_2", "serial") == R"("S17")");
    CHECK(h2c.attribute("hotend_2", "color") == R"("#123456")");
    h2c.feed(
        R"({"print":{"command":"push_status","msg":1,"device":{"nozzle":{"info":[{"id":0,"sn":"N/A"}]}}}})");
    CHECK(h2c.attribute("hotend_2", "color") == "null"); // only its own entry
    FedPrinter h2d;
    h2d.feed_lines(fixture("h2d"));
    CHECK_FALSE(h2d.has("hotend_1"));
}

TEST_CASE("X2D: left nozzle in use, second auxiliary fan is part 160, right nozzle empty") {
    FedPrinter x2d;
    x2d.feed_lines(fixture("x2d"));
    CHECK(x2d.facts().model == Model::x2d);
    x2d.check({{"active_nozzle", "left"},
               {"nozzle_temperature", "254"},
               {"nozzle_target_temperature", "255"},
               {"right_nozzle_temperature", "55"},
               {"right_nozzle_target_temperature", "0"},
               {"nozzle_diameter", "0.2"},
               {"nozzle_type", "stainless_steel"},
               {"left_nozzle_type", "stainless_steel"},
               {"right_nozzle_type", "hardened_steel"},
               {"part_fan", "90"},
               {"aux_fan", "50"},
               {"secondary_aux_fan", "55"},
               {"chamber_fan", "80"},
               {"heatbreak_fan", "100"},
               {"filament_loaded", "ON"},
               {"sdcard_status", "readonly"},
               {"developer_mode", "OFF"},
               {"door", "OFF"},
               {"work_light", "off"},
               {"chamber_light", "OFF"},
               {"heatbed_light", "(absent)"},
               {"buzzer_beep", "(absent)"},
               {"timelapse", "ON"},
               {"active_tray", "ams_1_tray_3"},
               {"ams_1_humidity", "30"},
               {"ams_1_humidity_index", "5"},
               {"ams_1_temperature", "42.2"},
               {"ams_1_nozzle", "left"},
               {"external_spool_left", "empty"},
               {"external_spool_right", "Generic PLA"},
               {"external_spool_right_active", "OFF"}});
}

} // namespace bambu2mqtt::test
