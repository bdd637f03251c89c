// Requests about jobs: effects and answers, by family.

#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace bambu2mqtt::simulator;
using namespace std::chrono_literals;
using nlohmann::json;

json project(const std::string& url) {
    return {{"command", "project_file"}, {"url", url},         {"param", "Metadata/plate_2.gcode"},
            {"subtask_name", "Boat"},    {"task_id", "4711"},  {"subtask_id", "4712"},
            {"project_id", "4713"},      {"profile_id", "0"},  {"use_ams", true},
            {"ams_mapping", {3, -1}},    {"bed_type", "auto"}, {"timelapse", false}};
}

} // namespace

TEST_SUITE("job commands") {
    TEST_CASE("pause, resume and stop change the job and are echoed") {
        for (const auto& model : model_profiles()) {
            CAPTURE(std::string{model.name});
            TestPrinter asked{model.name};
            asked.print();
            auto answer = asked.ask({{"command", "pause"}, {"param", ""}});
            const bool older = model.family == bambu2mqtt::simulator::Family::p1 ||
                               model.family == bambu2mqtt::simulator::Family::a1;
            CHECK(answer.at("command") == "pause");
            CHECK(answer.at("sequence_id") == "1");
            CHECK(answer.at("param") == "");
            CHECK(answer.at("result") == (older ? "success" : "SUCCESS"));
            CHECK(answer.contains("err_code") == !older);
            asked.live(1);
            CHECK(asked.at("/gcode_state") == "PAUSE");
            CHECK(asked.at("/stg_cur") == 16);

            CHECK(asked.ask({{"command", "resume"}}).at("sequence_id") == "2");
            asked.live(1);
            CHECK(asked.at("/gcode_state") == "RUNNING");

            CHECK(asked.ask({{"command", "stop"}}).at("command") == "stop");
            asked.live(1);
            CHECK(asked.at("/gcode_state") == "FAILED");
            CHECK(asked.at("/print_error") == job_cancelled_error);
        }
    }

    TEST_CASE("without a job they are acknowledged and change nothing") {
        TestPrinter asked{"X1C"};
        for (const auto* const command : {"pause", "resume", "stop"})
            CHECK(asked.ask({{"command", command}}).at("result") == "SUCCESS");
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "IDLE");
        CHECK(asked.at("/print_error") == 0);
    }

    TEST_CASE("a P2S ignores job control without a sequence_id; others do not") {
        TestPrinter newer{"P2S"};
        newer.print();
        CHECK(newer.send_raw("print", {{"command", "pause"}}).is_null());
        newer.live(1);
        CHECK(newer.at("/gcode_state") == "RUNNING");
        TestPrinter older{"P1S"};
        older.print();
        CHECK(older.send_raw("print", {{"command", "pause"}}).at("result") == "success");
    }

    TEST_CASE("P2 and H2 raise an error again unless resume names it") {
        TestPrinter asked{"H2D"};
        asked.print();
        asked.printer.run_out_of_filament();
        asked.live(1);
        CHECK(asked.ask({{"command", "resume"}}).at("result") == "SUCCESS");
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "PAUSE");
        CHECK(asked.ask({{"command", "resume"}, {"err", "117473297"}, {"param", "reserve"}, {"job_id", "0"}})
                  .at("result") == "SUCCESS");
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "RUNNING");
        CHECK(asked.at("/print_error") == 0);

        TestPrinter older{"P1S"};
        older.print();
        older.printer.run_out_of_filament();
        older.live(1);
        older.ask({{"command", "resume"}});
        older.live(1);
        CHECK(older.at("/gcode_state") == "RUNNING");
    }

    TEST_CASE("the stop request with an error code ends a job stopped by an error") {
        TestPrinter asked{"H2D"};
        asked.print();
        asked.printer.pause(35, 0x03008004);
        asked.live(1);
        asked.ask({{"command", "stop"}, {"err", "50364420"}, {"param", "reserve"}, {"job_id", "0"}});
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "FAILED");
        CHECK(asked.at("/print_error") == job_cancelled_error);
    }

    TEST_CASE("project_file is echoed completely, prepares and runs under its name") {
        for (const auto& model : model_profiles()) {
            CAPTURE(std::string{model.name});
            TestPrinter asked{model.name};
            auto request = project("ftp:///models/Boat.gcode.3mf");
            const auto answer = asked.ask(request);
            for (const auto& [key, value] : request.items())
                CHECK(answer.at(key) == value);
            asked.live(1);
            CHECK(asked.at("/gcode_state") == "PREPARE");
            CHECK(asked.at("/subtask_name") == "Boat");
            CHECK(asked.at("/task_id") == "4711");
            CHECK(asked.at("/subtask_id") == "4712");
            CHECK(asked.at("/project_id") == "4713");
            CHECK(asked.at("/gcode_file") ==
                  (model.newer_protocol ? "/data/Metadata/plate_2.gcode" : "Boat.gcode.3mf"));
            asked.live(59);
            CHECK(asked.at("/gcode_state") == "RUNNING");
            CHECK(asked.at("/ams/tray_now") == "3");
            asked.live(60);
            CHECK(asked.at("/gcode_state") == "FINISH");
        }
    }

    TEST_CASE("filaments of a job follow the mapping") {
        TestPrinter asked{"H2D"};
        auto request = project("ftp://a.3mf");
        request["ams_mapping"] = {-1, -1, 2};
        request["ams_mapping2"] = {{{"ams_id", 254}, {"slot_id", 0}},
                                   {{"ams_id", 255}, {"slot_id", 255}},
                                   {{"ams_id", 0}, {"slot_id", 2}}};
        asked.ask(request);
        asked.live(40);
        CHECK(asked.at("/device/extruder/info/1/snow") == 65024);
        asked.live(40);
        CHECK(asked.at("/device/extruder/info/0/snow") == 2);

        TestPrinter outside{"P1S"};
        request["use_ams"] = false;
        request["ams_mapping"] = {-1};
        request.erase("ams_mapping2");
        outside.ask(request);
        outside.live(40);
        CHECK(outside.at("/ams/tray_now") == "254");

        TestPrinter high{"X1C"};
        request["ams_mapping"] = {128};
        high.ask(request);
        high.live(40);
        CHECK(high.at("/ams/tray_now") == "128");
    }

    TEST_CASE("an external spool in the flat mapping makes the job fail") {
        TestPrinter asked{"X1C"};
        auto request = project("ftp://a.3mf");
        request["ams_mapping"] = {254};
        CHECK(asked.ask(request).at("result") == "SUCCESS");
        asked.live(5);
        CHECK(asked.at("/gcode_state") == "FAILED");
        CHECK(asked.at("/print_error") == 0x07008012);
    }

    TEST_CASE("a job during another one is refused with the matching error") {
        for (const auto* const model : {"P1S", "H2D"}) {
            CAPTURE(std::string{model});
            TestPrinter asked{model};
            asked.print();
            const auto answer = asked.ask(project("ftp://a.3mf"));
            CHECK(answer.at("err_code") == busy_error);
            CHECK((answer.at("result") == "fail" || answer.at("result") == "FAIL"));
            asked.live(1);
            CHECK(asked.at("/gcode_state") == "RUNNING");
            CHECK(asked.at("/subtask_name") == "Calibration cube");
            CHECK(asked.at("/print_error") == busy_error);
        }
    }

    TEST_CASE("a missing file makes the job fail; an A1 stays idle with the error") {
        TestPrinter asked{"P1S"};
        asked.printer.files() = StoredFiles::listed({{"/there.3mf", 1000}});
        CHECK(asked.ask(project("file:///sdcard/gone.3mf")).at("result") == "success");
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "PREPARE");
        asked.live(3);
        CHECK(asked.at("/gcode_state") == "FAILED");
        CHECK(asked.at("/print_error") == 0x0500C010);
        asked.ask(project("file:///sdcard/there.3mf"));
        asked.live(30);
        CHECK(asked.at("/gcode_state") == "RUNNING");

        TestPrinter small{"A1MINI"};
        small.printer.files() = StoredFiles::listed({});
        CHECK(small.ask(project("ftp://gone.3mf")).at("result") == "success");
        small.live(5);
        CHECK(small.at("/gcode_state") == "IDLE");
        CHECK(small.at("/print_error") == 0x0500C010);
    }

    TEST_CASE("a file from a network URL is accepted and fails later") {
        TestPrinter asked{"P2S"};
        CHECK(asked.ask(project("https://example.org/a.3mf")).at("result") == "SUCCESS");
        asked.live(5);
        CHECK(asked.at("/gcode_state") == "FAILED");
        CHECK(asked.at("/print_error") == 83902527);
    }

    TEST_CASE("a job stopped during preparation does not fail a second time, nor does the next one") {
        TestPrinter asked{"P1S"};
        asked.printer.files() = StoredFiles::listed({});
        asked.ask(project("ftp://gone.3mf"));
        asked.live(1);
        asked.ask({{"command", "stop"}});
        asked.printer.files() = StoredFiles{};
        asked.ask(project("ftp://a.3mf"));
        asked.live(4);
        CHECK(asked.at("/gcode_state") == "PREPARE");
        CHECK(asked.at("/print_error") == 0);
    }

    TEST_CASE("gcode_file prints plain G-code; packages and missing files fail in the way of each family") {
        TestPrinter asked{"H2D"};
        CHECK(asked.ask({{"command", "gcode_file"}, {"param", "/media/usb0/cube.gcode"}}).at("result") ==
              "SUCCESS");
        asked.live(40);
        CHECK(asked.at("/gcode_state") == "RUNNING");
        CHECK(asked.at("/subtask_name") == "cube");
        CHECK(asked.at("/gcode_file") == "/media/usb0/cube.gcode");
        CHECK(asked.ask({{"command", "gcode_file"}, {"param", "/a.gcode"}}).at("err_code") == busy_error);

        struct Case {
            const char* model = "";
            const char* result = "";
            json reason{};
        };

        for (const auto& expected :
             {Case{"P1S", "success", "success"}, Case{"A1MINI", "fail", "error string"},
              Case{"X1C", "FAIL", "file not found"}, Case{"P2S", "FAIL", "file not found"}}) {
            CAPTURE(std::string{expected.model});
            TestPrinter other{expected.model};
            const auto answer = other.ask({{"command", "gcode_file"}, {"param", "/sdcard/cube.gcode.3mf"}});
            CHECK(answer.at("result") == expected.result);
            CHECK(answer.at("reason") == expected.reason);
            other.live(5);
            CHECK(other.at("/gcode_state") == "IDLE");
            other.ask({{"command", "gcode_file"}, {"param", "/usr/etc/print/auto_cali_for_user.gcode"}});
            other.live(5);
            CHECK(other.at("/gcode_state") == "IDLE");
        }
    }

    TEST_CASE("speed is a digit as text and works only during a job") {
        TestPrinter asked{"X1C"};
        asked.ask({{"command", "print_speed"}, {"param", "4"}});
        asked.live(1);
        CHECK(asked.at("/spd_lvl") == 2);
        asked.print();
        CHECK(asked.ask({{"command", "print_speed"}, {"param", "4"}}).at("result") == "SUCCESS");
        const auto report = asked.live(1);
        CHECK(report.at("spd_lvl") == 4);
        CHECK(report.at("spd_mag") == 166);
        CHECK(asked.bit("cfg", 10));
        for (const auto& wrong : {json(3), json("0"), json("5"), json("44"), json(""), json(nullptr)})
            CHECK(asked.ask({{"command", "print_speed"}, {"param", wrong}}).at("result") == "FAIL");
        asked.live(1);
        CHECK(asked.at("/spd_lvl") == 4);
    }

    TEST_CASE("skipped objects accumulate, and the next job begins without") {
        TestPrinter asked{"P1S"};
        CHECK(asked.ask({{"command", "skip_objects"}, {"obj_list", {1}}}).at("result") == "fail");
        asked.print();
        asked.ask({{"command", "skip_objects"}, {"obj_list", {88, 90}}});
        asked.ask({{"command", "skip_objects"}, {"obj_list", {90, 92}}});
        CHECK(asked.ask({{"command", "skip_objects"}, {"obj_list", {"93"}}}).at("result") == "fail");
        CHECK(asked.ask({{"command", "skip_objects"}, {"obj_list", json::array()}}).at("result") == "fail");
        CHECK(asked.live(1).at("s_obj") == json{88, 90, 92});
        asked.printer.start_print({}, 100s);
        asked.live(1);
        CHECK(asked.at("/s_obj").empty());
    }

    TEST_CASE("errors are cleared, and the dialog on the screen is closed by its own message") {
        TestPrinter asked{"H2D"};
        asked.printer.set_print_error(0x05004003);
        asked.live(1);
        CHECK(asked.ask({{"command", "clean_print_error"}, {"subtask_id", "0"}, {"print_error", 83902467}})
                  .at("result") == "success");
        asked.live(1);
        CHECK(asked.at("/print_error") == 0);
        CHECK(asked
                  .ask("system", {{"command", "uiop"},
                                  {"name", "print_error"},
                                  {"action", "close"},
                                  {"source", 1},
                                  {"type", "dialog"},
                                  {"err", "05004003"}})
                  .at("result") == "success");
        CHECK(asked.ask("system", {{"command", "uiop"}}).at("result") == "fail");
    }
}
