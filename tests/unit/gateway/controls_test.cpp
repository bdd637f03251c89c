// Controls through the whole session: when they are offered, their requests, their optimistic state.
#include "unit/gateway/live_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

TEST_SUITE("gateway/controls") {
    TEST_CASE("control.allow decides which controls are offered and accepted") {
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

    TEST_CASE("allow of a printer holds instead of control.allow, for this printer alone") {
        const auto platform_of_light = [](const BridgeDriver& driver, const std::string& serial) {
            const auto components =
                driver.json("homeassistant/device/bambu2mqtt_" + serial + "/config")["components"];
            return components.contains("chamber_light") ? "control" : "read only";
        };
        BridgeDriver driver{
            {.serials = {p1s, x1c}, .policy = {.allow = ControlLevel::safe}, .allow = {ControlLevel::none}}};
        driver.start();
        driver.broker_up();
        driver.go_live(idle, 0);
        driver.go_live(idle, 1);
        CHECK(platform_of_light(driver, p1s) == "read only");
        CHECK(platform_of_light(driver, x1c) == "control");
        (void)driver.asked(0);
        (void)driver.asked(1);
        driver.set("chamber_light", "ON");
        driver.say("bambu2mqtt/p2/chamber_light/set", "ON", false);
        driver.say("bambu2mqtt/p2/command", R"({"command":"home_axes"})", false);
        CHECK(driver.asked(0).empty());
        CHECK(driver.asked(1) == std::vector<std::string>{"ledctrl"});
        REQUIRE(driver.responses().size() == 1);
        CHECK(driver.responses()[0]["message"] == "allow of this printer forbids it");
        const auto of_other = driver.sent("bambu2mqtt/p2/response");
        REQUIRE(of_other.size() == 1);
        CHECK(Json::parse(of_other[0])["message"] == "control.allow forbids it");
    }

    TEST_CASE("a control shows an acknowledged value for at most three seconds, then the reported one") {
        Live driver{idle + R"(,"lights_report":[{"node":"chamber_light","mode":"off"}])"};
        CHECK(driver.state("chamber_light") == "OFF");
        driver.set("chamber_light", "ON");
        CHECK(driver.state("chamber_light") == "OFF"); // the printer may still refuse it
        driver.answer("system", "ledctrl", driver.sequence());
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

    TEST_CASE("a refused control publishes its state again immediately") {
        Live driver{idle + R"(,"bed_target_temper":0)"};
        driver.set("bed_target_temperature", "500");
        driver.advance(1s);
        CHECK(driver.sent("bambu2mqtt/p1/bed_target_temperature") == std::vector<std::string>{"0"});
        driver.forget_log();
        driver.set("bed_target_temperature", "60");
        driver.advance(1s);
        driver.answer("print", "gcode_line", driver.sequence(), R"("result":"fail")");
        driver.advance(1s);
        CHECK(driver.sent("bambu2mqtt/p1/bed_target_temperature") == std::vector<std::string>{"0"});
    }

    TEST_CASE("a value that the printer refuses is never shown, nor one that it does not answer") {
        const std::string bed = "bed_target_temperature";
        const std::string topic = "bambu2mqtt/p1/" + bed;
        Live silent{idle + R"(,"bed_target_temper":0)"};
        silent.set(bed, "60");
        silent.advance(10s);
        CHECK(silent.outcome()["status"] == "unconfirmed");
        for (const auto& payload : silent.sent(topic)) {
            CHECK(payload == "0");
        }

        // An acknowledged value stays shown while the next command is pending, which the printer then
        // refuses.
        Live driver{idle + R"(,"bed_target_temper":0)"};
        driver.set(bed, "70");
        driver.answer("print", "gcode_line", driver.sequence());
        driver.advance(1s);
        CHECK(driver.state(bed) == "70");
        driver.set(bed, "80");
        driver.advance(1s);
        CHECK(driver.state(bed) == "70");
        driver.answer("print", "gcode_line", driver.sequence(), R"("result":"fail")");
        driver.advance(2s);
        CHECK(driver.state(bed) == "0");
        for (const auto& payload : driver.sent(topic)) {
            CHECK(payload != "80");
        }
    }

    TEST_CASE("a command that changes nothing publishes the state again") {
        Live driver{idle + R"(,"bed_target_temper":60)"};
        driver.set("bed_target_temperature", "60");
        driver.answer("print", "gcode_line", driver.sequence());
        CHECK(driver.outcome()["status"] == "effective");
        driver.advance(2s);
        CHECK(driver.sent("bambu2mqtt/p1/bed_target_temperature") == std::vector<std::string>{"60"});
    }

    TEST_CASE("a fan that is switched on resumes its last speed, or full speed") {
        Live driver{idle + R"(,"cooling_fan_speed":"6")"};
        driver.set("part_fan", "ON");
        CHECK(driver.requests()[0]["print"]["param"] == "M106 P1 S102\n");
        driver.report(partial(R"("cooling_fan_speed":"6")"));
        driver.report(partial(R"("cooling_fan_speed":"0")"));
        driver.advance(3s);
        (void)driver.requests();
        driver.set("part_fan", "ON");
        CHECK(driver.requests()[0]["print"]["param"] == "M106 P1 S102\n"); // 40 %, as before it was off
        driver.advance(100ms); // values for one control are throttled
        driver.set("part_fan", "OFF");
        CHECK(driver.requests()[0]["print"]["param"] == "M106 P1 S0\n");
        driver.advance(100ms);
        driver.set("part_fan", "24");
        CHECK(driver.requests()[0]["print"]["param"] == "M106 P1 S51\n");
        driver.set("chamber_fan", "ON"); // never seen running
        CHECK(driver.requests()[0]["print"]["param"] == "M106 P3 S255\n");
    }

    TEST_CASE("the switch of a detector keeps its sensitivity, and vice versa") {
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

    TEST_CASE("controls that work only in some states have an availability") {
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

    TEST_CASE("without Developer Mode print commands are refused, and their controls become read-only") {
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

    TEST_CASE("firmware that reports a required signature only by an HMS message") {
        const std::string message = R"("hms":[{"attr":83887360,"code":65543}])";
        Live driver{running};
        const auto has_pause = [&] {
            return driver.json("homeassistant/device/bambu2mqtt_" + p1s + "/config")["components"].contains(
                "pause");
        };
        driver.command(R"({"command":"pause_printing","request_id":"a"})"); // not answered at all
        REQUIRE(driver.requests().size() == 1);
        driver.report(partial(message));
        CHECK(driver.outcome()["request_id"] == "a");
        CHECK(driver.outcome()["status"] == "refused");
        CHECK(driver.outcome()["code"] == "developer_mode_required");
        driver.advance(6s);
        CHECK(!has_pause());
        driver.forget_log();
        driver.command(R"({"command":"stop_printing"})");
        CHECK(driver.outcome()["code"] == "developer_mode_required");
        CHECK(driver.requests().empty());
        driver.set("chamber_light", "ON"); // another namespace
        CHECK(driver.requests().size() == 1);
        driver.report(partial(R"("hms":[])"));
        driver.advance(6s);
        CHECK(has_pause());
        (void)driver.asked();
        driver.command(R"({"command":"pause_printing"})");
        CHECK(driver.asked() == std::vector<std::string>{"pause"});
    }

    TEST_CASE("firmware without fun allows commands until the first refusal, and again after a success") {
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
}
