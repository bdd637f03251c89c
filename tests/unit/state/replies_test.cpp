// Replies and other messages never change the state, except for two with information that nothing else has.
#include "unit/state/fed_printer.hpp"

namespace bambu2mqtt::test {

namespace {

/// True if a message leaves every state and the complete report unchanged.
bool changes_nothing(FedPrinter& printer, std::string_view message) {
    const auto states = printer.states();
    const Json report = printer.printer().report_state().root();
    const auto update = printer.feed(message);
    return states == printer.states() && report == printer.printer().report_state().root() &&
           update.changed.empty() && !update.layout_changed;
}

} // namespace

TEST_CASE(
    "replies are never merged: successes, refusals without a result, answers without a command, echoes") {
    for (const auto model : fixture_models) {
        FedPrinter printer;
        printer.feed_lines(fixture(model));
        for (
            const char* const message :
            {R"({"print":{"command":"gcode_line","param":"M104 S200","result":"success","reason":"","nozzle_target_temper":200}})",
             R"({"print":{"command":"ams_filament_setting","ams_id":0,"tray_id":1,"tray_color":"FF0000FF","nozzle_temp_min":190,"tray_type":"PLA","result":"success"}})",
             R"({"print":{"command":"extrusion_cali_get","nozzle_diameter":"0.2","filaments":[{"tray_id":0}],"result":"success"}})",
             R"({"print":{"command":"print_speed","param":"4","spd_lvl":4,"result":"SUCCESS"}})",
             R"({"print":{"command":"pause","gcode_state":"PAUSE"}})",
             R"({"print":{"err_code":84033543,"reason":"mqtt message verify failed","mc_percent":77,"print_error":84033543}})",
             R"({"print":{"result":"success","reason":"success","sequence_id":"20","mc_percent":78}})",
             R"({"print":{"command":"project_file","result":"fail","reason":"x","subtask_name":"Never","param":"Metadata/plate_9.gcode"}})",
             R"({"print":{"command":"project_file","subtask_name":"Echo","param":"Metadata/plate_9.gcode"}})",
             R"({"system":{"command":"ledctrl","led_node":"chamber_light","led_mode":"off","result":"success"}})",
             R"({"system":{"command":"ledctrl","led_node":"heatbed_light","led_mode":"on","result":"fail"}})",
             R"({"system":{"command":"ledctrl","led_node":"heatbed_light","led_mode":"flashing","result":"success"}})",
             R"({"system":{"command":"get_access_code","access_code":"0","result":"success"}})",
             R"({"xcam":{"command":"xcam_control_set","module_name":"spaghetti_detector","control":true,"cfg":0,"result":"success"}})",
             R"({"camera":{"command":"ipcam_record_set","control":"enable","timelapse":"enable","result":0}})",
             R"({"upgrade":{"command":"get_history","firmware_optional":[]}})",
             R"({"update":{"name":"x","result":"success"}})",
             R"({"mc_print":{"command":"push_info","param":"[AMS][TASK]ams0 temp:18.4;humidity:30%","mc_percent":1}})",
             R"({"liveview":{"mc_percent":3}})",
             R"({"event":{"event":"client.connected"}})",
             "{}",
             R"({"print":{}, "info":{"command":"get_version","module":[]}})"}) {
            INFO(std::string{model}, ": ", message);
            CHECK(changes_nothing(printer, message));
        }
    }
}

TEST_CASE("an accepted project_file names the task, and the plate of printers that report one") {
    FedPrinter p1s;
    p1s.feed_lines(fixture("p1s"));
    const auto update = p1s.feed(
        R"({"print":{"command":"project_file","result":"success","reason":"","subtask_name":"Lid","param":"Metadata/plate_3.gcode",
        "bed_leveling":true,"url":"file:///sdcard/lid.3mf","gcode_state":"IDLE","mc_percent":0}})");
    CHECK(update.kind == ReportKind::project);
    p1s.check(
        {{"task_name", "Lid"}, {"print_status", "running"}, {"print_progress", "42"}, {"plate", "(absent)"}});
    p1s.partial("\"subtask_name\":\"Lid 2\"");
    CHECK(p1s["task_name"] == "Lid 2");
    FedPrinter h2d;
    h2d.feed_lines(fixture("h2d"));
    h2d.feed(
        R"({"print":{"command":"project_file","result":"SUCCESS","subtask_name":"Box","param":"Metadata/plate_12.gcode"}})");
    h2d.check({{"task_name", "Box"}, {"plate", "12"}});
    h2d.feed(
        R"({"print":{"command":"project_file","result":"SUCCESS","subtask_name":"","param":"Metadata/plate_x.gcode"}})");
    h2d.check({{"task_name", "Box"}, {"plate", "12"}});
}

TEST_CASE("ledctrl reports heatbed_light, requested or not") {
    FedPrinter h2d;
    h2d.feed_lines(fixture("h2d"));
    CHECK(h2d["heatbed_light"] == "None");
    CHECK(
        h2d.feed(
               R"({"system":{"command":"ledctrl","led_node":"heatbed_light","led_mode":"on","result":"success","reason":""}})")
            .kind == ReportKind::led);
    CHECK(h2d["heatbed_light"] == "ON");
    h2d.feed(R"({"system":{"command":"ledctrl","led_node":"heatbed_light","led_mode":"off"}})");
    CHECK(h2d["heatbed_light"] == "OFF");
}

TEST_CASE("a message that cannot be read changes nothing") {
    FedPrinter printer;
    printer.feed_lines(fixture("p1s"));
    const auto states = printer.states();
    for (const char* const text :
         {"", "{", "[]", "null", "\xFF\xFE", R"({"print":{"command":"push_status","msg":0,"mc_percent":9)",
          R"({"print":{"mc_percent":0x9}})", "{\"print\":{\"mc_percent\":9}}}"}) {
        CHECK(printer.refuses(text));
    }
    CHECK(states == printer.states());
    printer.partial("\"mc_percent\":43");
    CHECK(printer["print_progress"] == "43");
}

TEST_CASE("a field of a wrong type loses that field only") {
    FedPrinter printer;
    printer.feed_lines(fixture("p1s"));
    printer.feed("{\"print\":{\"command\":\"push_status\",\"msg\":1,\"gcode_file\":\"\xF0\x34\xCB\x3F\","
                 "\"subtask_name\":\"\xBE\",\"layer_num\":18}}");
    printer.check(
        {{"gcode_file", "cable_clip.gcode.3mf"}, {"task_name", "Cable clip"}, {"current_layer", "18"}});
    printer.partial(
        R"("ams":{"ams":"none","tray_now":"2"},"lights_report":{},"mc_percent":"many","layer_num":19)");
    printer.check({{"active_tray", "ams_1_tray_3"},
                   {"chamber_light", "ON"},
                   {"print_progress", "None"},
                   {"current_layer", "19"}});
}

TEST_CASE("a partial object of an AMS unit breaks nothing") {
    FedPrinter printer;
    printer.feed_lines(fixture("x1c"));
    for (const char* const unit :
         {R"({"id":"0"})", R"({"id":"0","temp":"26.3"})", R"({"id":"0","tray":[]})",
          R"({"id":"0","tray":[{"id":"2"}]})", R"({"id":"0","tray":[{"id":"2","remain":50}]})"}) {
        printer.partial(R"("ams":{"ams":[)" + std::string{unit} + "]},\"mc_percent\":64");
    }
    printer.check({{"ams_1_temperature", "26.3"},
                   {"ams_1_humidity", "8"},
                   {"ams_1_tray_3", "PLA Matte"},
                   {"print_progress", "64"}});
}

} // namespace bambu2mqtt::test
