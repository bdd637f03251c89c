// Status, stage, times and names of a job.
#include "unit/state/fed_printer.hpp"

namespace bambu2mqtt::test {

namespace {

std::string stage_of(std::string_view members) {
    FedPrinter printer;
    printer.full(members);
    return printer["stage"];
}

} // namespace

TEST_CASE("print_status has eight states") {
    FedPrinter printer;
    for (const auto& [wire, name] : {std::pair{"IDLE", "idle"},
                                     {"INIT", "init"},
                                     {"SLICING", "slicing"},
                                     {"PREPARE", "prepare"},
                                     {"RUNNING", "running"},
                                     {"PAUSE", "pause"},
                                     {"FINISH", "finish"},
                                     {"FAILED", "failed"}}) {
        printer.full(R"("gcode_state":")" + std::string{wire} + "\"");
        CHECK(printer["print_status"] == name);
    }
    for (const char* const wire : {"", "OFFLINE", "UNKNOWN", "running", "RUN"}) {
        printer.full(R"("gcode_state":")" + std::string{wire} + "\"");
        CHECK(printer["print_status"] == "None");
    }
}

TEST_CASE("the stage table") {
    FedPrinter printer;
    printer.full(R"("gcode_state":"RUNNING","print_type":"local","stg_cur":0)");
    CHECK(printer["stage"] == "printing");
    for (const auto& [code, name] : {std::pair{1, "auto_bed_leveling"},
                                     {2, "heatbed_preheating"},
                                     {4, "changing_filament"},
                                     {6, "paused_filament_runout"},
                                     {12, "calibrating_micro_lidar"},
                                     {13, "homing_toolhead"},
                                     {14, "cleaning_nozzle_tip"},
                                     {16, "paused_user"},
                                     {18, "calibrating_micro_lidar"},
                                     {19, "calibrating_extrusion_flow"},
                                     {22, "filament_unloading"},
                                     {24, "filament_loading"},
                                     {29, "cooling_chamber"},
                                     {35, "paused_nozzle_clog"},
                                     {39, "calibrate_nozzle_offset"},
                                     {44, "check_platform"},
                                     {47, "bed_level_phase_1"},
                                     {49, "heating_chamber"},
                                     {50, "heated_bed_cooling"},
                                     {58, "thermal_preconditioning"},
                                     {59, "homing_blade_holder"},
                                     {66, "purifying_chamber_air"},
                                     {69, "cooling_nozzle"},
                                     {72, "hotend_type_detection"},
                                     {76, "pre_extrusion_before_printing"},
                                     {77, "preparing_ams"}}) {
        printer.partial("\"stg_cur\":" + std::to_string(code));
        CHECK(printer["stage"] == name);
        CHECK(printer.attribute("stage", "code") == std::to_string(code));
    }
}

TEST_CASE("an unknown stage is other, and its number is an attribute") {
    FedPrinter printer;
    for (const char* const code : {"78", "100", "254", "256", "-2", "4294967295", "9999999999"}) {
        printer.full("\"gcode_state\":\"RUNNING\",\"stg_cur\":" + std::string{code});
        CHECK(printer["stage"] == "other");
        const bool shown = std::string_view{code} != "9999999999"; // more than 32 bits
        CHECK(printer.attribute("stage", "code") == (shown ? code : "null"));
    }
}

TEST_CASE("idle is -1, 255, and 0 while nothing is printed") {
    CHECK(stage_of(R"("stg_cur":-1,"gcode_state":"RUNNING")") == "idle");
    CHECK(stage_of(R"("stg_cur":255,"gcode_state":"RUNNING")") == "idle");
    CHECK(stage_of(R"("stg_cur":0,"print_type":"idle","gcode_state":"FINISH")") == "idle");
    CHECK(stage_of(R"("stg_cur":0,"print_type":"","gcode_state":"IDLE")") == "idle");
    CHECK(stage_of(R"("stg_cur":0,"gcode_state":"FAILED")") == "idle");
    CHECK(stage_of(R"("stg_cur":0,"print_type":"local","gcode_state":"RUNNING")") == "printing");
    CHECK(stage_of(R"("stg_cur":0,"print_type":"","gcode_state":"PAUSE")") == "printing");
    CHECK(stage_of(R"("stg_cur":"255")") == "idle");
}

