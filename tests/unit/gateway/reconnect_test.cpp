// Reconnecting because a session no longer carries commands.
#include "unit/gateway/live_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

TEST_SUITE("gateway/reconnect") {
    TEST_CASE(
        "reports arrive but commands are not answered: the gateway reconnects, and nothing is sent again") {
        Live driver{running};
        const auto report = [&] { driver.report(partial(R"("wifi_signal":"-50dBm")")); };
        driver.command(R"({"command":"pause_printing"})");
        for (int i = 0; i < 5; ++i) {
            driver.advance(2s);
            report();
        }
        CHECK(driver.outcome()["status"] == "unconfirmed");
        CHECK(driver.asked() == std::vector<std::string>{"pause", "get_version"}); // the harmless request
        for (int i = 0; i < 5; ++i) {
            driver.advance(2s);
            report();
        }
        CHECK(driver.asked() == std::vector<std::string>{"disconnect", "connect"});
        CHECK(driver.state("connection") == "connected"); // nothing of this is published
        driver.go_live(running);
        CHECK(driver.asked().front() == "get_version");
        CHECK(driver.sent("bambu2mqtt/p1/availability").empty());
        CHECK(driver.sent("bambu2mqtt/p1/event").empty());
    }

    TEST_CASE("a printer that answers the harmless request is not half open") {
        Live driver{running};
        driver.command(R"({"command":"pause_printing"})");
        driver.advance(10s);
        CHECK(driver.asked() == std::vector<std::string>{"pause", "get_version"});
        driver.report(version());
        driver.advance(30s);
        CHECK(driver.asked().empty());
    }

    TEST_CASE("a session paused after commands waits for nothing and delays nothing") {
        const auto rests = [](Live& driver) {
            driver.command(R"({"command":"pause_session"})");
            (void)driver.asked();
            driver.advance(10min);
            CHECK(driver.asked().empty());
            CHECK(driver.state("connection") == "paused");
        };
        Live over_budget{idle};
        for (int i = 0; i < 4; ++i) {
            over_budget.command(R"({"command":"get_version"})");
            over_budget.report(version());
        }
        rests(over_budget);
        Live unanswered{running};
        unanswered.command(R"({"command":"pause_printing"})");
        unanswered.advance(10s);
        rests(unanswered);
    }

    TEST_CASE("a session that is not restored after a planned reconnect is shown as lost") {
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

    TEST_CASE("the gateway reconnects to a P1 after a few commands, while it is idle") {
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
}
