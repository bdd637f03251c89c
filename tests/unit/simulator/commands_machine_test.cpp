// Requests about the machine itself: effects and answers, by family.

#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace bambu2mqtt::simulator;
using nlohmann::json;

json lamp(const char* node, const char* mode) {
    return {{"command", "ledctrl"}, {"led_node", node}, {"led_mode", mode},  {"led_on_time", 500},
            {"led_off_time", 500},  {"loop_times", 0},  {"interval_time", 0}};
}

int target_in(const json& packed) {
    return packed.get<int>() >> 16;
}

} // namespace

TEST_SUITE("machine commands") {
    TEST_CASE("G-code lines are acknowledged in the way of each family") {
        const json line{{"command", "gcode_line"}, {"param", "M104 S200 \n"}};
        CHECK(TestPrinter{"P1S"}.ask(line) == json{{"command", "gcode_line"},
                                                   {"param", "M104 S200 \n"},
                                                   {"sequence_id", "1"},
                                                   {"result", "success"},
                                                   {"reason", "success"}});
        CHECK(TestPrinter{"A1MINI"}.ask(line) == json{{"param", "M104 S200 \n"},
                                                      {"sequence_id", "1"},
                                                      {"result", "success"},
                                                      {"reason", "success"}});
        CHECK(TestPrinter{"X1C"}.ask(line) == json{{"command", "gcode_line"},
                                                   {"sequence_id", "1"},
                                                   {"result", "SUCCESS"},
                                                   {"reason", "SUCCESS"},
                                                   {"err_code", 0}});
        CHECK(TestPrinter{"P2S"}.ask(line) == json{{"command", "gcode_line"},
                                                   {"param", "M104 S200 \n"},
                                                   {"sequence_id", "1"},
                                                   {"result", "SUCCESS"},
                                                   {"reason", "SUCCESS"},
                                                   {"err_code", 0},
                                                   {"is_from_mqtt", true}});
    }

    TEST_CASE("temperatures by G-code, in one message or several, limited to the model's maximum") {
        TestPrinter asked{"P1S"};
        asked.gcode("M104 S215\nM140 S65 ; bed\n\nM400\nG91");
        auto report = asked.live(1);
        CHECK(report.at("nozzle_target_temper") == 215);
        CHECK(report.at("bed_target_temper") == 65);
        asked.gcode("M140 S999");
        asked.gcode("M104 S0\n");
        report = asked.live(1);
        CHECK(report.at("bed_target_temper") == 100);
        CHECK(report.at("nozzle_target_temper") == 0);
        asked.gcode("M104");
        asked.gcode("M104 Sx");
        asked.gcode("M104 S1e300");
        asked.gcode("M104 S");
        asked.live(1);
        CHECK(asked.at("/nozzle_target_temper") == 0);
    }

    TEST_CASE("two nozzles are distinguished by T; without it the active one is set") {
        TestPrinter asked{"H2D"};
        asked.gcode("M104 S200 T1\n");
        asked.gcode("M104 T0 S210\n");
        asked.gcode("M104 S220 T7\n");
        asked.live(1);
        CHECK(target_in(asked.at("/device/extruder/info/1/temp")) == 200);
        CHECK(target_in(asked.at("/device/extruder/info/0/temp")) == 210);
        CHECK(asked.at("/nozzle_target_temper") == 210);
        asked.ask({{"command", "select_extruder"}, {"extruder_index", 1}});
        asked.live(3);
        asked.gcode("M104 S230\n");
        asked.live(1);
        CHECK(target_in(asked.at("/device/extruder/info/1/temp")) == 230);
        CHECK(asked.at("/nozzle_target_temper") == 230);
    }

    TEST_CASE("fans by G-code, each by its number and the default without one") {
        TestPrinter asked{"P2S"};
        asked.gcode("M106 P1 S255\n");
        asked.gcode("M106 P2 S128\n");
        asked.gcode("M106 P3 S26\n");
        asked.gcode("M106 P10 S77\n");
        asked.live(1);
        CHECK(asked.at("/cooling_fan_speed") == "15");
        CHECK(asked.at("/device/airduct/parts/0/state") == 100);
        CHECK(asked.at("/device/airduct/parts/1/state") == 50);
        CHECK(asked.at("/device/airduct/parts/2/state") == 10);
        CHECK(asked.at("/device/airduct/parts/3/state") == 30);
        asked.gcode("M106 S0\n");
        asked.gcode("M106 P4 S0\n");
        asked.live(1);
        CHECK(asked.at("/device/airduct/parts/0/state") == 100);
        asked.gcode("M106 P1\n");
        asked.live(1);
        CHECK(asked.at("/cooling_fan_speed") == "0");
    }

    TEST_CASE("homing is shown in home_flag, only when all axes are homed") {
        TestPrinter asked{"P1S"};
        asked.gcode("G28 Z\n");
        asked.live(1);
        CHECK_FALSE(asked.bit("home_flag", 0));
        asked.gcode("G28\n");
        asked.live(1);
        for (const unsigned axis : {0U, 1U, 2U})
            CHECK(asked.bit("home_flag", axis));
        asked.gcode(
            "M211 S\nM211 X1 Y1 Z1\nM1002 push_ref_mode\nG91\nG1 X10.0 F3000\nM1002 pop_ref_mode\nM211 R\n");
        asked.gcode("M84\n");
        asked.live(1);
        CHECK_FALSE(asked.bit("home_flag", 2));
    }

    TEST_CASE("the chamber heater follows set_ctt and its rules, and its G-code") {
        TestPrinter asked{"H2D"};
        const auto set = [&asked](const json& value, bool check) {
            return asked.ask({{"command", "set_ctt"}, {"ctt_val", value}, {"temper_check", check}});
        };
        CHECK(set(50, true).at("result") == "success");
        CHECK(asked.live(1).at("ctt") == 50);
        CHECK(target_in(asked.at("/device/ctc/info/temp")) == 50);
        CHECK(set(30, true).at("errno") == -4);
        asked.live(1);
        CHECK(asked.at("/ctt") == 0);
        CHECK(set("50", true).at("result") == "fail");

        asked.ask({{"command", "ams_change_filament"}, {"ams_id", 0}, {"slot_id", 0}, {"target", 0}});
        asked.live(12);
        const auto refused = set(50, true);
        CHECK(refused.at("result") == "fail");
        CHECK(refused.at("errno") == -2);
        CHECK_FALSE(refused.contains("reason"));
        CHECK(set(50, false).at("result") == "success");
        CHECK(set(0, true).at("result") == "success");
        asked.gcode("M145 P1\nM141 S45\n");
        asked.live(1);
        CHECK(asked.at("/ctt") == 45);
        CHECK(asked.at("/device/airduct/modeCur") == 1);
    }

    TEST_CASE("a machine without a heater accepts the target and stays cold; older ones do not know it") {
        TestPrinter asked{"P2S"};
        CHECK(asked.ask({{"command", "set_ctt"}, {"ctt_val", 50}, {"temper_check", true}}).at("result") ==
              "success");
        asked.live(1);
        CHECK(target_in(asked.at("/device/ctc/info/temp")) == 0);
        CHECK(TestPrinter{"P1S"}.ask({{"command", "set_ctt"}, {"ctt_val", 50}}).is_null());
    }

    TEST_CASE("the air duct changes its mode where there is one") {
        TestPrinter asked{"H2D"};
        CHECK(asked.ask({{"command", "set_airduct"}, {"modeId", 1}, {"submode", -1}}).at("result") ==
              "success");
        CHECK(asked.live(1).at("device").at("airduct").at("modeCur") == 1);
        CHECK(asked.ask({{"command", "set_airduct"}, {"modeId", 7}}).at("result") == "fail");
        CHECK(TestPrinter{"X1C"}.ask({{"command", "set_airduct"}, {"modeId", 1}}).is_null());
    }

    TEST_CASE("the other nozzle is selected on machines that have one") {
        TestPrinter asked{"H2D"};
        CHECK(asked.ask({{"command", "select_extruder"}, {"extruder_index", 1}}).at("result") == "success");
        asked.live(1);
        CHECK(asked.at("/device/extruder/state") == 0x102);
        asked.live(3);
        CHECK(asked.at("/device/extruder/state") == 0x112);
        CHECK(asked.ask({{"command", "select_extruder"}, {"extruder_index", 15}}).at("result") == "fail");
        CHECK(TestPrinter{"P2S"}.ask({{"command", "select_extruder"}, {"extruder_index", 0}}).is_null());
    }

    TEST_CASE("lamps are switched separately, with all their times") {
        TestPrinter asked{"H2D"};
        const auto answer = asked.ask("system", lamp("chamber_light", "off"));
        CHECK(answer.at("result") == "success");
        CHECK(answer.at("reason") == "success");
        CHECK(answer.at("loop_times") == 0);
        auto report = asked.live(1);
        CHECK(report.at("lights_report").at(0) == json{{"node", "chamber_light"}, {"mode", "off"}});
        CHECK_FALSE(asked.bit("cfg", 7));
        asked.ask("system", lamp("chamber_light2", "flashing"));
        report = asked.live(1);
        CHECK(report.at("lights_report").at(2) == json{{"node", "chamber_light2"}, {"mode", "flashing"}});

        CHECK(asked.ask("system", lamp("heatbed_light", "on")).at("result") == "success");
        CHECK_FALSE(asked.live(1).contains("lights_report"));
        CHECK(asked.ask("system", lamp("column_light", "on")).at("result") == "fail");
        CHECK(asked.ask("system", lamp("chamber_light", "dim")).at("result") == "fail");
        auto timeless = lamp("chamber_light", "on");
        timeless.erase("interval_time");
        CHECK(asked.ask("system", timeless).at("result") == "fail");
        CHECK_FALSE(asked.bit("cfg", 7));
        CHECK(TestPrinter{"P1S"}.ask("system", lamp("heatbed_light", "on")).at("result") == "fail");
        CHECK(asked.ask("print", lamp("chamber_light", "on")).is_null());
    }

    TEST_CASE("nozzles are set by hand, except on machines that detect them") {
        const json nozzle{{"command", "set_accessories"},
                          {"accessory_type", "nozzle"},
                          {"nozzle_diameter", 0.6},
                          {"nozzle_type", "stainless_steel"}};
        TestPrinter asked{"X1C"};
        CHECK(asked.ask("system", nozzle).at("result") == "success");
        const auto report = asked.live(1);
        CHECK(report.at("nozzle_diameter") == "0.6");
        CHECK(report.at("nozzle_type") == "stainless_steel");
        CHECK(asked.at("/device/nozzle/info/0/diameter") == 0.6);
        auto wrong = nozzle;
        wrong["nozzle_type"] = "brass";
        CHECK(asked.ask("system", wrong).at("result") == "fail");
        wrong = nozzle;
        wrong["nozzle_diameter"] = "0.4";
        CHECK(asked.ask("system", wrong).at("result") == "fail");

        TestPrinter knowing{"H2D"};
        CHECK(knowing.ask("system", nozzle).at("result") == "success");
        knowing.live(1);
        CHECK(knowing.at("/nozzle_diameter") == "0.4");
        CHECK(TestPrinter{"P1S"}.ask("system", nozzle).at("result") == "success");
    }

    TEST_CASE("nozzles are reported again on demand") {
        TestPrinter asked{"H2D"};
        asked.live(1);
        CHECK(asked.ask({{"command", "refresh_nozzle"}}).at("result") == "success");
        CHECK(asked.live(1).at("device").at("nozzle").at("info").size() == 2);
        CHECK(TestPrinter{"P1S"}.ask({{"command", "refresh_nozzle"}}).is_null());
    }

    TEST_CASE("the buzzer of H2 machines, and the name without a command") {
        TestPrinter asked{"H2D"};
        CHECK(asked.ask({{"command", "buzzer_ctrl"}, {"mode", 2}, {"reason", ""}}).at("result") == "success");
        CHECK(asked.ask({{"command", "buzzer_ctrl"}, {"mode", 3}}).at("result") == "fail");
        CHECK(TestPrinter{"P2S"}.ask({{"command", "buzzer_ctrl"}, {"mode", 2}}).is_null());
        CHECK(asked.ask("update", {{"name", "Workshop"}}) ==
              json{{"name", "Workshop"}, {"result", "success"}, {"reason", "success"}});
        CHECK(asked.ask("update", {{"name", ""}}).at("result") == "fail");
        CHECK(asked.ask("update", {{"name", std::string(33, 'x')}}).at("result") == "fail");
    }
}
