// The network between the gateway and printers on its bad days: silent, torn, late, slow.
#include "integration/network.hpp"
#include "support/eventually.hpp"
#include "support/sanitizers.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::Faults;

namespace {

/// A printer's reports come every 250 ms here, and a state is published at most once a second.
constexpr auto at_once = 250ms + 1000ms;

constexpr Faults silent{.passes = false};

} // namespace

TEST_CASE("a network without a sound is told in time, and what it hid comes by itself") {
    NetworkedHouse home{{.models = {"X1C", "H2D", "P1S"}}};
    auto& house = home.house();
    // The second printer's network is silent from the start: whoever connects gets no answer.
    home.network(1).behave(silent);
    auto changes = home.changes();
    house.gateway().configure(house.config(changes));
    house.observe();
    house.gateway().start();
    REQUIRE(house.sees(0, "availability", "online"));
    REQUIRE(house.sees(2, "availability", "online"));
    house.farm().with(0, [](auto& printer) { printer.merge({{"subtask_name", "Boat"}}); });
    REQUIRE(house.sees(0, "task_name", "Boat"));
    CHECK(house.sees(1, "connection", "unreachable", 30s));
    CHECK(house.sees(1, "availability", "offline"));

    const auto from = house.observer().count();
    const auto begin = std::chrono::steady_clock::now();
    home.network(0).behave(silent);
    house.farm().with(0, [](auto& printer) { printer.merge({{"subtask_name", "Vase"}}); });
    CHECK(house.sees(0, "connection", "stale", 60s));
    const auto noticed = std::chrono::steady_clock::now() - begin;
    CHECK(noticed > 20s); // it is patient with short silences
    CHECK(house.sees(0, "availability", "offline"));
    CHECK(house.seen(0, "task_name") == "Boat"); // not a default, not a guess
    CHECK(house.history(2, "availability", from) == "");

    home.network(0).behave({});
    home.network(1).behave({});
    CHECK(house.sees(0, "connection", "connected", 40s));
    CHECK(house.sees(0, "task_name", "Vase"));
    CHECK(house.sees(1, "connection", "connected", 60s));
    CHECK(house.history(0, "availability", from) == "offline, online");
    CHECK(house.gateway().stop() == 0);
}

TEST_CASE("a connection that is reset is made again by itself, each time") {
    NetworkedHouse home{{.models = {"X1C", "A1MINI"}}};
    auto& house = home.house();
    REQUIRE(house.start_gateway(home.changes()));
    for (int round = 0; round < 3; ++round) {
        CAPTURE(round);
        std::this_thread::sleep_for(
            1100ms); // a topic is sent at most once a second, and the next state is soon another
        const auto from = house.observer().count();
        home.network(0).reset();
        CHECK(house.observer().wait_for(
            [&](const auto& message) {
                return message.topic == house.topic(0, "connection") && message.payload == "unreachable";
            },
            patience, from));
        REQUIRE(house.sees(0, "connection", "connected"));
        REQUIRE(house.sees(0, "availability", "online"));
        CHECK(house.history(1, "availability", from) == "");
    }
    CHECK(home.network(0).most_standing() == 1);
    CHECK(house.gateway().stop() == 0);
}

TEST_CASE("a network with a delay only delays") {
    NetworkedHouse home{{.models = {"X1C", "P1S"}}};
    auto& house = home.house();
    home.network(0).behave({.delay = 400ms});
    REQUIRE(house.start_gateway(home.changes()));
    const auto from = house.observer().count();
    const auto late = house.time_to_publish(0, 11);
    REQUIRE(late);
    CHECK(*late >= 400ms);
    CHECK((bambu2mqtt::test_support::sanitized || *late < at_once + 400ms + 1000ms));
    CHECK(house.history(0, "availability", from) == "");
    CHECK(house.gateway().stop() == 0);
}

TEST_CASE("a printer that says one byte a second does not delay another") {
    NetworkedHouse home{{.models = {"X1C", "P1S"}}};
    auto& house = home.house();
    auto changes = home.changes();
    SUBCASE("from the start") {
        home.network(0).behave({.bytes_per_second = 1});
        house.gateway().configure(house.config(changes));
        house.observe();
        house.gateway().start();
        REQUIRE(house.sees(1, "availability", "online"));
    }
    SUBCASE("in the midst of it") {
        REQUIRE(house.start_gateway(changes));
        home.network(0).behave({.bytes_per_second = 1});
    }
    for (int percent = 21; percent < 24; ++percent) {
        const auto needed = house.time_to_publish(1, percent);
        REQUIRE(needed);
        CHECK((bambu2mqtt::test_support::sanitized ||
               *needed < at_once + 1250ms)); // a busy machine; one that waited would wait for ten seconds
    }
    CHECK(house.seen(1, "availability") == "online");
    const auto passed = home.network(0).all();
    home.network(0).behave({});
    CHECK(house.sees(0, "availability", "online", 60s));
    CHECK(house.gateway().stop(2s) == 0);
    CHECK(passed.received < 100'000);
}

TEST_CASE("a slow network is enough for a printer") {
    NetworkedHouse home{{.models = {"P1S"}}};
    auto& house = home.house();
    home.network(0).behave({.bytes_per_second = 20'000});
    REQUIRE(house.start_gateway(home.changes()));
    const auto needed = house.time_to_publish(0, 31);
    REQUIRE(needed);
    CHECK(*needed < 5s);
    CHECK(home.network(0).most_standing() == 1);
    CHECK(house.gateway().stop() == 0);
}
