// Commands that the gateway executes itself.
#include "unit/gateway/live_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

TEST_SUITE("gateway/local_actions") {
    TEST_CASE("refresh polls within the model's limit, else returns the known state") {
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

    TEST_CASE("get_version returns the modules") {
        Live driver;
        driver.command(R"({"command":"get_version"})");
        CHECK(driver.asked() == std::vector<std::string>{"get_version"});
        driver.report(version());
        CHECK(driver.outcome()["status"] == "accepted");
        CHECK(driver.outcome()["data"][0]["name"] == "ota");
        CHECK(driver.outcome()["data"][0]["sw_ver"] == "01.08.01.00");
    }

    TEST_CASE("get_state returns the known state, also while the printer is offline") {
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

    TEST_CASE("pausing and closing the session, and resuming it") {
        Live driver;
        driver.command(R"({"command":"pause_session"})");
        CHECK(driver.outcome()["status"] == "done");
        CHECK(driver.asked() == std::vector<std::string>{"unsubscribe"});
        CHECK(driver.state("connection") == "paused");
        CHECK(driver.state("availability") == "offline");
        driver.advance(10min);
        CHECK(driver.asked().empty());
        driver.forget_log();
        driver.command(R"({"command":"home_axes"})");
        CHECK(driver.outcome()["code"] == "offline");
        driver.command(R"({"command":"resume_session"})");
        CHECK(driver.asked() == std::vector<std::string>{"subscribe", "get_version", "pushall"});
        driver.report(full(idle));
        driver.advance(2s);
        CHECK(driver.state("connection") == "connected");

        driver.command(R"({"command":"quit"})");
        CHECK(driver.asked() == std::vector<std::string>{"disconnect"});
        driver.advance(10min);
        CHECK(driver.asked().empty());
        CHECK(driver.state("connection") == "paused");
        driver.forget_log();
        driver.command(R"({"command":"resume_session"})"); // a closed session is not just paused
        CHECK(driver.outcome()["code"] == "conflict");
        CHECK(driver.asked().empty());
        driver.command(R"({"command":"start_session"})");
        CHECK(driver.asked() == std::vector<std::string>{"connect"});
        driver.go_live();
        CHECK(driver.state("connection") == "connected");
        (void)driver.asked();
        driver.command(R"({"command":"start_session"})"); // nothing to do
        CHECK(driver.asked().empty());
    }

    TEST_CASE("a session closed with quit stays closed after a restart") {
        Live driver;
        driver.command(R"({"command":"quit"})");
        driver.advance(1s);
        BridgeDriver later{{.saved = {driver.saved(0)}}};
        later.start();
        later.broker_up();
        later.advance(10min);
        CHECK(later.asked().empty());
        CHECK(later.state("connection") == "paused");
        CHECK(later.state("availability") == "offline");
        later.command(R"({"command":"resume_session"})");
        CHECK(later.responses().back()["code"] == "conflict");
        later.command(R"({"command":"start_session"})");
        CHECK(later.asked() == std::vector<std::string>{"connect"});
        later.advance(1s);
        CHECK_FALSE(later.saved(0).contains("closed"));
    }

    TEST_CASE("events during a pause are published late, after resuming") {
        Live driver{R"("gcode_state":"RUNNING","subtask_name":"one")"};
        driver.command(R"({"command":"pause_session"})");
        driver.command(R"({"command":"resume_session"})");
        driver.report(full(R"("gcode_state":"RUNNING","subtask_name":"two")"));
        driver.advance(5s);
        std::vector<std::string> types;
        for (const auto& payload : driver.sent("bambu2mqtt/p1/event")) {
            const auto event = Json::parse(payload);
            types.push_back(event["event_type"]);
            CHECK(event["observed"] == "late");
        }
        CHECK(types == std::vector<std::string>{"print_canceled", "print_started"});
    }

    TEST_CASE("a printer that goes offline while the session is paused stays paused") {
        Live driver;
        driver.command(R"({"command":"pause_session"})");
        driver.printer_down();
        driver.advance(10min);
        CHECK(driver.asked() == std::vector<std::string>{"unsubscribe"});
        CHECK(driver.state("connection") == "paused");
        driver.command(R"({"command":"start_session"})");
        CHECK(driver.asked() == std::vector<std::string>{"connect"});
    }

    TEST_CASE("an external chamber temperature can be set where there is no sensor") {
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

    TEST_CASE("an absent unit can be forgotten, a present one cannot") {
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
        Live driver{idle, {.policy = {.trust_commands = true}}};
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
}
