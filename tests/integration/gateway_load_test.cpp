// Printers that burden the bridge: one that floods, one that hangs, one that comes and goes.
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

/// Until the next report, and a second; and a busy machine. One that waited for a printer would wait for
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

TEST_CASE("a printer that floods does not slow the others down") {
    House house{{.models = {"X1C", "P1S", "H2D"}}};
    REQUIRE(house.start_gateway());
    REQUIRE(house.time_to_publish(1, 1));
    const auto report = house.farm().with(0, [](auto& printer) { return printer.full_report(); });
    const std::jthread flood{[&](const std::stop_token& stop) {
        // 300 full reports a second, in portions as the driver sends them.
        auto next = std::chrono::steady_clock::now();
        while (!stop.stop_requested()) {
            for (int i = 0; i < 6; ++i) {
                house.farm().driver().send(0, report);
            }
            next += 20ms;
            std::this_thread::sleep_until(next);
        }
    }};
    const auto begin = house.farm().driver().traffic().reports;
    for (int percent = 2; percent < 5; ++percent) {
        const auto needed = house.time_to_publish(1, percent);
        REQUIRE(needed);
        CHECK(*needed < at_once);
    }
    CHECK(house.farm().driver().traffic().reports - begin > 500);
    CHECK(house.sees(0, "availability", "online"));
    CHECK(house.gateway().stop() == 0);
}

TEST_CASE("a printer that hangs does not slow the others down") {
    House house{{.models = {"P1S"}}};
    House other{{.models = {"X1C"}}}; // its printers hang together; they have a broker of their own
    const auto& hanging = other.farm().printers()[0];
    std::string more = fmt::format(
        "[[printer]]\nserial = \"{}\"\nhost = \"127.0.0.1\"\nmqtt_port = {}\naccess_code = \"{}\"\n",
        hanging.serial, hanging.port, hanging.access_code);
    SUBCASE("in the midst of it") {
        REQUIRE(house.start_gateway({.more_lines = more}));
        REQUIRE(house.observer().wait_for_latest("bambu2mqtt/x1c_0001/availability", "online", patience));
        other.farm().broker().freeze();
    }
    SUBCASE("from the start") {
        other.farm().broker().freeze();
        REQUIRE(house.start_gateway({.more_lines = more}));
    }
    REQUIRE(house.time_to_publish(0, 1));
    for (int percent = 2; percent < 4; ++percent) {
        const auto needed = house.time_to_publish(0, percent);
        REQUIRE(needed);
        CHECK(*needed < at_once);
    }
    CHECK(house.gateway().stop(2s) == 0);
    other.farm().broker().thaw();
}

TEST_CASE("there is never more than one connection to a printer, however often it goes") {
    House house{{.models = {"X1C"}, .report_interval = 200ms}};
    REQUIRE(house.start_gateway());
    auto& farm = house.farm();
    const auto port = farm.printers()[0].port;
    std::size_t most = 0;
    for (int round = 0; round < 10; ++round) {
        CAPTURE(round);
        round % 2 == 0 ? farm.broker().crash() : farm.broker().stop();
        farm.broker().start();
        REQUIRE(eventually(patience, [&] {
            const auto now = connections_to(port);
            most = std::max(most, now);
            return now == 1 && occurrences(farm.broker().log(), "as bambu2mqtt-") > 0;
        }));
        // Some reports on, nothing has been added.
        const auto reports = farm.driver().traffic().reports;
        REQUIRE(eventually(patience, [&] { return farm.driver().traffic().reports > reports + 3; }));
        most = std::max(most, connections_to(port));
        CHECK(occurrences(farm.broker().log(), "as bambu2mqtt-") == 1);
    }
    CHECK(most == 1);
    CHECK(house.sees(0, "availability", "online", 40s));
    CHECK(house.gateway().stop() == 0);
    CHECK(eventually(patience, [&] { return connections_to(port) == 0; }));
}
