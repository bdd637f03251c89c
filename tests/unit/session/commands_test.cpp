// Commands and controls through the whole session: topics in, requests out, exactly one outcome each.
#include "bridge_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

const std::string running = R"("gcode_state":"RUNNING","nozzle_temper":220.0,"bed_temper":60.0,"spd_lvl":2)";

/// A printer that is connected and wholly known; nothing of that is left in the log.
struct Live : BridgeDriver {
    explicit Live(const std::string& members = idle, const BridgeSetup& setup = {}) : BridgeDriver(setup) {
        start();
        broker_up();
        go_live(members);
        advance(5s);
        (void)requests();
        (void)asked();
        forget_log();
    }

    /// The one outcome there is.
    Json outcome() {
        const auto all = responses();
        REQUIRE(all.size() == 1);
        return all.front();
    }

    /// The sequence id of the one request that was sent.
    std::string sequence() {
        const auto all = requests();
        REQUIRE(all.size() == 1);
        return all.front().front()["sequence_id"].get<std::string>();
    }

    void answer(const std::string& space, const std::string& command, const std::string& sequence,
                const std::string& rest = R"("result":"success")") {
        report(R"({")" + space + R"(":{"command":")" + command + R"(","sequence_id":")" + sequence + R"(",)" +
               rest + "}}");
    }
};

} // namespace

