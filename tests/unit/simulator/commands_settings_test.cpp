// Requests that change settings and write pressure advance: effects and answers.

#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace bambu2mqtt::simulator;
using nlohmann::json;

json detector(const char* module, bool on, const char* level = nullptr) {
    json request{{"command", "xcam_control_set"},
                 {"module_name", module},
                 {"control", on},
                 {"enable", on},
                 {"print_halt", true}};
    if (level != nullptr)
        request["halt_print_sensitivity"] = level;
    return request;
}

unsigned xcam_bits(const TestPrinter& asked, unsigned begin, unsigned count) {
    return asked.at("/xcam/cfg").get<unsigned>() >> begin & ((1U << count) - 1U);
}

json profile(const char* k) {
    return {{"ams_id", 0},
            {"cali_idx", -1},
            {"extruder_id", 0},
            {"filament_id", "GFA00"},
            {"k_value", k},
            {"n_coef", "0.000000"},
            {"name", "mine"},
            {"nozzle_diameter", "0.4"},
            {"nozzle_id", "HS00-0.4"},
            {"setting_id", ""},
            {"tray_id", 0}};
}

} // namespace

TEST_SUITE("setting commands") {
    TEST_CASE("the three AMS settings are sent together and shown in keys and bits") {
        const json request{{"command", "ams_user_setting"},
                           {"ams_id", -1},
                           {"tray_read_option", false},
                           {"startup_read_option", true},
                           {"calibrate_remain_flag", false}};
        TestPrinter asked{"H2D"};
        auto expected = request;
        expected.update({{"sequence_id", "1"}, {"result", "success"}, {"is_from_mqtt", true}});
        CHECK(asked.ask(request) == expected);
        const auto report = asked.live(1);
        CHECK(report.at("ams").at("insert_flag") == false);
        CHECK(report.at("ams").at("power_on_flag") == true);
        CHECK_FALSE(asked.bit("cfg", 0));
        CHECK(asked.bit("cfg", 1));
        CHECK_FALSE(asked.bit("cfg", 17));
        CHECK_FALSE(asked.bit("home_flag", 7));
        TestPrinter older{"P1S"};
        CHECK(older.ask(request).at("reason") == "success");
        older.live(1);
        CHECK(older.at("/ams/power_on_flag") == true);
        CHECK_FALSE(older.bit("home_flag", 7));
        CHECK(older.ask({{"command", "ams_user_setting"}, {"ams_id", 0}}).at("result") == "fail");
    }

    TEST_CASE("every print option changes its bit on a printer that has it") {
        struct Option {
            const char* model = "";
            const char* key = "";
            const char* word = "";
            unsigned bit = 0;
        };

        for (const auto& option :
             {Option{"P1S", "auto_recovery", "home_flag", 4},
              Option{"P1S", "auto_switch_filament", "home_flag", 10},
              Option{"A1MINI", "sound_enable", "home_flag", 17},
              Option{"A1MINI", "filament_tangle_detect", "home_flag", 20},
              Option{"A1MINI", "air_print_detect", "home_flag", 28},
              Option{"X1C", "nozzle_blob_detect", "home_flag", 24}, Option{"H2D", "auto_recovery", "cfg", 16},
              Option{"H2D", "auto_switch_filament", "cfg", 18}, Option{"H2D", "sound_enable", "cfg", 22},
              Option{"H2D", "filament_tangle_detect", "cfg", 23},
              Option{"H2D", "nozzle_blob_detect", "cfg", 24}}) {
            CAPTURE(std::string{option.model});
            CAPTURE(std::string{option.key});
            TestPrinter asked{option.model};
            CHECK(asked.bit(option.word, option.bit));
            CHECK(asked.ask({{"command", "print_option"}, {option.key, false}}).at("result") == "success");
            CHECK(asked.live(1).contains(option.word));
            CHECK_FALSE(asked.bit(option.word, option.bit));
            asked.ask({{"command", "print_option"}, {option.key, true}});
            asked.live(1);
            CHECK(asked.bit(option.word, option.bit));
        }
    }

    TEST_CASE(
        "a print option that the printer lacks is acknowledged without effect; invalid ones are refused") {
        TestPrinter asked{"P1S"};
        CHECK(asked.ask({{"command", "print_option"}, {"sound_enable", false}}).at("result") == "success");
        CHECK_FALSE(asked.live(1).contains("home_flag"));
        CHECK(asked.ask({{"command", "print_option"}, {"auto_recovery", 0}}).at("result") == "fail");
        CHECK(asked.ask({{"command", "print_option"}}).at("result") == "fail");
        TestPrinter newer{"H2D"};
        newer.ask({{"command", "print_option"}, {"air_purification", 1}});
        CHECK(newer.bit("cfg", 36));
        CHECK(newer.ask({{"command", "print_option"}, {"air_purification", 9}}).at("result") == "fail");
    }

    TEST_CASE("detectors in the word: one bit and two bits of level each") {
        TestPrinter asked{"H2D"};
        const auto answer = asked.ask("xcam", detector("clump_detector", false, "high"));
        CHECK(answer.at("result") == "SUCCESS");
        CHECK(answer.at("reason") == "");
        CHECK(answer.at("module_name") == "clump_detector");
        asked.live(1);
        CHECK(xcam_bits(asked, 13, 3) == 0b100);
        CHECK(xcam_bits(asked, 7, 3) == 0b011);
        asked.ask("xcam", detector("spaghetti_detector", true, "low"));
        asked.ask("xcam", detector("pileup_detector", false));
        asked.ask("xcam", detector("airprint_detector", true, "high"));
        asked.live(1);
        CHECK(xcam_bits(asked, 7, 3) == 0b001);
        CHECK(xcam_bits(asked, 10, 3) == 0b010);
        CHECK(xcam_bits(asked, 16, 3) == 0b101);
    }

    TEST_CASE("detectors with separate keys") {
        TestPrinter asked{"X1C"};
        asked.ask("xcam", detector("first_layer_inspector", false));
        asked.ask("xcam", detector("buildplate_marker_detector", false));
        asked.ask("xcam", detector("spaghetti_detector", true, "high"));
        const auto report = asked.live(1);
        CHECK(report.at("xcam") == json{{"first_layer_inspector", false},
                                        {"buildplate_marker_detector", false},
                                        {"halt_print_sensitivity", "high"}});
        CHECK_FALSE(asked.bit("cfg", 12));
        CHECK(asked.ask("xcam", detector("clump_detector", true)).at("result") == "FAIL");
        CHECK(asked.ask("xcam", detector("no_such_detector", true)).at("result") == "FAIL");
        auto torn = detector("first_layer_inspector", true);
        torn["control"] = false;
        CHECK(asked.ask("xcam", torn).at("result") == "FAIL");
        CHECK(TestPrinter{"P1S"}.ask("xcam", detector("spaghetti_detector", true)).at("result") == "FAIL");
    }

    TEST_CASE("camera recording and timelapse, in ipcam and in bits") {
        TestPrinter asked{"X1C"};
        CHECK(asked.ask("camera", {{"command", "ipcam_record_set"}, {"control", "disable"}}).at("result") ==
              "success");
        CHECK(asked.ask("camera", {{"command", "ipcam_timelapse"}, {"control", "enable"}}).at("result") ==
              "success");
        CHECK(asked.live(1).at("ipcam") == json{{"ipcam_record", "disable"}, {"timelapse", "enable"}});
        CHECK_FALSE(asked.bit("home_flag", 5));
        CHECK_FALSE(asked.bit("cfg", 3));
        CHECK(asked.bit("cfg", 5));
        CHECK_FALSE(asked.bit("stat", 7));
        CHECK(asked.ask("camera", {{"command", "ipcam_timelapse"}, {"control", true}}).at("result") ==
              "fail");
    }

    TEST_CASE("profiles are written, counted, listed and selected") {
        TestPrinter asked{"P2S"};
        const json list{
            {"command", "extrusion_cali_get"}, {"filament_id", "GFA00"}, {"nozzle_diameter", "0.4"}};
        auto empty = asked.ask(list);
        CHECK(empty.at("result") == "fail");
        CHECK(empty.at("reason") == "Not find");
        CHECK(empty.at("filaments").empty());

        const json write{{"command", "extrusion_cali_set"},
                         {"filaments", {profile("0.025000")}},
                         {"nozzle_diameter", "0.4"}};
        const auto written = asked.ask(write);
        CHECK(written.at("result") == "success");
        CHECK(written.at("reason") == "");
        CHECK(asked.live(1).at("cali_version") == 1);
        const auto listed = asked.ask(list);
        CHECK(listed.at("result") == "success");
        CHECK(listed.at("filaments").size() == 1);
        CHECK(listed.at("filaments").at(0).at("k_value") == "0.025000");
        CHECK(listed.at("filaments").at(0).at("nozzle_id") == "HS00-0.4");
        const int number = listed.at("filaments").at(0).at("cali_idx");

        const auto chosen = asked.ask({{"command", "extrusion_cali_sel"},
                                       {"tray_id", 1},
                                       {"ams_id", 0},
                                       {"slot_id", 1},
                                       {"cali_idx", number},
                                       {"filament_id", "GFA01"},
                                       {"nozzle_diameter", "0.4"}});
        CHECK(chosen.at("result") == "success");
        asked.live(1);
        CHECK(asked.at("/ams/ams/0/tray/1/cali_idx") == number);
        CHECK(
            asked.ask({{"command", "extrusion_cali_sel"}, {"tray_id", 1}, {"cali_idx", 999}}).at("result") ==
            "fail");
        CHECK(
            asked.ask({{"command", "extrusion_cali_sel"}, {"tray_id", 99}, {"cali_idx", -1}}).at("result") ==
            "fail");
    }

    TEST_CASE("older firmware keeps k in the spool, and an empty list is not a failure") {
        TestPrinter asked{"P1S"};
        CHECK(asked.ask({{"command", "extrusion_cali_get"}, {"filament_id", ""}, {"nozzle_diameter", "0.4"}})
                  .at("result") == "success");
        CHECK(
            asked.ask({{"command", "extrusion_cali_set"}, {"tray_id", 1}, {"k_value", 0.03}, {"n_coef", 1.4}})
                .at("result") == "success");
        asked.live(1);
        CHECK(asked.at("/ams/ams/0/tray/1/k") == 0.03);
        asked.ask({{"command", "extrusion_cali_set"},
                   {"filaments", {profile("0.04")}},
                   {"nozzle_diameter", "0.4"}});
        asked.ask({{"command", "extrusion_cali_sel"}, {"tray_id", 254}, {"cali_idx", 1}});
        asked.live(1);
        CHECK(asked.at("/vt_tray/cali_idx") == 1);
        CHECK(asked.at("/vt_tray/k") == 0.04);
        asked.ask({{"command", "extrusion_cali_sel"}, {"tray_id", 254}, {"cali_idx", -1}});
        asked.live(1);
        CHECK(asked.at("/vt_tray/k") == 0.02);
    }

    TEST_CASE("an X1C reports an error for tray -1 and has stored the profile") {
        TestPrinter asked{"X1C"};
        auto entry = profile("0.03");
        entry["tray_id"] = -1;
        const json write{
            {"command", "extrusion_cali_set"}, {"filaments", {entry}}, {"nozzle_diameter", "0.4"}};
        const auto answer = asked.ask(write);
        CHECK(answer.at("result") == "fail");
        CHECK(answer.at("reason") == "invalid tray_id");
        CHECK(asked.ask({{"command", "extrusion_cali_get"}, {"filament_id", ""}, {"nozzle_diameter", "0.4"}})
                  .at("filaments")
                  .size() == 1);
        CHECK(TestPrinter{"H2D"}.ask(write).at("result") == "success");
    }
}
