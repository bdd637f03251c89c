// Commands through the whole session: topics in, requests out, exactly one outcome each.
#include "unit/gateway/live_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

TEST_SUITE("gateway/commands") {
    TEST_CASE("at most 64 commands wait for a printer that does not answer; one more is refused as busy") {
        Live driver;
        for (std::size_t i = 0; i < CommandRunner::most_waiting; ++i) {
            driver.command(R"({"command":"home_axes"})");
        }
        const auto sent = driver.requests();
        CHECK(sent.size() == 64);
        CHECK(driver.responses().empty());
        driver.command(R"({"command":"home_axes","request_id":"more"})");
        CHECK(driver.requests().empty());
        CHECK(driver.outcome()["status"] == "refused");
        CHECK(driver.outcome()["code"] == "busy");
        CHECK(driver.outcome()["message"] == "64 commands are already waiting for the printer");
        driver.forget_log();
        driver.command(R"({"command":"get_current_bind_list"})"); // needs no printer
        CHECK(driver.outcome()["status"] == "done");
        driver.forget_log();
        driver.answer("print", "gcode_line", sent[0]["print"]["sequence_id"]);
        CHECK(driver.outcome()["status"] == "accepted");
        driver.command(R"({"command":"home_axes"})");
        CHECK(driver.requests().size() == 1);
    }

    TEST_CASE("a command is sent, acknowledged, and effective once the report shows it") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing","request_id":"a"})");
        const auto sent = driver.requests();
        REQUIRE(sent.size() == 1);
        const auto id = sent[0]["print"]["sequence_id"].get<std::string>();
        CHECK(sent[0] == Json{{"print", {{"sequence_id", id}, {"command", "pause"}, {"param", ""}}}});
        driver.answer("print", "pause", id);
        CHECK(driver.responses().empty());
        driver.report(partial(R"("gcode_state":"PAUSE")"));
        const auto outcome = driver.outcome();
        CHECK(outcome["request_id"] == "a");
        CHECK(outcome["command"] == "pause_printing");
        CHECK(outcome["status"] == "effective");
        CHECK(outcome["code"].is_null());
        CHECK(outcome["message"].is_null());
        CHECK(outcome["data"].is_null());
        CHECK(outcome["time"] == rfc3339(driver.now().wall));
        driver.advance(20s);
        CHECK(driver.responses().size() == 1);
        CHECK(driver.state("last_command") == "effective");
        CHECK(driver.json("bambu2mqtt/p1/last_command/attributes")["command"] == "pause_printing");
        CHECK(!driver.json("bambu2mqtt/p1/last_command/attributes").contains("data"));
    }

    TEST_CASE("the report alone is sufficient; a value that was already shown needs an answer") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing"})");
        driver.report(partial(R"("gcode_state":"PAUSE")"));
        CHECK(driver.outcome()["status"] == "effective");

        Live same{running};
        same.command(R"({"command":"set_speed_level","level":"standard"})"); // already set to standard
        const auto id = same.sequence();
        same.report(partial(R"("nozzle_temper":221.0)"));
        CHECK(same.responses().empty());
        same.answer("print", "print_speed", id);
        CHECK(same.outcome()["status"] == "effective");
    }

    TEST_CASE("a command without a visible effect ends with its acknowledgement") {
        Live driver;
        driver.command(R"({"command":"rename_printer","new_name":"Anna"})");
        const auto sent = driver.requests();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0]["update"]["name"] == "Anna");
        driver.report(R"({"update":{"name":"Anna","reason":"success","result":"success"}})");
        CHECK(driver.outcome()["status"] == "accepted");
    }

    TEST_CASE("a negative answer is a refusal with the printer's text") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing"})");
        driver.answer("print", "pause", driver.sequence(),
                      R"("result":"fail","reason":"not now","err_code":83935311)");
        const auto outcome = driver.outcome();
        CHECK(outcome["status"] == "refused");
        CHECK(outcome["code"] == "printer_refused");
        CHECK(outcome["message"] == "the printer refused the command: not now (0500-C04F)");
    }

    TEST_CASE("no answer: unconfirmed at the deadline, and a late answer changes nothing") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing"})");
        const auto id = driver.sequence();
        driver.advance(9999ms);
        CHECK(driver.responses().empty());
        driver.advance(1ms);
        const auto outcome = driver.outcome();
        CHECK(outcome["status"] == "unconfirmed");
        CHECK(outcome["message"] == "the printer did not answer, and its reports do not show it");
        driver.answer("print", "pause", id);
        driver.report(partial(R"("gcode_state":"PAUSE")"));
        driver.advance(60s);
        CHECK(driver.responses().size() == 1);
        const auto asked = driver.asked();
        CHECK(std::ranges::count(asked, "pause") == 1); // nothing is sent twice
    }

    TEST_CASE("acknowledged without effect is unconfirmed, with a note") {
        Live driver;
        driver.command(R"({"command":"set_bed_temp_target","value":60})");
        driver.answer("print", "gcode_line", driver.sequence());
        driver.advance(5s);
        CHECK(driver.outcome()["message"] == "the printer acknowledged it, but its reports do not show it");
    }

    TEST_CASE("each command has its own deadline") {
        const std::vector<std::pair<std::string, std::chrono::seconds>> rows{
            {R"({"command":"set_light_state","state":true})", 3s},
            {R"({"command":"set_nozzle_temp_target","value":200})", 5s},
            {R"({"command":"home_axes"})", 10s},
            {R"({"command":"print_3mf_file","name":"/a.3mf"})", 180s}};
        for (const auto& row : rows) {
            const auto& payload = row.first;
            const auto within = row.second;
            INFO(payload);
            Live driver;
            driver.command(payload);
            driver.advance(within - 1ms);
            CHECK(driver.responses().empty());
            driver.advance(1ms);
            CHECK(driver.outcome()["status"] == "unconfirmed");
        }
    }

    TEST_CASE("answers are matched by the fields they have") {
        SUBCASE("without sequence id") {
            Live driver{running};
            driver.command(R"({"command":"pause_printing"})");
            driver.report(R"({"print":{"command":"pause","result":"fail"}})");
            CHECK(driver.outcome()["status"] == "refused");
        }
        SUBCASE("without command") {
            Live driver;
            driver.command(R"({"command":"home_axes"})");
            driver.report(R"({"print":{"sequence_id":")" + driver.sequence() +
                          R"(","param":"G28\n","result":"success","reason":"success"}})");
            CHECK(driver.outcome()["status"] == "accepted");
        }
        SUBCASE("with another id") {
            Live driver;
            driver.command(R"({"command":"home_axes"})");
            driver.report(R"({"print":{"command":"gcode_line","sequence_id":"0","result":"SUCCESS"}})");
            CHECK(driver.outcome()["status"] == "accepted");
        }
        SUBCASE("a slicer's answer is ignored") {
            Live driver;
            driver.command(R"({"command":"home_axes"})");
            driver.report(R"({"print":{"command":"gcode_line","sequence_id":"20007","result":"fail"}})");
            CHECK(driver.responses().empty());
        }
        SUBCASE("only command and id: an acknowledgement") {
            Live driver;
            driver.command(R"({"command":"home_axes"})");
            driver.report(R"({"print":{"command":"gcode_line","sequence_id":")" + driver.sequence() +
                          R"("}})");
            CHECK(driver.outcome()["status"] == "accepted");
        }
        SUBCASE("another namespace is another command") {
            Live driver;
            driver.command(R"({"command":"home_axes"})");
            driver.report(R"({"system":{"sequence_id":")" + driver.sequence() + R"(","result":"fail"}})");
            CHECK(driver.responses().empty());
        }
    }

    TEST_CASE("two concurrent commands end independently") {
        Live driver;
        driver.command(R"({"command":"set_bed_temp_target","value":60,"request_id":"bed"})");
        driver.command(R"({"command":"set_nozzle_temp_target","value":200,"request_id":"nozzle"})");
        const auto sent = driver.requests();
        REQUIRE(sent.size() == 2);
        driver.answer("print", "gcode_line", sent[1]["print"]["sequence_id"], R"("result":"fail")");
        CHECK(driver.outcome()["request_id"] == "nozzle");
        driver.report(partial(R"("bed_target_temper":60)"));
        REQUIRE(driver.responses().size() == 2);
        CHECK(driver.responses()[1]["request_id"] == "bed");
        CHECK(driver.responses()[1]["status"] == "effective");
    }

    TEST_CASE("several requests of one command are spaced, and one refusal refuses the command") {
        Live driver{idle, {.serials = {"09400A000000001"}}};
        driver.command(R"({"command":"set_chamber_temp_target","value":45})");
        CHECK(driver.asked() == std::vector<std::string>{"set_ctt"});
        driver.advance(99ms);
        CHECK(driver.asked().empty());
        driver.advance(1ms);
        CHECK(driver.asked() == std::vector<std::string>{"set_airduct"});
        const auto sent = driver.requests();
        REQUIRE(sent.size() == 2);
        driver.answer("print", "set_ctt", sent[0]["print"]["sequence_id"]);
        CHECK(driver.responses().empty());
        driver.answer("print", "set_airduct", sent[1]["print"]["sequence_id"],
                      R"("result":"fail","errno":-2)");
        CHECK(driver.outcome()["message"] == "the printer refused the command (errno -2)");
    }

    TEST_CASE("a repeated request id gets the first outcome and sends nothing") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing","request_id":"x"})");
        driver.report(partial(R"("gcode_state":"PAUSE")"));
        const auto first = driver.outcome();
        for (int i = 0; i < 18; ++i) {
            driver.advance(30s);
            driver.report(partial(R"("wifi_signal":"-50dBm")"));
        }
        (void)driver.requests();
        driver.command(R"({"command":"stop_printing","request_id":"x"})");
        CHECK(driver.requests().empty());
        REQUIRE(driver.responses().size() == 2);
        CHECK(driver.responses()[1] == first);
        driver.advance(61s);
        driver.report(full(running));
        (void)driver.requests();
        driver.command(R"({"command":"pause_printing","request_id":"x"})");
        CHECK(driver.requests().size() == 1);
    }

    TEST_CASE("the command's name may be part of the topic; malformed requests are refused with a reason") {
        Live driver{running};
        driver.say("bambu2mqtt/p1/command/pause_printing", "", false);
        CHECK(driver.asked() == std::vector<std::string>{"pause"});

        struct Row {
            std::string topic{};
            std::string payload{};
            std::string code{};
            std::string message{};
        };

        const std::vector<Row> rows{
            {"command", "{", "invalid_argument", "expected a JSON object"},
            {"command", "[]", "invalid_argument", "expected a JSON object"},
            {"command", "{}", "invalid_argument", "command is missing"},
            {"command", R"({"command":7})", "invalid_argument", "command is missing"},
            {"command", R"({"command":"home_axes","request_id":{}})", "invalid_argument", "request_id"},
            {"command/paus_printing", "", "unknown_command", "did you mean \"pause_printing\"?"},
            {"command/set_bed_temp_target", R"({"value":500})", "invalid_argument", "value is 500"},
            {"command/home_axes", "", "busy", "the printer's state is running"},
            {"bed_target_temperature/set", "hot", "invalid_argument", "expected a number"},
            {"chamber_light/set", "1", "invalid_argument", "expected ON or OFF"},
            {"print_speed/set", "warp", "invalid_argument", "\"ludicrous\""},
            {"print_status/set", "idle", "not_supported", "cannot be controlled"},
            {"nothing/set", "1", "not_found", R"(no "nothing")"},
            {"command/" + std::string(65, 'x'), "", "unknown_command",
             "has 65 bytes, at most 64 are expected"},
            {"raw/request", R"({"print":{"command":"pause"}})", "not_allowed", "control.raw_topics"},
        };
        driver.report(partial(R"("wifi_signal":"-50dBm")"));
        (void)driver.asked();
        for (const auto& row : rows) {
            INFO(row.topic, " ", row.payload);
            driver.forget_log();
            driver.say("bambu2mqtt/p1/" + row.topic, row.payload, false);
            const auto outcome = driver.outcome();
            CHECK(outcome["status"] == "refused");
            CHECK(outcome["code"] == row.code);
            CHECK(outcome["message"].get<std::string>().find(row.message) != std::string::npos);
        }
        CHECK(driver.asked().empty());
    }

    TEST_CASE("offline is refused, not queued") {
        Live driver;
        driver.printer_down();
        driver.forget_log();
        driver.command(R"({"command":"home_axes"})");
        CHECK(driver.outcome()["code"] == "offline");
        CHECK(driver.outcome()["message"] == "the printer's connection is unreachable");
        driver.advance(5min);
        driver.go_live();
        const auto asked = driver.asked();
        CHECK(std::ranges::find(asked, "gcode_line") == asked.end());
    }

    TEST_CASE("a command during a reconnect keeps its deadline and is not sent again") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing"})");
        (void)driver.asked();
        driver.printer_down();
        driver.advance(2s);
        driver.printer_up();
        driver.report(full(R"("gcode_state":"PAUSE")"));
        CHECK(driver.outcome()["status"] == "effective");
        const auto asked = driver.asked();
        CHECK(std::ranges::find(asked, "pause") == asked.end());
    }

    TEST_CASE("retained commands are ignored and cleared") {
        for (const bool mqtt5 : {true, false}) {
            INFO("MQTT 5: ", mqtt5);
            Live driver{running, {.retain_as_published = mqtt5}};
            driver.say("bambu2mqtt/p1/command/stop_printing", "{}", true);
            driver.say("bambu2mqtt/p1/chamber_light/set", "ON", true);
            driver.advance(2s);
            CHECK(driver.sent("bambu2mqtt/p1/command/stop_printing") == std::vector<std::string>{""});
            CHECK(driver.sent("bambu2mqtt/p1/chamber_light/set") == std::vector<std::string>{""});
            // Our own clearing message comes back: marked as retained with MQTT 5, else as an ordinary
            // message.
            driver.say("bambu2mqtt/p1/command/stop_printing", "", mqtt5);
            CHECK(driver.asked().empty());
            CHECK(driver.responses().empty());
            driver.say("bambu2mqtt/p1/command/stop_printing", "", false);
            CHECK(driver.asked() == std::vector<std::string>{"stop"});
        }
    }

    TEST_CASE("a command received before the retained messages is not executed") {
        BridgeDriver driver;
        driver.start();
        driver.broker_connects();
        driver.say("bambu2mqtt/p1/command/home_axes", "", false);
        driver.advance(5s);
        CHECK(driver.responses().empty());
    }

    TEST_CASE("raw commands and raw topics need their settings") {
        Live closed;
        closed.command(R"({"command":"send_gcode","gcode":"M117"})");
        CHECK(closed.outcome()["code"] == "not_allowed");
        CHECK(closed.sent("bambu2mqtt/p1/raw/report").empty());

        Live open{idle, {.policy = {.raw_topics = true}}};
        open.say("bambu2mqtt/p1/raw/request", R"({"print":{"command":"pause","sequence_id":"77"}})", false);
        const auto sent = open.requests();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0] == Json::parse(R"({"print":{"command":"pause","sequence_id":"77"}})"));
        open.answer("print", "pause", "77");
        CHECK(open.outcome()["status"] == "accepted");
        CHECK(open.sent("bambu2mqtt/p1/raw/report").size() == 1);
        open.report(
            R"({"system":{"command":"get_access_code","access_code":"12345678","result":"success"}})");
        CHECK(open.sent("bambu2mqtt/p1/raw/report").size() == 1);
        open.forget_log();
        open.say("bambu2mqtt/p1/raw/request", R"({"print":{"command":"ledctrl"}})", false);
        CHECK(open.outcome()["code"] == "invalid_argument");
        open.forget_log();
        open.command(
            R"({"command":"send_gcode","gcode":"M117"})"); // the topics are enabled, the commands are not
        CHECK(open.outcome()["code"] == "not_allowed");
    }

    TEST_CASE("at shutdown every command ends") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing","request_id":"p"})");
        driver.shutdown();
        driver.turn();
        CHECK(driver.outcome()["status"] == "unconfirmed");
        CHECK(driver.outcome()["message"] == "the gateway is being stopped");
    }
}
