// Data of outcomes besides their status: the printer's reply, requested lists, notes.
#include "unit/gateway/live_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

TEST_SUITE("gateway/command_data") {
    TEST_CASE("raw commands return the printer's complete reply") {
        Live driver{idle, {.policy = {.raw_commands = true}}};
        driver.command(
            R"({"command":"send_anything","anything":{"print":{"command":"ams_control","param":"done","sequence_id":""}}})");
        const auto id = driver.sequence();
        driver.answer("print", "ams_control", id,
                      R"("param":"done","result":"success","list":[1,{"a":null}])");
        CHECK(driver.outcome()["status"] == "accepted");
        CHECK(driver.outcome()["data"] ==
              Json::parse(R"({"print":{"command":"ams_control","sequence_id":")" + id +
                          R"(","param":"done","result":"success","list":[1,{"a":null}]}})"));
        driver.forget_log();
        driver.command(R"({"command":"send_gcode","gcode":"M117"})");
        driver.answer("print", "gcode_line", driver.sequence(),
                      R"("result":"fail","reason":"no","errno":-2)");
        CHECK(driver.outcome()["status"] == "refused");
        CHECK(driver.outcome()["data"]["print"]["errno"] == -2);
        driver.forget_log();
        driver.command(
            R"({"command":"send_anything","anything":{"info":{"command":"get_version","sequence_id":""}}})");
        driver.report(version());
        CHECK(driver.outcome()["data"]["info"]["module"][0]["name"] == "ota");
        driver.forget_log();
        driver.command(R"({"command":"rename_printer","new_name":"Anna"})");
        driver.report(R"({"update":{"name":"Anna","reason":"success","result":"success"}})");
        CHECK(driver.outcome()["data"].is_null()); // the others are unchanged
    }

    TEST_CASE("profiles are returned as data, and the tray shows their index") {
        Live driver{idle + R"(,"ams":{"ams":[{"id":"0","tray":[{"id":"0","tray_type":"PLA",
            "tray_info_idx":"GFA01","cali_idx":-1}]}],"ams_exist_bits":"1","tray_exist_bits":"1"})"};
        driver.command(R"({"command":"get_extrusion_calibration_profiles","tray_id":0})");
        const auto sent = driver.requests();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0]["print"]["filament_id"] == "GFA01");
        driver.answer(
            "print", "extrusion_cali_get", sent[0]["print"]["sequence_id"],
            R"("filaments":[{"cali_idx":588,"name":"Matte","k_value":"0.02500"}],"result":"success")");
        CHECK(driver.outcome()["status"] == "accepted");
        CHECK(driver.outcome()["data"] ==
              Json::parse(R"([{"cali_idx":588,"name":"Matte","k_value":"0.02500"}])"));
        driver.report(partial(R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","cali_idx":588}]}]})"));
        driver.advance(2s);
        CHECK(driver.json("bambu2mqtt/p1/ams_1_tray_1/attributes")["cali_idx"] == 588);
    }

    TEST_CASE("a note of the plan is part of the outcome") {
        Live driver{idle + R"(,"fun":"1000000000000000")"}; // a nozzle rack
        driver.command(R"({"command":"print_3mf_file","name":"/a.3mf"})");
        driver.report(partial(R"("gcode_state":"PREPARE","subtask_name":"a")"));
        CHECK(driver.outcome()["status"] == "effective");
        CHECK(driver.outcome()["note"].get<std::string>().starts_with("nozzle_mapping was left out"));
        driver.forget_log();
        driver.command(R"({"command":"get_state"})");
        CHECK_FALSE(driver.outcome().contains("note"));
    }
}