TEST_SUITE("session/commands") {
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

    TEST_CASE("the report alone is enough, and what showed before needs an answer") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing"})");
        driver.report(partial(R"("gcode_state":"PAUSE")"));
        CHECK(driver.outcome()["status"] == "effective");

        Live same{running};
        same.command(R"({"command":"set_speed_level","level":"standard"})"); // it is standard already
        const auto id = same.sequence();
        same.report(partial(R"("nozzle_temper":221.0)"));
        CHECK(same.responses().empty());
        same.answer("print", "print_speed", id);
        CHECK(same.outcome()["status"] == "effective");
    }

    TEST_CASE("nothing in the reports can show more than the acknowledgement") {
        Live driver;
        driver.command(R"({"command":"rename_printer","new_name":"Anna"})");
        const auto sent = driver.requests();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0]["update"]["name"] == "Anna");
        driver.report(R"({"update":{"name":"Anna","reason":"success","result":"success"}})");
        CHECK(driver.outcome()["status"] == "accepted");
    }

    TEST_CASE("an answer that says no is a refusal with the printer's words") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing"})");
        driver.answer("print", "pause", driver.sequence(),
                      R"("result":"fail","reason":"not now","err_code":83935311)");
        const auto outcome = driver.outcome();
        CHECK(outcome["status"] == "refused");
        CHECK(outcome["code"] == "printer_refused");
        CHECK(outcome["message"] == "the printer said no: not now (0500-C04F)");
    }

    TEST_CASE("mute: unconfirmed at the deadline, and a late answer changes nothing") {
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

    TEST_CASE("acknowledged and never shown is unconfirmed, and says so") {
        Live driver;
        driver.command(R"({"command":"set_bed_temp_target","value":60})");
        driver.answer("print", "gcode_line", driver.sequence());
        driver.advance(5s);
        CHECK(driver.outcome()["message"] == "the printer acknowledged it, but its reports do not show it");
    }

    TEST_CASE("each deadline is its own") {
        const std::vector<std::pair<std::string, std::chrono::seconds>> rows{
            {R"({"command":"set_light_state","state":true})", 3s},
            {R"({"command":"set_nozzle_temp_target","value":200})", 5s},
            {R"({"command":"home_axes"})", 10s},
            {R"({"command":"print_3mf_file","name":"/a.3mf"})", 180s}};
        for (const auto& [payload, within] : rows) {
            INFO(payload);
            Live driver;
            driver.command(payload);
            driver.advance(within - 1ms);
            CHECK(driver.responses().empty());
            driver.advance(1ms);
            CHECK(driver.outcome()["status"] == "unconfirmed");
        }
    }

    TEST_CASE("answers are matched by what they do say") {
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
        SUBCASE("a slicer's answer is not ours") {
            Live driver;
            driver.command(R"({"command":"home_axes"})");
            driver.report(R"({"print":{"command":"gcode_line","sequence_id":"20007","result":"fail"}})");
            CHECK(driver.responses().empty());
        }
        SUBCASE("only command and id: it was heard") {
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

    TEST_CASE("two commands at once end apart") {
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

    TEST_CASE("several requests of one command are spaced, and refused by one is refused") {
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
        CHECK(driver.outcome()["message"] == "the printer said no (errno -2)");
    }

    TEST_CASE("the same request id gets the first outcome again and sends nothing") {
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

    TEST_CASE("the same request id while the first runs: one outcome for all who asked") {
        Live driver{running};
        const auto ask = [&](const std::string& topic) {
            driver.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/p1/command/pause_printing",
                                                     .payload = R"({"request_id":"x"})",
                                                     .response_topic = topic,
                                                     .correlation = topic + "-data"});
        };
        ask("one");
        ask("two");
        CHECK(driver.requests().size() == 1);
        driver.report(partial(R"("gcode_state":"PAUSE")"));
        CHECK(driver.responses().size() == 1);
        CHECK(driver.sent("one").size() == 1);
        CHECK(driver.sent("two").size() == 1);
        for (const auto& message : driver.log()) {
            if (message.topic == "one" || message.topic == "two") {
                CHECK(message.correlation == message.topic + "-data");
                CHECK(!message.retain);
            }
        }
    }

    TEST_CASE("the command's name can stand in the topic; nonsense is refused with a reason") {
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
            {"print_status/set", "idle", "not_supported", "only shows a state"},
            {"nothing/set", "1", "not_found", "no nothing"},
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
            Live driver{running, {.tells_retained = mqtt5}};
            driver.say("bambu2mqtt/p1/command/stop_printing", "{}", true);
            driver.say("bambu2mqtt/p1/chamber_light/set", "ON", true);
            driver.advance(2s);
            CHECK(driver.sent("bambu2mqtt/p1/command/stop_printing") == std::vector<std::string>{""});
            CHECK(driver.sent("bambu2mqtt/p1/chamber_light/set") == std::vector<std::string>{""});
            // Our own clearing comes back: marked as retained with MQTT 5, else as if somebody had sent it.
            driver.say("bambu2mqtt/p1/command/stop_printing", "", mqtt5);
            CHECK(driver.asked().empty());
            CHECK(driver.responses().empty());
            driver.say("bambu2mqtt/p1/command/stop_printing", "", false);
            CHECK(driver.asked() == std::vector<std::string>{"stop"});
        }
    }

    TEST_CASE("a command that comes before all is heard is not carried out") {
        BridgeDriver driver;
        driver.start();
        driver.broker_connects();
        driver.say("bambu2mqtt/p1/command/home_axes", "", false);
        driver.advance(5s);
        CHECK(driver.responses().empty());
    }

    TEST_CASE("control.allow decides what is offered and what is taken") {
        const auto platform = [](const BridgeDriver& driver, const std::string& key) {
            const auto components =
                driver.json("homeassistant/device/bambu2mqtt_" + p1s + "/config")["components"];
            return components.contains(key) ? components[key]["platform"].get<std::string>()
                                            : std::string{"nothing"};
        };
        BridgeDriver announced{{.policy = {.allow = ControlLevel::safe}}};
        announced.start();
        announced.broker_up();
        announced.go_live();
        CHECK(platform(announced, "chamber_light") == "light");
        CHECK(platform(announced, "chamber_light_readonly") == "nothing");
        CHECK(platform(announced, "bed_target_temperature") == "nothing");
        CHECK(platform(announced, "bed_target_temperature_readonly") == "sensor");
        CHECK(platform(announced, "pause") == "button");
        CHECK(platform(announced, "unload_filament") == "nothing");

        Live safe{idle, {.policy = {.allow = ControlLevel::safe}}};
        safe.set("bed_target_temperature", "60");
        CHECK(safe.outcome()["code"] == "not_allowed");
        Live none{idle, {.policy = {.allow = ControlLevel::none}}};
        none.set("chamber_light", "ON");
        CHECK(none.outcome()["code"] == "not_allowed");
        CHECK(none.asked().empty());
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
            R"({"command":"send_gcode","gcode":"M117"})"); // the topics are open, the commands are not
        CHECK(open.outcome()["code"] == "not_allowed");
    }

    TEST_CASE("a control shows what was asked for at most three seconds, then the printer's word") {
        Live driver{idle + R"(,"lights_report":[{"node":"chamber_light","mode":"off"}])"};
        CHECK(driver.state("chamber_light") == "OFF");
        driver.set("chamber_light", "ON");
        CHECK(driver.state("chamber_light") == "ON");
        driver.advance(2s);
        driver.report(partial(R"("lights_report":[{"node":"chamber_light","mode":"off"}])"));
        CHECK(driver.state("chamber_light") == "ON");
        driver.advance(1s);
        driver.advance(1s);
        CHECK(driver.state("chamber_light") == "OFF");
        CHECK(driver.outcome()["status"] == "unconfirmed");
        CHECK(driver.outcome()["command"] == "set_light_state");
    }

    TEST_CASE("a refused control is told its state again at once") {
        Live driver{idle + R"(,"bed_target_temper":0)"};
        driver.set("bed_target_temperature", "500");
        driver.advance(1s);
        CHECK(driver.sent("bambu2mqtt/p1/bed_target_temperature") == std::vector<std::string>{"0"});
        driver.forget_log();
        driver.set("bed_target_temperature", "60");
        driver.advance(1s);
        driver.answer("print", "gcode_line", driver.sequence(), R"("result":"fail")");
        driver.advance(1s);
        CHECK(driver.sent("bambu2mqtt/p1/bed_target_temperature") == std::vector<std::string>{"60", "0"});
    }

    TEST_CASE("a command that changes nothing has the state published again") {
        Live driver{idle + R"(,"bed_target_temper":60)"};
        driver.set("bed_target_temperature", "60");
        driver.answer("print", "gcode_line", driver.sequence());
        CHECK(driver.outcome()["status"] == "effective");
        driver.advance(2s);
        CHECK(driver.sent("bambu2mqtt/p1/bed_target_temperature") == std::vector<std::string>{"60"});
    }

    TEST_CASE("a fan that is switched on runs as before, or at full speed") {
        Live driver{idle + R"(,"cooling_fan_speed":"6")"};
        driver.set("part_fan", "ON");
        CHECK(driver.requests()[0]["print"]["param"] == "M106 P1 S102\n");
        driver.report(partial(R"("cooling_fan_speed":"6")"));
        driver.report(partial(R"("cooling_fan_speed":"0")"));
        driver.advance(3s);
        (void)driver.requests();
        driver.set("part_fan", "ON");
        CHECK(driver.requests()[0]["print"]["param"] == "M106 P1 S255\n");
        driver.set("part_fan", "OFF");
        CHECK(driver.requests()[0]["print"]["param"] == "M106 P1 S0\n");
        driver.set("part_fan", "24");
        CHECK(driver.requests()[0]["print"]["param"] == "M106 P1 S51\n");
    }

    TEST_CASE("a switch of a detector keeps its sensitivity, and the other way round") {
        // xcam.cfg: spaghetti on, level high
        Live driver{idle + R"(,"xcam":{"cfg":640,"spaghetti_detector":true},"fun":"40000000000")",
                    {.serials = {"09400A000000001"}}};
        REQUIRE(driver.state("spaghetti_sensitivity") == "high");
        driver.set("spaghetti_detection", "OFF");
        auto sent = driver.requests();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0]["xcam"]["halt_print_sensitivity"] == "high");
        CHECK(sent[0]["xcam"]["enable"] == false);
        driver.set("spaghetti_sensitivity", "low");
        sent = driver.requests();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0]["xcam"]["halt_print_sensitivity"] == "low");
        CHECK(sent[0]["xcam"]["enable"] == true);
    }

    TEST_CASE("controls that work only in some states say when") {
        Live driver;
        CHECK(driver.state("pause/availability") == "offline");
        CHECK(driver.state("home_axes/availability") == "online");
        driver.report(partial(R"("gcode_state":"RUNNING")"));
        driver.advance(2s);
        CHECK(driver.state("pause/availability") == "online");
        CHECK(driver.state("resume/availability") == "offline");
        CHECK(driver.state("home_axes/availability") == "offline");
        driver.report(partial(R"("gcode_state":"PAUSE")"));
        driver.advance(2s);
        CHECK(driver.state("pause/availability") == "offline");
        CHECK(driver.state("resume/availability") == "online");
    }

    TEST_CASE("without Developer Mode commands of print are refused, and their controls become twins") {
        Live driver{running + R"(,"fun":"20000000")"};
        const auto components =
            driver.json("homeassistant/device/bambu2mqtt_" + p1s + "/config")["components"];
        CHECK(components.contains("bed_target_temperature_readonly"));
        CHECK(!components.contains("bed_target_temperature"));
        CHECK(!components.contains("pause"));
        CHECK(components.contains("chamber_light"));
        driver.command(R"({"command":"pause_printing"})");
        CHECK(driver.outcome()["code"] == "developer_mode_required");
        CHECK(driver.requests().empty());
        driver.set("chamber_light", "ON");
        CHECK(driver.requests().size() == 1);
        driver.report(partial(R"("fun":"0")"));
        driver.advance(3s);
        CHECK(driver.json("homeassistant/device/bambu2mqtt_" + p1s + "/config")["components"].contains(
            "pause"));
        CHECK(driver.state("pause/availability") == "online");
    }

    TEST_CASE(
        "firmware that does not report fun is open until its first refusal, and again after a success") {
        Live driver{running};
        const auto has_pause = [&] {
            return driver.json("homeassistant/device/bambu2mqtt_" + p1s + "/config")["components"].contains(
                "pause");
        };
        CHECK(has_pause());
        driver.command(R"({"command":"pause_printing"})");
        driver.answer("print", "pause", driver.sequence(),
                      R"("result":"failed","reason":"mqtt message verify failed","err_code":84033543)");
        CHECK(driver.outcome()["code"] == "developer_mode_required");
        driver.advance(6s);
        CHECK(!has_pause());
        CHECK(driver.saved()["facts"]["signature"] == "suspected");
        driver.command(R"({"command":"pause_printing"})");
        driver.answer("print", "pause", driver.sequence());
        driver.report(partial(R"("gcode_state":"PAUSE")"));
        driver.advance(6s);
        CHECK(has_pause());
    }

    TEST_CASE("refresh asks within the model's budget, else answers from what is known") {
        Live driver; // a P1S: a full report at most every five minutes
        driver.command(R"({"command":"refresh"})");
        CHECK(driver.outcome()["status"] == "done");
        CHECK(driver.asked().empty());
        for (int i = 0; i < 10; ++i) {
            driver.advance(30s);
            driver.report(partial(R"("wifi_signal":"-50dBm")"));
        }
        driver.forget_log();
        (void)driver.asked();
        driver.set("refresh", "PRESS");
        CHECK(driver.asked() == std::vector<std::string>{"get_version", "pushall"});
        driver.report(full(idle));
        CHECK(driver.outcome()["status"] == "effective");
    }

    TEST_CASE("get_version answers with the modules") {
        Live driver;
        driver.command(R"({"command":"get_version"})");
        CHECK(driver.asked() == std::vector<std::string>{"get_version"});
        driver.report(version());
        CHECK(driver.outcome()["status"] == "accepted");
        CHECK(driver.outcome()["data"][0]["name"] == "ota");
        CHECK(driver.outcome()["data"][0]["sw_ver"] == "01.08.01.00");
    }

    TEST_CASE("get_state answers with all that is known, also while the printer is away") {
        Live driver;
        driver.printer_down();
        driver.forget_log();
        driver.command(R"({"command":"get_state"})");
        const auto data = driver.outcome()["data"];
        CHECK(data["report"]["gcode_state"] == "IDLE");
        CHECK(!data["report"].contains("gateway"));
        CHECK(data["entities"]["bed_temperature"] == 22);
        CHECK(data["files"].is_null());
        driver.forget_log();
        driver.command(R"({"command":"toJson"})");
        CHECK(driver.outcome()["data"]["entities"]["print_status"] == "idle");
    }

    TEST_CASE("pausing and quitting the session, and going on") {
        Live driver;
        driver.command(R"({"command":"pause_session"})");
        CHECK(driver.outcome()["status"] == "done");
        CHECK(driver.asked() == std::vector<std::string>{"ignore"});
        CHECK(driver.state("connection") == "paused");
        CHECK(driver.state("availability") == "offline");
        driver.advance(10min);
        CHECK(driver.asked().empty());
        driver.forget_log();
        driver.command(R"({"command":"home_axes"})");
        CHECK(driver.outcome()["code"] == "offline");
        driver.command(R"({"command":"resume_session"})");
        CHECK(driver.asked() == std::vector<std::string>{"hear", "get_version", "pushall"});
        driver.report(full(idle));
        driver.advance(2s);
        CHECK(driver.state("connection") == "connected");

        driver.command(R"({"command":"quit"})");
        CHECK(driver.asked() == std::vector<std::string>{"disconnect"});
        driver.advance(10min);
        CHECK(driver.asked().empty());
        CHECK(driver.state("connection") == "paused");
        driver.command(R"({"command":"start_session"})");
        CHECK(driver.asked() == std::vector<std::string>{"connect"});
        driver.go_live();
        CHECK(driver.state("connection") == "connected");
        (void)driver.asked();
        driver.command(R"({"command":"start_session"})"); // nothing to do
        CHECK(driver.asked().empty());
    }

    TEST_CASE("a printer that is lost while the session is paused stays paused") {
        Live driver;
        driver.command(R"({"command":"pause_session"})");
        driver.printer_down();
        driver.advance(10min);
        CHECK(driver.asked() == std::vector<std::string>{"ignore"});
        CHECK(driver.state("connection") == "paused");
        driver.command(R"({"command":"start_session"})");
        CHECK(driver.asked() == std::vector<std::string>{"connect"});
    }

    TEST_CASE("a chamber temperature can be handed in where there is no sensor") {
        Live driver;
        driver.command(R"({"command":"set_chamber_temp","value":31.4})");
        CHECK(driver.outcome()["status"] == "done");
        driver.advance(2s);
        CHECK(driver.state("chamber_temperature") == "31");
        CHECK(driver.json("bambu2mqtt/p1/chamber_temperature/attributes")["source"] == "external");
        Live sensor{idle, {.serials = {x1c}}};
        sensor.command(R"({"command":"set_chamber_temp","value":31})");
        CHECK(sensor.outcome()["code"] == "not_supported");
    }

    TEST_CASE("an absent unit can be forgotten, one that is there cannot") {
        Live driver{idle + "," + one_ams};
        driver.command(R"({"command":"forget","unit":"ams_1"})");
        CHECK(driver.outcome()["code"] == "conflict");
        driver.report(full(idle + "," + no_ams));
        driver.advance(2s);
        CHECK(driver.state("ams_1_humidity_index") != "(nothing)");
        driver.forget_log();
        driver.command(R"({"command":"forget","unit":"ams_1"})");
        CHECK(driver.outcome()["status"] == "done");
        driver.advance(3s);
        CHECK(driver.state("ams_1_humidity_index") == "(nothing)");
        CHECK(driver.retained("homeassistant/device/bambu2mqtt_" + p1s + "_ams_1/config") == "(nothing)");
    }

    TEST_CASE("a certificate is trusted by its fingerprint") {
        Live driver;
        driver.printer_down(LinkFailure::tls_untrusted, "another certificate");
        driver.forget_log();
        const std::string digits(62, 'a');
        driver.command(R"({"command":"trust_certificate","fingerprint":"0f)" + digits + R"("})");
        REQUIRE(driver.trusts().size() == 1);
        CHECK(driver.trusts()[0].fingerprint.starts_with("0F:AA:AA"));
        CHECK(driver.trusts()[0].fingerprint.size() == 95);
        CHECK(driver.responses().empty());
        (void)driver.asked();
        driver.give(0, TrustDone{driver.trusts()[0].ticket, ""});
        CHECK(driver.outcome()["status"] == "done");
        CHECK(driver.asked() == std::vector<std::string>{"connect"});
    }

    TEST_CASE("reports flow and commands die: the session is made anew, and nothing is sent again") {
        Live driver{running};
        const auto report = [&] { driver.report(partial(R"("wifi_signal":"-50dBm")")); };
        driver.command(R"({"command":"pause_printing"})");
        for (int i = 0; i < 5; ++i) {
            driver.advance(2s);
            report();
        }
        CHECK(driver.outcome()["status"] == "unconfirmed");
        CHECK(driver.asked() == std::vector<std::string>{"pause", "get_version"}); // the harmless question
        for (int i = 0; i < 5; ++i) {
            driver.advance(2s);
            report();
        }
        CHECK(driver.asked() == std::vector<std::string>{"disconnect", "connect"});
        CHECK(driver.state("connection") == "connected"); // nothing is shown of it
        driver.go_live(running);
        CHECK(driver.asked().front() == "get_version");
        CHECK(driver.sent("bambu2mqtt/p1/availability").empty());
        CHECK(driver.sent("bambu2mqtt/p1/event").empty());
    }

    TEST_CASE("a printer that answers the harmless question is not half open") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing"})");
        driver.advance(10s);
        CHECK(driver.asked() == std::vector<std::string>{"pause", "get_version"});
        driver.report(version());
        driver.advance(30s);
        CHECK(driver.asked().empty());
    }

    TEST_CASE("a recycled session that does not come back is shown as lost") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing"})");
        for (int i = 0; i < 10; ++i) {
            driver.advance(2s);
            driver.report(partial(R"("wifi_signal":"-50dBm")"));
        }
        driver.printer_down(LinkFailure::unreachable);
        driver.advance(2s);
        CHECK(driver.state("connection") == "unreachable");
        CHECK(driver.state("availability") == "offline");
    }

    TEST_CASE("a P1's session is made anew after a few commands, when nothing is going on") {
        Live driver{running};
        const auto live_on = [&](std::chrono::seconds time) {
            for (auto passed = 0s; passed < time; passed += 10s) {
                driver.advance(10s);
                driver.report(partial(R"("wifi_signal":"-50dBm")"));
            }
        };
        for (int i = 0; i < 4; ++i) {
            driver.command(R"({"command":"get_version"})");
            driver.report(version());
        }
        live_on(60s);
        auto asked = driver.asked();
        CHECK(std::ranges::count(asked, "disconnect") == 0); // a job runs
        driver.report(partial(R"("gcode_state":"FINISH")"));
        live_on(60s);
        asked = driver.asked();
        CHECK(std::ranges::count(asked, "disconnect") == 1);
        driver.go_live();
        live_on(120s);
        asked = driver.asked();
        CHECK(std::ranges::count(asked, "disconnect") == 0);

        Live x1{idle, {.serials = {x1c}}};
        for (int i = 0; i < 20; ++i) {
            x1.command(R"({"command":"get_version"})");
            x1.report(version(""));
        }
        for (int i = 0; i < 60; ++i) {
            x1.advance(1s);
            x1.report(full(idle));
        }
        asked = x1.asked();
        CHECK(std::ranges::count(asked, "disconnect") == 0);
    }

    TEST_CASE("when the gateway stops every command ends") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing","request_id":"p"})");
        driver.say_goodbye();
        driver.turn();
        CHECK(driver.outcome()["status"] == "unconfirmed");
        CHECK(driver.outcome()["message"] == "the gateway is being stopped");
    }
}
