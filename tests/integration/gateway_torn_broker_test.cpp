// The connection to the user's broker breaks at any point, or is slow: no final state is lost, and no queue
// grows.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"
#include "support/fault_proxy.hpp"
#include "support/proc.hpp"
#include "support/sanitizers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::FaultProxy;
using bambu2mqtt::test_support::Faults;
using bambu2mqtt::test_support::status_of;

TEST_CASE("a broker connection that breaks during a burst loses no final state") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway());
    REQUIRE(env.sees(0, "firmware", "01.09.00.01"));
    REQUIRE(env.sees(1, "firmware", "01.08.02.00"));
    const auto wanted = env.result();
    REQUIRE(env.gateway().stop() == 0);
    env.broker().stop();
    env.broker().start(); // no messages are left

    FaultProxy network{env.broker().port()};
    const std::vector<std::size_t> places{700, 4'000, 15'000, 40'000};
    std::deque<Faults> torn;
    for (const auto place : places) {
        torn.push_back({.cut_after_sent = place});
    }
    network.behave_in_turn(torn);
    env.gateway().configure(env.config({.broker_port = network.port()}));
    env.observe();
    env.gateway().start();
    REQUIRE(eventually(2 * test_timeout, [&] { return network.taken() > places.size(); }));
    CHECK(env.unlike(wanted) == "");
    CHECK(discovery_complaints(env.retained()) == "");
    CHECK(network.most_standing() == 1);

    // Repeatedly, while there is something to send.
    for (int round = 1; round <= 2; ++round) {
        env.observer().publish({.topic = "homeassistant/status", .payload = "online", .qos = 1});
        const auto sent = network.all().sent;
        (void)eventually(12s, [&] { return network.all().sent > sent; });
        const auto taken = network.taken();
        network.reset();
        // Sessions of less than a minute are followed by growing waits.
        REQUIRE(eventually(test_timeout, [&] { return network.taken() > taken; }));
        REQUIRE(env.observer().wait_for_latest("bambu2mqtt/bridge/state", "online", test_timeout));
    }
    CHECK(env.unlike(wanted) == "");
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("a broker that accepts little at a time does not increase memory") {
    TestEnvironment env{{.models = {"X1C", "P1S", "H2D", "A1MINI", "P2S"}, .report_interval = 100ms}};
    FaultProxy network{env.broker().port()};
    REQUIRE(env.start_gateway({.broker_port = network.port()}));
    const auto change_everything = [&](int round) {
        for (std::size_t i = 0; i < env.printers(); ++i) {
            env.fleet().with(i, [&](auto& printer) {
                printer.merge({{"subtask_name", fmt::format("Boat {}", round)},
                               {"gcode_file", std::string(200, static_cast<char>('a' + round % 26))},
                               {"mc_percent", round % 100},
                               {"layer_num", round}});
            });
        }
    };
    int round = 0;
    const auto busy_for = [&](std::chrono::seconds time) {
        const auto end = std::chrono::steady_clock::now() + time;
        (void)eventually(time + 1s, [&] {
            change_everything(++round);
            return std::chrono::steady_clock::now() >= end;
        });
    };
    busy_for(3s);
    const auto before = status_of(std::to_string(env.gateway().pid()), "VmRSS");
    network.behave({.bytes_per_second = 500});
    busy_for(12s);
    const auto after = status_of(std::to_string(env.gateway().pid()), "VmRSS");
    CHECK_MESSAGE((bambu2mqtt::test_support::sanitized || after < before + 3'000), before, " kB, then ",
                  after, " kB");
    // It is only late: as soon as possible it publishes the current state, without the history.
    network.behave({});
    change_everything(77);
    const auto from = env.observer().count();
    CHECK(env.sees(0, "task_name", "Boat 77"));
    CHECK(env.history(0, "task_name", from).size() < 100);
    CHECK(env.gateway().stop() == 0);
}