TEST_CASE("the stage comes from stg_cur, else from stage._id, else it is unknown") {
    CHECK(stage_of(R"("stage":{"_id":7},"gcode_state":"RUNNING")") == "heating_hotend");
    CHECK(stage_of(R"("stage":{"_id":7},"stg_cur":14,"gcode_state":"RUNNING")") == "cleaning_nozzle_tip");
    CHECK(stage_of(R"("mc_percent":5)") == "None");
    CHECK(stage_of(R"("stg_cur":"x")") == "None");
}

TEST_CASE("times are unknown while nothing is printed, and before a job runs") {
    const Now now{.instant = Instant{std::chrono::hours{5}}, .wall = WallTime{std::chrono::hours{500000}}};
    for (const auto& [state, known] : {std::pair{"IDLE", false},
                                       {"PREPARE", false},
                                       {"SLICING", false},
                                       {"RUNNING", true},
                                       {"PAUSE", true},
                                       {"FINISH", false},
                                       {"FAILED", false},
                                       {"INIT", false}}) {
        FedPrinter printer;
        printer.full(R"("gcode_state":")" + std::string{state} + R"(","mc_remaining_time":12)", now);
        const std::string at{state};
        INFO(at);
        CHECK((printer["remaining_time"] == "12") == known);
        CHECK((printer["end_time"] != "None") == known);
        if (!known) {
            CHECK(printer["remaining_time"] == "None");
            CHECK(printer["start_time"] == "None");
            CHECK(printer["elapsed_time"] == "None");
        }
    }
}

TEST_CASE("progress and layers come from the plain field, else from its newer equivalent") {
    FedPrinter printer;
    printer.full(
        R"("percent":7,"prepare_per":30,"3D":{"layer_num":3,"total_layer_num":40},"remain_time":9,"gcode_state":"RUNNING")");
    printer.check({{"print_progress", "7"},
                   {"prepare_progress", "30"},
                   {"current_layer", "3"},
                   {"total_layers", "40"},
                   {"remaining_time", "9"}});
    printer.partial(
        R"("mc_percent":8,"gcode_file_prepare_percent":"31","layer_num":4,"total_layer_num":41,"mc_remaining_time":10)");
    printer.check({{"print_progress", "8"},
                   {"prepare_progress", "31"},
                   {"current_layer", "4"},
                   {"total_layers", "41"},
                   {"remaining_time", "10"}});
    printer.partial(R"("mc_percent":101,"layer_num":-1,"mc_remaining_time":-5)");
    printer.check({{"print_progress", "7"}, {"current_layer", "None"}, {"remaining_time", "None"}});
}

TEST_CASE("nothing has a value before the printer reports it") {
    FedPrinter printer(Given{.model = Model::h2d});
    printer.full("\"wifi_signal\":\"-40dBm\"");
    for (const auto& [id, payload] : printer.states()) {
        const std::string at{id};
        INFO(at);
        CHECK(payload == (id == "wifi_signal" ? "-40" : "None"));
    }
}

TEST_CASE("empty names are unknown") {
    FedPrinter printer;
    printer.full(R"("subtask_name":"","gcode_file":"","print_type":"","mc_print_stage":"")");
    printer.check(
        {{"task_name", "None"}, {"gcode_file", "None"}, {"print_type", "None"}, {"print_stage", "None"}});
}

TEST_CASE("speed: level from the plain field, from cfg on newer firmware") {
    FedPrinter printer;
    for (const auto& [level, name] : {std::pair{1, "silent"},
                                      {2, "standard"},
                                      {3, "sport"},
                                      {4, "ludicrous"},
                                      {0, "ludicrous"}, // an A1 reports 253 for a moment when a job ends
                                      {253, "ludicrous"}}) {
        printer.full("\"spd_lvl\":" + std::to_string(level));
        CHECK(printer["print_speed"] == std::string{name});
    }
    FedPrinter without;
    without.full(R"("spd_lvl":253)");
    CHECK(without["print_speed"] == "None");
    printer.full(R"("cfg":"300","fun":"0","aux":"0","stat":"0","spd_lvl":1)");
    CHECK(printer["print_speed"] == "sport");
    printer.full(R"("cfg":"0","spd_lvl":1)");
    CHECK(printer["print_speed"] == "silent");
}

TEST_CASE("skipped objects are counted, and their ids listed") {
    FedPrinter printer;
    printer.full("\"s_obj\":[119,205,\"7\"]");
    CHECK(printer["skipped_objects"] == "3");
    CHECK(printer.attribute("skipped_objects", "ids") == "[119,205,7]");
    printer.partial("\"s_obj\":[]");
    CHECK(printer["skipped_objects"] == "0");
    CHECK(printer.attribute("skipped_objects", "ids") == "[]");
}

} // namespace bambu2mqtt::test
