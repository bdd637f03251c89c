// The user's broker is restarted, and the gateway itself is killed: afterwards everything stands there as it
// is now, and what happened was told once.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::simulator::PrintJob;
using bambu2mqtt::test_support::eventually;

namespace {

/// How often the gateway told that something happened to a printer; with `observed`, only those that say so.
std::size_t told(House& house, std::size_t printer, const std::string& type,
                 const std::string& observed = {}) {
    std::size_t count = 0;
    for (const auto& message : house.observer().messages()) {
        if (message.topic != house.topic(printer, "event")) {
            continue;
        }
        const auto event = nlohmann::json::parse(message.payload);
        count += event.at("event_type") == type && event.value("observed", "") == observed ? 1 : 0;
    }
    return count;
}

void start_print(House& house, std::size_t printer, std::chrono::milliseconds duration) {
    house.farm().with(printer,
                      [&](auto& simulated) { simulated.start_print(PrintJob{.name = "Boat"}, duration); });
}

} // namespace

TEST_CASE("after a restart of the broker everything stands there as it is now") {
    HouseOptions options{.models = {"X1C", "P1S"}};
    SUBCASE("it keeps what is retained") {
        options.persistence = true;
    }
    SUBCASE("it forgets everything") {
        options.persistence = false;
    }
    House house{options};
    REQUIRE(house.start_gateway());
    REQUIRE(house.sees(0, "firmware", "01.09.00.01"));
    REQUIRE(house.sees(1, "firmware", "01.08.02.00"));
    const auto before = house.settled();
    house.broker().stop();
    REQUIRE(eventually(patience, [&] { return house.gateway().lines_with("broker: not connected") == 1; }));
    // The world goes on meanwhile.
    house.farm().with(0, [](auto& printer) { printer.merge({{"subtask_name", "Vase"}}); });
    house.farm().with(1, [](auto& printer) { printer.set_light("chamber_light", "off"); });
    house.broker().start();
    auto wanted = before;
    wanted[house.topic(0, "task_name")] = "Vase";
    wanted[house.topic(1, "chamber_light")] = "OFF";
    CHECK(house.unlike(wanted) == "");
    CHECK(discovery_complaints(house.retained()) == "");
    CHECK(house.gateway().stop() == 0);
}

TEST_CASE("a gateway that is killed comes back to the same, and what happened is told once") {
    House house{{.models = {"X1C", "P1S"}}};
    REQUIRE(house.start_gateway());
    REQUIRE(house.sees(1, "firmware", "01.08.02.00"));
    const auto idle = house.settled();
    start_print(house, 0, 200s);
    REQUIRE(eventually(patience, [&] { return told(house, 0, "print_started") == 1; }));
    REQUIRE(house.sees(0, "print_status", "running", 40s));
    // What is acknowledged is written; give it the moment that takes.
    const auto reports = house.farm().driver().traffic().reports;
    REQUIRE(eventually(patience, [&] { return house.farm().driver().traffic().reports > reports + 10; }));

    house.gateway().kill();
    REQUIRE(house.observer().wait_for_latest("bambu2mqtt/bridge/state", "offline", patience));
    SUBCASE("nothing happens meanwhile") {
        house.gateway().start();
        REQUIRE(house.observer().wait_for_latest("bambu2mqtt/bridge/state", "online", patience));
        REQUIRE(house.sees(0, "availability", "online"));
        house.farm().with(0, [](auto& printer) { printer.finish(); });
        CHECK(eventually(patience, [&] { return told(house, 0, "print_finished") == 1; }));
        CHECK(told(house, 0, "print_finished", "late") == 0);
    }
    SUBCASE("the job ends meanwhile") {
        house.farm().with(0, [](auto& printer) { printer.finish(); });
        house.gateway().start();
        CHECK(eventually(patience, [&] { return told(house, 0, "print_finished", "late") == 1; }));
        CHECK(told(house, 0, "print_finished") == 0);
    }
    CHECK(house.sees(0, "print_status", "finish"));
    CHECK(told(house, 0, "print_started") == 1);
    CHECK(told(house, 0, "print_started", "late") == 0);
    // The printer nothing happened to stands there as before, and so does what both of them are.
    const auto now = house.settled(); // it unloads and cools down
    for (const auto& message : lasting(idle)) {
        const auto& topic = message.first;
        const auto& payload = message.second;
        if (topic.starts_with(house.topic(1, "")) || topic.ends_with("/config")) {
            CAPTURE(topic);
            CHECK(now.contains(topic));
            CHECK((!now.contains(topic) || now.at(topic) == payload));
        }
    }
    CHECK(discovery_complaints(now) == "");
    // Killed again and again at any moment, also in the midst of its start.
    for (int round = 0; round < 5; ++round) {
        house.gateway().kill();
        house.gateway().start();
        const auto after = std::chrono::steady_clock::now() + 150ms * round;
        (void)eventually(2s, [&] { return std::chrono::steady_clock::now() >= after; });
    }
    REQUIRE(house.observer().wait_for_latest("bambu2mqtt/bridge/state", "online", patience));
    CHECK(house.unlike(now) == "");
    CHECK(told(house, 0, "print_started") == 1);
    CHECK(told(house, 0, "print_finished") + told(house, 0, "print_finished", "late") == 1);
    CHECK(house.gateway().stop() == 0);
}
