// Network faults between the gateway and its printers: silence, cut connections, latency, low bandwidth.
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

/// A printer reports every 250 ms here, and a state is published at most once a second.
constexpr auto at_once = 250ms + 1000ms;

constexpr Faults silent{.passes = false};

} // namespace

TEST_CASE("a network outage is detected in time, and missed state is recovered afterwards") {
    NetworkedEnvironment home{{.models = {"X1C", "H2D", "P1S"}}};
    auto& env = home.env();
    // The second printer's network is silent from the start: connection attempts get no answer.
    home.network(1).behave(silent);
    auto changes = home.changes();
    env.gateway().configure(env.config(changes));
    env.observe();
    env.gateway().start();
    REQUIRE(env.sees(0, "availability", "online"));
    REQUIRE(env.sees(2, "availability", "online"));
    env.fleet().with(0, [](auto& printer) { printer.merge({{"subtask_name", "Boat"}}); });
    REQUIRE(env.sees(0, "task_name", "Boat"));
    CHECK(env.sees(1, "connection", "unreachable"));
    CHECK(env.sees(1, "availability", "offline"));

    const auto from = env.observer().count();
    const auto begin = std::chrono::steady_clock::now();
    home.network(0).behave(silent);
    env.fleet().with(0, [](auto& printer) { printer.merge({{"subtask_name", "Vase"}}); });
    CHECK(env.sees(0, "connection", "stale"));
    const auto noticed = std::chrono::steady_clock::now() - begin;
    CHECK(noticed > 20s); // short silences are tolerated
    CHECK(env.sees(0, "availability", "offline"));
    CHECK(env.seen(0, "task_name") == "Boat"); // neither a default nor a guess
    CHECK(env.history(2, "availability", from) == "");

    home.network(0).behave({});
    home.network(1).behave({});
    CHECK(env.sees(0, "connection", "connected"));
    CHECK(env.sees(0, "task_name", "Vase"));
    CHECK(env.sees(1, "connection", "connected"));
    CHECK(env.history(0, "availability", from) == "offline, online");
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("a connection that is reset is restored every time") {
    NetworkedEnvironment home{{.models = {"X1C", "A1MINI"}}};
    auto& env = home.env();
    REQUIRE(env.start_gateway(home.changes()));
    for (int round = 0; round < 3; ++round) {
        CAPTURE(round);
        std::this_thread::sleep_for(
            1100ms); // a topic is sent at most once a second, and the next state follows soon
        const auto from = env.observer().count();
        home.network(0).reset();
        CHECK(env.observer().wait_for(
            [&](const auto& message) {
                return message.topic == env.topic(0, "connection") && message.payload == "unreachable";
            },
            test_timeout, from));
        REQUIRE(env.sees(0, "connection", "connected"));
        REQUIRE(env.sees(0, "availability", "online"));
        CHECK(env.history(1, "availability", from) == "");
    }
    CHECK(home.network(0).most_standing() == 1);
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("network latency only delays messages") {
    NetworkedEnvironment home{{.models = {"X1C", "P1S"}}};
    auto& env = home.env();
    home.network(0).behave({.delay = 400ms});
    REQUIRE(env.start_gateway(home.changes()));
    const auto from = env.observer().count();
    const auto late = env.time_to_publish(0, 11);
    REQUIRE(late);
    CHECK(*late >= 400ms);
    CHECK((bambu2mqtt::test_support::sanitized || *late < at_once + 400ms + 1000ms));
    CHECK(env.history(0, "availability", from) == "");
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("a printer that sends one byte a second does not delay another") {
    NetworkedEnvironment home{{.models = {"X1C", "P1S"}}};
    auto& env = home.env();
    auto changes = home.changes();
    SUBCASE("from the start") {
        home.network(0).behave({.bytes_per_second = 1});
        env.gateway().configure(env.config(changes));
        env.observe();
        env.gateway().start();
        REQUIRE(env.sees(1, "availability", "online"));
    }
    SUBCASE("in the middle") {
        REQUIRE(env.start_gateway(changes));
        home.network(0).behave({.bytes_per_second = 1});
    }
    for (int percent = 21; percent < 24; ++percent) {
        const auto needed = env.time_to_publish(1, percent);
        REQUIRE(needed);
        CHECK((bambu2mqtt::test_support::sanitized ||
               *needed < at_once + 1250ms)); // allowance for a busy machine; waiting for the other printer
                                             // would take ten seconds
    }
    CHECK(env.seen(1, "availability") == "online");
    const auto passed = home.network(0).all();
    home.network(0).behave({});
    CHECK(env.sees(0, "availability", "online"));
    CHECK(env.gateway().stop(2s) == 0);
    CHECK(passed.received < 100'000);
}

TEST_CASE("a slow network is sufficient for a printer") {
    NetworkedEnvironment home{{.models = {"P1S"}}};
    auto& env = home.env();
    home.network(0).behave({.bytes_per_second = 20'000});
    REQUIRE(env.start_gateway(home.changes()));
    const auto needed = env.time_to_publish(0, 31);
    REQUIRE(needed);
    CHECK(*needed < 5s);
    CHECK(home.network(0).most_standing() == 1);
    CHECK(env.gateway().stop() == 0);
}
