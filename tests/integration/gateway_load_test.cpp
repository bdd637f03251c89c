// Printers that burden the gateway: one floods, one hangs, one connects again and again.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;

namespace {

/// Until the next report, plus a second and an allowance for a busy machine. Waiting for a printer would take
/// longer.
constexpr auto at_once = 250ms + 1000ms + 1250ms;

std::size_t occurrences(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("a flooding printer does not slow down the others") {
    TestEnvironment env{{.models = {"X1C", "P1S", "H2D"}}};
    REQUIRE(env.start_gateway());
    REQUIRE(env.time_to_publish(1, 1));
    const auto report = env.fleet().with(0, [](auto& printer) { return printer.full_report(); });
    const std::jthread flood{[&](const std::stop_token& stop) {
        // 300 full reports a second, in batches as the driver sends them.
        auto next = std::chrono::steady_clock::now();
        while (!stop.stop_requested()) {
            for (int i = 0; i < 6; ++i) {
                env.fleet().driver().send(0, report);
            }
            next += 20ms;
            std::this_thread::sleep_until(next);
        }
    }};
    const auto begin = env.fleet().driver().traffic().reports;
    for (int percent = 2; percent < 5; ++percent) {
        const auto needed = env.time_to_publish(1, percent);
        REQUIRE(needed);
        CHECK(*needed < timeout_factor * at_once);
    }
    CHECK(env.fleet().driver().traffic().reports - begin > 500);
    CHECK(env.sees(0, "availability", "online"));
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("a hanging printer does not slow down the others") {
    TestEnvironment env{{.models = {"P1S"}}};
    TestEnvironment other{{.models = {"X1C"}}}; // its printers hang together; they have a broker of their own
    const auto& hanging = other.fleet().printers()[0];
    std::string more = fmt::format(
        "[[printer]]\nserial = \"{}\"\nhost = \"127.0.0.1\"\nmqtt_port = {}\naccess_code = \"{}\"\n",
        hanging.serial, hanging.port, hanging.access_code);
    SUBCASE("in the middle") {
        REQUIRE(env.start_gateway({.more_lines = more}));
        REQUIRE(env.observer().wait_for_latest("bambu2mqtt/x1c_0001/availability", "online", test_timeout));
        other.fleet().broker().freeze();
    }
    SUBCASE("from the start") {
        other.fleet().broker().freeze();
        REQUIRE(env.start_gateway({.more_lines = more}));
    }
    REQUIRE(env.time_to_publish(0, 1));
    for (int percent = 2; percent < 4; ++percent) {
        const auto needed = env.time_to_publish(0, percent);
        REQUIRE(needed);
        CHECK(*needed < timeout_factor * at_once);
    }
    CHECK(env.gateway().stop(2s) == 0);
    other.fleet().broker().thaw();
}

TEST_CASE("there is never more than one connection to a printer, however often it disconnects") {
    TestEnvironment env{{.models = {"X1C"}, .report_interval = 200ms}};
    REQUIRE(env.start_gateway());
    auto& fleet = env.fleet();
    const auto port = fleet.printers()[0].port;
    std::size_t most = 0;
    for (int round = 0; round < 10; ++round) {
        CAPTURE(round);
        round % 2 == 0 ? fleet.broker().crash() : fleet.broker().stop();
        fleet.broker().start();
        REQUIRE(eventually(test_timeout, [&] {
            const auto now = connections_to(port);
            most = std::max(most, now);
            return now == 1 && occurrences(fleet.broker().log(), "as bambu2mqtt-") > 0;
        }));
        // Several reports later nothing has been added.
        const auto reports = fleet.driver().traffic().reports;
        REQUIRE(eventually(test_timeout, [&] { return fleet.driver().traffic().reports > reports + 3; }));
        most = std::max(most, connections_to(port));
        CHECK(occurrences(fleet.broker().log(), "as bambu2mqtt-") == 1);
    }
    CHECK(most == 1);
    CHECK(env.sees(0, "availability", "online"));
    CHECK(env.gateway().stop() == 0);
    CHECK(eventually(test_timeout, [&] { return connections_to(port) == 0; }));
}
