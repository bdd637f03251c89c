// An exception while handling one printer affects only this printer's session.
#include "unit/gateway/bridge_driver.hpp"

#include <stdexcept>

namespace bambu2mqtt::test {

namespace {

struct Thrower {
    operator ReportArrived() const { throw std::runtime_error("thrown by the test"); } // NOLINT
};

/// An event whose body cannot be visited: handling it throws.
EventBody poison() {
    EventBody body;
    try {
        body.emplace<ReportArrived>(Thrower{});
    } catch (const std::runtime_error&) {
    }
    REQUIRE(body.valueless_by_exception());
    return body;
}

std::size_t rebuilds(const BridgeDriver& driver, const std::string& printer) {
    return static_cast<std::size_t>(std::ranges::count_if(driver.notes(), [&](const LogLine& note) {
        return note.source == printer && note.level == Level::error &&
               note.text.find("internal error") != std::string::npos;
    }));
}

} // namespace

TEST_SUITE("exceptions in a printer's session") {
    TEST_CASE(
        "the message is dropped, the session is rebuilt and connects, the other printer is not affected") {
        BridgeDriver driver{{.serials = {p1s, x1c}}};
        driver.start();
        driver.broker_up();
        driver.go_live(idle, 0);
        driver.go_live(idle, 1);
        driver.advance(10s);
        REQUIRE(driver.state("availability") == "online");
        REQUIRE(driver.state("nozzle_temperature") == "25");
        (void)driver.asked(0);
        (void)driver.asked(1);
        driver.forget_log();

        driver.give(0, poison());
        driver.advance(2s);
        CHECK(rebuilds(driver, "p1") == 1);
        CHECK(driver.bridge().health().internal_errors() == 1);
        CHECK(driver.json("bambu2mqtt/bridge/health")["internal_errors"] == 1);
        CHECK(driver.asked(0) == std::vector<std::string>{"disconnect", "connect"});
        CHECK(driver.state("availability") == "offline");
        CHECK(driver.state("connection") == "connecting");
        CHECK(driver.state("nozzle_temperature") == "25"); // until a newer value is known
        CHECK(driver.asked(1).empty());
        for (const auto& message : driver.log()) {
            CHECK(message.topic.find("/p2") == std::string::npos);
        }

        // It keeps the learned facts, and works.
        CHECK(driver.bridge().session(0).printer().facts().firmware == "01.08.01.00");
        driver.printer_up(0);
        driver.report(version(), 0);
        driver.report(full(R"("gcode_state":"IDLE","nozzle_temper":31.0,"bed_temper":22.0)"), 0);
        driver.advance(3s);
        CHECK(driver.state("availability") == "online");
        CHECK(driver.state("nozzle_temperature") == "31");
        driver.report(partial(R"("nozzle_temper":40.0)"), 1);
        driver.advance(3s);
        CHECK(driver.retained("bambu2mqtt/p2/nozzle_temperature") == "40");
        CHECK(driver.retained("bambu2mqtt/p2/availability") == "online");
    }

    TEST_CASE("retained topics of the failed session are removed when the printer no longer has them") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live(idle + "," + one_ams);
        driver.advance(10s);
        const auto before = driver.standing();
        driver.give(0, poison());
        driver.go_live(idle + "," + one_ams);
        driver.advance(10s);
        std::size_t compared = 0;
        for (const auto& message : before) { // no binding: doctest's lambdas could not name it with Clang 14
            const auto& topic = message.first;
            CAPTURE(topic);
            CHECK(driver.standing().contains(topic));
            ++compared;
        }
        CHECK(compared > 20);
        CHECK(driver.standing().size() == before.size());
    }

    TEST_CASE("a running command ends with an outcome, and its id is not executed again") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.forget_log();
        const std::string heat = R"({"command":"set_bed_temp_target","value":60,"request_id":"r1"})";
        driver.command(heat);
        REQUIRE(driver.responses().empty());
        driver.give(0, poison());
        driver.advance(1s);
        REQUIRE(driver.responses().size() == 1);
        CHECK(driver.responses()[0]["status"] == "unconfirmed");
        CHECK(driver.responses()[0]["message"].get<std::string>().find("rebuilt") != std::string::npos);
        driver.go_live();
        (void)driver.requests();
        driver.command(heat);
        CHECK(driver.requests().empty());
        CHECK(driver.responses().size() == 2);
    }

    TEST_CASE("a session that fails repeatedly is rebuilt with growing delays, and is offline meanwhile") {
        BridgeDriver driver{{.serials = {p1s, x1c}}};
        driver.start();
        driver.broker_up();
        driver.go_live(idle, 1);
        for (int i = 0; i < 600; ++i) {
            driver.give(0, poison());
            driver.advance(1s);
            CHECK(driver.state("availability") == "offline");
        }
        CHECK(rebuilds(driver, "p1") <= 35);
        CHECK(rebuilds(driver, "p1") >= 15);
        CHECK(driver.bridge().health().internal_errors() == rebuilds(driver, "p1"));
        CHECK(driver.retained("bambu2mqtt/p2/availability") != "(nothing)");
        // After a minute without failures the next one is repaired immediately.
        driver.advance(2min);
        driver.go_live(idle, 0);
        CHECK(driver.state("availability") == "online");
        (void)driver.asked(0);
        driver.give(0, poison());
        driver.turn();
        CHECK(driver.asked(0) == std::vector<std::string>{"disconnect", "connect"});
    }

    TEST_CASE("a failure during a broker outage is repaired, and the printer is published afterwards") {
        BridgeDriver driver;
        driver.start();
        driver.give(0, poison());
        driver.give(0, poison()); // waits when the broker connects
        driver.broker_up();
        driver.advance(5s);
        driver.go_live();
        driver.advance(3s);
        CHECK(driver.state("availability") == "online");
        CHECK(driver.state("nozzle_temperature") == "25");
    }

    TEST_CASE("a broker message that cannot be handled is dropped, and the gateway continues") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.give(broker_target, poison());
        CHECK(driver.bridge().health().internal_errors() == 1);
        CHECK(driver.count_notes(Level::error, "broker") == 1);
        driver.report(partial(R"("nozzle_temper":77.0)"));
        driver.advance(2s);
        CHECK(driver.state("nozzle_temperature") == "77");
        driver.give(17, PrinterUp{}); // no such printer
    }
}

} // namespace bambu2mqtt::test
