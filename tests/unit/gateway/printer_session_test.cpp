// One printer on the broker: what is published and when, and what is kept.
#include "unit/gateway/bridge_driver.hpp"

#include <set>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

/// State saved by an earlier run for a printer that was live with these members.
Json remembered(const std::string& members) {
    BridgeDriver driver;
    driver.start();
    driver.broker_up();
    driver.go_live(members);
    return Json::parse(driver.bridge().session(0).save());
}

/// Components in the printer's own discovery message.
std::set<std::string> announced(const BridgeDriver& driver) {
    std::set<std::string> keys;
    const auto message = driver.json("homeassistant/device/bambu2mqtt_" + p1s + "/config");
    for (const auto& item : message["components"].items()) {
        keys.insert(item.key());
    }
    return keys;
}

} // namespace

TEST_SUITE("gateway/printer_session") {
    TEST_CASE("an unknown printer: only the gateway's own entities, and the reason for being offline") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        CHECK(announced(driver) == std::set<std::string>{"connection", "last_command"});
        CHECK(driver.json("homeassistant/device/bambu2mqtt_bambu2mqtt/config").is_object());
        CHECK(driver.state("connection") == "connecting");
        CHECK(driver.state("last_command") == "None");
        CHECK(driver.state("availability") == "offline");

        driver.advance(10s);
        driver.printer_down(LinkFailure::unreachable, "no route to host");
        driver.advance(2s);
        CHECK(driver.state("connection") == "unreachable");
        auto attributes = driver.json("bambu2mqtt/p1/connection/attributes");
        CHECK(attributes["since"] == rfc3339(driver.now().wall - 2s));
        CHECK(attributes["error"] == "no route to host");
        CHECK(attributes["hint"].get<std::string>().find("host") != std::string::npos);
        CHECK(announced(driver) == std::set<std::string>{"connection", "last_command"});
        CHECK(driver.state("availability") == "offline");
    }

    TEST_CASE("an outage of any length causes two log lines") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        for (int i = 0; i < 1000; ++i) {
            driver.printer_down(LinkFailure::unreachable, "attempt " + std::to_string(i));
            driver.advance(38s);
        }
        CHECK(driver.count_notes(Level::warning, "p1") == 1);
        CHECK(driver.count_notes(Level::info, "p1") == 0);
        driver.go_live();
        CHECK(driver.count_notes(Level::info, "p1") == 1);
        driver.printer_down();
        CHECK(driver.count_notes(Level::warning, "p1") == 2);
        CHECK(driver.notes().size() == 4); // and one of the broker
    }

    TEST_CASE("the start of an outage stays while its reason changes; another state has a new start") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.printer_down(LinkFailure::unreachable, "timed out");
        driver.advance(20s);
        driver.printer_down(LinkFailure::unreachable, "refused");
        driver.advance(20s);
        const auto attributes = driver.json("bambu2mqtt/p1/connection/attributes");
        CHECK(attributes["error"] == "refused");
        CHECK(attributes["since"] == rfc3339(driver.now().wall - 40s));
        driver.go_live();
        CHECK(driver.json("bambu2mqtt/p1/connection/attributes").dump() ==
              R"({"since":")" + rfc3339(driver.now().wall - 3s) +
                  R"(","error":null,"hint":null,"fingerprint":null})");
    }

    TEST_CASE("None until the printer has reported a value, and never a default") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live(R"("gcode_state":"IDLE","bed_temper":22.0)");
        CHECK(driver.state("bed_temperature") == "22");
        CHECK(driver.state("nozzle_temperature") == "None");
        CHECK(driver.state("bed_target_temperature") == "None");
        CHECK(driver.state("print_progress") == "None");
        driver.report(partial(R"("nozzle_temper":25.0)"));
        CHECK(driver.state("nozzle_temperature") == "25");
        CHECK(driver.sent("bambu2mqtt/p1/nozzle_temperature") == std::vector<std::string>{"None", "25"});
        for (const auto& [topic, payload] : driver.standing()) {
            CHECK(!payload.empty());
        }
        // Every state in discovery has a retained message.
        const auto message = driver.json("homeassistant/device/bambu2mqtt_" + p1s + "/config");
        for (const auto& component : message["components"].items()) {
            INFO("component: ", component.key());
            const auto platform = component.value()["platform"].get<std::string>();
            if (platform != "button" && platform != "event" && platform != "device_automation") {
                CHECK(driver.retained(component.value()["state_topic"].get<std::string>()) != "(nothing)");
            }
        }
    }

    TEST_CASE("offline at the start: discovery is published, and states of earlier runs stay") {
        BridgeDriver driver{{.saved = {remembered(idle + "," + one_ams)}}};
        driver.start({{"bambu2mqtt/p1/bed_temperature", "60"},
                      {"bambu2mqtt/p1/ams_1_tray_1_type", "PETG"},
                      {"bambu2mqtt/p1/connection", "connected"},
                      {"bambu2mqtt/p1/availability", "online"}});
        driver.report(version()); // has no states
        driver.broker_up();
        CHECK(announced(driver).contains("bed_temperature"));
        CHECK(driver.json("homeassistant/device/bambu2mqtt_" + p1s + "_ams_1/config").is_object());
        CHECK(driver.state("availability") == "offline");
        CHECK(driver.state("connection") == "connecting");
        CHECK(driver.state("bed_temperature") == "60");
        CHECK(driver.state("ams_1_tray_1_type") == "PETG");
        CHECK(driver.sent("bambu2mqtt/p1/bed_temperature").empty());
        CHECK(driver.state("nozzle_temperature") == "None");
        CHECK(driver.state("total_usage") == "0");

        // Now it reports: what it no longer reports is unknown.
        driver.go_live(R"("gcode_state":"IDLE","nozzle_temper":30)");
        CHECK(driver.state("nozzle_temperature") == "30");
        CHECK(driver.state("bed_temperature") == "None");
        CHECK(driver.state("availability") == "online");
    }

    TEST_CASE("a broker that lost its data gets the states of an offline printer as None") {
        BridgeDriver driver{{.saved = {remembered(idle)}}};
        driver.start({{"bambu2mqtt/p1/bed_temperature", "60"}});
        driver.broker_up();
        CHECK(driver.state("bed_temperature") == "60");
        driver.broker_down();
        driver.lose_store();
        driver.advance(5s);
        driver.broker_up();
        CHECK(driver.state("bed_temperature") == "None");
        CHECK(driver.state("availability") == "offline");
    }

    TEST_CASE("the states of a remembered, unplugged unit have discovery messages and stay") {
        BridgeDriver earlier;
        earlier.start();
        earlier.broker_up();
        earlier.go_live(idle + "," + one_ams);
        earlier.report(full(idle + "," + no_ams));
        BridgeDriver driver{{.saved = {Json::parse(earlier.bridge().session(0).save())}}};
        driver.start({{"bambu2mqtt/p1/ams_1_tray_1_type", "PETG"}});
        driver.broker_up();
        driver.go_live(idle + "," + no_ams);
        driver.advance(130s);
        CHECK(driver.state("ams_1/availability") == "offline");
        CHECK(driver.state("ams_1_tray_1_type") == "PETG");
        CHECK(driver.state("ams_1_tray_2_type") == "None");
    }

    TEST_CASE("after a printer's reconnect only differences are sent") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.printer_down();
        driver.advance(1500ms);
        CHECK(driver.state("availability") == "offline");
        driver.forget_log();
        driver.printer_up();
        driver.report(version());
        driver.report(full(
            R"("gcode_state":"IDLE","nozzle_temper":26.0,"bed_temper":22.0,"wifi_signal":"-50dBm","spd_lvl":2)"));
        driver.advance(5s);
        CHECK(driver.sent("bambu2mqtt/p1/nozzle_temperature") == std::vector<std::string>{"26"});
        CHECK(driver.sent("bambu2mqtt/p1/availability") == std::vector<std::string>{"online"});
        CHECK(driver.sent("bambu2mqtt/p1/connection") == std::vector<std::string>{"connected"});
        CHECK(driver.sent("bambu2mqtt/p1/event").size() == 1);
        CHECK(driver.sent("bambu2mqtt/p1/event/printer_online").size() == 1);
        CHECK(driver.sent("bambu2mqtt/bridge/devices").size() == 1);
        CHECK(driver.log().size() == 7); // and the connection's attributes
        CHECK(driver.place("bambu2mqtt/p1/nozzle_temperature") < driver.place("bambu2mqtt/p1/availability"));
    }

    TEST_CASE("a topic may change twice immediately, then once a second, and a reverted change is not sent") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.forget_log();
        for (int i = 0; i < 100; ++i) {
            driver.report(partial(R"("mc_percent":)" + std::to_string(i)));
            driver.advance(100ms);
        }
        driver.advance(1s);
        const auto progress = driver.sent("bambu2mqtt/p1/print_progress");
        CHECK(progress.size() <= 12);
        CHECK(progress.size() >= 9);
        CHECK(progress.front() == "0");
        CHECK(progress.back() == "99");
        driver.forget_log();
        driver.report(partial(R"("spd_lvl":3)"));
        driver.report(partial(R"("spd_lvl":4)")); // these two are already in flight
        driver.report(partial(R"("spd_lvl":3)"));
        driver.report(partial(R"("spd_lvl":4)"));
        driver.advance(5s);
        CHECK(driver.sent("bambu2mqtt/p1/print_speed").size() == 2);
    }

    TEST_CASE("signal strength within 5 dBm is published once a minute, larger changes sooner") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.advance(60s);
        driver.forget_log();
        for (int i = 0; i < 120; ++i) {
            driver.report(partial(i % 2 == 0 ? R"("wifi_signal":"-53dBm")" : R"("wifi_signal":"-51dBm")"));
            driver.advance(1s);
        }
        CHECK(driver.sent("bambu2mqtt/p1/wifi_signal").size() <= 3);
        CHECK(driver.sent("bambu2mqtt/p1/wifi_signal").size() >= 1);
        driver.advance(1s);
        driver.report(partial(R"("wifi_signal":"-70dBm")"));
        driver.advance(1s);
        CHECK(driver.state("wifi_signal") == "-70");
    }

    TEST_CASE("a temperature between two degrees does not flap") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.report(partial(R"("bed_temper":60.4)"));
        driver.advance(2s);
        driver.forget_log();
        for (int i = 0; i < 60; ++i) {
            driver.report(partial(i % 2 == 0 ? R"("bed_temper":60.6)" : R"("bed_temper":60.4)"));
            driver.advance(2s);
        }
        CHECK(driver.sent("bambu2mqtt/p1/bed_temperature").empty());
        driver.report(partial(R"("bed_temper":60.8)"));
        driver.advance(2s);
        CHECK(driver.state("bed_temperature") == "61");
    }

    TEST_CASE("learned facts are saved within seconds, at any time") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.advance(10s);
        REQUIRE(driver.saved().is_object());
        CHECK(driver.saved()["facts"]["units"].empty());
        for (int i = 0; i < 10; ++i) { // usage hours wait to be saved, every ten minutes
            driver.advance(20s);
            driver.report(partial(R"("mc_percent":1)"));
        }
        driver.report(full(idle + "," + one_ams));
        driver.advance(10s);
        CHECK(driver.saved()["facts"]["units"].size() == 1);
    }

    TEST_CASE("facts, hours and the start of the running job survive a restart, also after a crash") {
        BridgeDriver first{{.usage_hours = 100}};
        first.start();
        first.broker_up();
        first.go_live(R"("gcode_state":"IDLE","subtask_name":"clip")");
        first.report(partial(R"("gcode_state":"RUNNING","subtask_name":"clip","mc_remaining_time":90)"));
        first.advance(10s);
        const auto start = first.state("start_time");
        CHECK(start != "None");
        CHECK(first.saved()["clock"]["start"] == start); // no regular shutdown
        for (int i = 0; i < 180; ++i) {
            first.advance(20s);
            first.report(partial(R"("mc_percent":)" + std::to_string(i / 2)));
        }
        first.advance(2s);
        CHECK(first.state("total_usage") == "101");

        BridgeDriver second{{.saved = {Json::parse(first.bridge().session(0).save())}, .usage_hours = 100}};
        second.start();
        second.broker_up();
        CHECK(second.state("total_usage") == "101");
        CHECK(announced(second).contains("bed_temperature"));
        second.go_live(R"("gcode_state":"RUNNING","subtask_name":"clip","mc_remaining_time":30)");
        CHECK(second.state("start_time") == start);
        CHECK(second.bridge().session(0).printer().facts() == first.bridge().session(0).printer().facts());

        BridgeDriver strange{{.saved = {Json{{"facts", 7}, {"clock", "x"}}}}};
        strange.start();
        strange.broker_up();
        CHECK(announced(strange) == std::set<std::string>{"connection", "last_command"});
    }

    TEST_CASE("lost reports cause a request for the full state, and are logged") {
        BridgeDriver driver{{.serials = {x1c}}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        (void)driver.asked();
        driver.advance(20s);
        driver.report(full(idle));
        driver.give(0, ReportsLost{});
        driver.advance(6s);
        CHECK(driver.asked().empty()); // the one after the connect was 29 s ago
        driver.advance(1s);
        CHECK(driver.asked() == std::vector<std::string>{"pushall"});
        CHECK(driver.count_notes(Level::warning, "p1") == 1);
        for (int i = 0; i < 1000; ++i) { // a continuous flood
            driver.report(partial(R"("wifi_signal":"-50dBm")"));
            driver.give(0, ReportsLost{});
            driver.advance(100ms);
        }
        CHECK(driver.count_notes(Level::warning, "p1") == 1);
        const auto asked = driver.asked();
        CHECK(std::ranges::count(asked, "pushall") >= 2);
    }

    TEST_CASE("invalid messages change nothing") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        const auto before = driver.standing();
        for (const auto* const text :
             {"", "[]", "{", "nonsense", "{}", R"({"print":7})", R"({"print":{"command":"gcode_line"}})"}) {
            driver.report(text);
        }
        driver.advance(5s);
        CHECK(driver.standing() == before);
        CHECK(driver.count_notes(Level::warning, "p1") == 0);
    }

    TEST_CASE("the 180 s of silence apply to a job that starts, not to one found running") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live(R"("gcode_state":"RUNNING")");
        driver.advance(118s);
        CHECK(driver.state("connection") == "stale");
        CHECK(driver.state("availability") == "offline");

        BridgeDriver other;
        other.start();
        other.broker_up();
        other.go_live();
        other.report(partial(R"("gcode_state":"PREPARE")"));
        other.advance(179s);
        CHECK(other.state("connection") == "connected");
        other.advance(2s);
        CHECK(other.state("connection") == "stale");

        BridgeDriver cancelled;
        cancelled.start();
        cancelled.broker_up();
        cancelled.go_live();
        cancelled.report(partial(R"("gcode_state":"PREPARE")"));
        cancelled.report(partial(R"("gcode_state":"FAILED")"));
        cancelled.advance(93s);
        CHECK(cancelled.state("connection") != "connected");
    }

    TEST_CASE("an idle P1 that only answers stays connected") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        (void)driver.asked();
        for (int i = 0; i < 10; ++i) {
            driver.advance(62s);
            CHECK(driver.asked() == std::vector<std::string>{"get_version"});
            driver.report(version());
        }
        CHECK(driver.state("connection") == "connected");
    }
}
