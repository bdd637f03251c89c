// The user's broker is restarted, and the gateway itself is killed: afterwards all retained messages are
// current, and events were published once.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::simulator::PrintJob;
using bambu2mqtt::test_support::eventually;

namespace {

/// Number of events of that type of a printer; with `observed`, only those with that value.
std::size_t event_count(const TestEnvironment& env, std::size_t printer, const std::string& type,
                        const std::string& observed = {}) {
    const auto events = env.events(printer);
    return static_cast<std::size_t>(std::ranges::count_if(events, [&](const auto& event) {
        return event.at("event_type") == type && event.value("observed", "") == observed;
    }));
}

void start_print(TestEnvironment& env, std::size_t printer, std::chrono::milliseconds duration) {
    env.fleet().with(printer,
                     [&](auto& simulated) { simulated.start_print(PrintJob{.name = "Boat"}, duration); });
}

} // namespace

TEST_CASE("after a restart of the broker all retained messages are current") {
    EnvironmentOptions options{.models = {"X1C", "P1S"}};
    SUBCASE("it keeps retained messages") {
        options.persistence = true;
    }
    SUBCASE("it loses everything") {
        options.persistence = false;
    }
    TestEnvironment env{options};
    REQUIRE(env.start_gateway());
    REQUIRE(env.sees(0, "firmware", "01.09.00.01"));
    REQUIRE(env.sees(1, "firmware", "01.08.02.00"));
    const auto before = env.result();
    env.broker().stop();
    REQUIRE(eventually(test_timeout, [&] { return env.gateway().lines_with("broker: not connected") == 1; }));
    // The printers keep running meanwhile.
    env.fleet().with(0, [](auto& printer) { printer.merge({{"subtask_name", "Vase"}}); });
    env.fleet().with(1, [](auto& printer) { printer.set_light("chamber_light", "off"); });
    env.broker().start();
    auto wanted = before;
    wanted[env.topic(0, "task_name")] = "Vase";
    wanted[env.topic(1, "chamber_light")] = "OFF";
    CHECK(env.unlike(wanted) == "");
    CHECK(discovery_complaints(env.retained()) == "");
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("a killed gateway restores the same state, and missed events are published once") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway());
    REQUIRE(env.sees(1, "firmware", "01.08.02.00"));
    const auto idle = env.result();
    start_print(env, 0, 200s);
    REQUIRE(eventually(test_timeout, [&] { return event_count(env, 0, "print_started") == 1; }));
    REQUIRE(env.sees(0, "print_status", "running"));
    // An acknowledged event is written to the state file; allow some time for that.
    const auto reports = env.fleet().driver().traffic().reports;
    REQUIRE(eventually(test_timeout, [&] { return env.fleet().driver().traffic().reports > reports + 10; }));

    env.gateway().kill();
    REQUIRE(env.observer().wait_for_latest("bambu2mqtt/bridge/state", "offline", test_timeout));
    SUBCASE("nothing happens meanwhile") {
        env.gateway().start();
        REQUIRE(env.observer().wait_for_latest("bambu2mqtt/bridge/state", "online", test_timeout));
        REQUIRE(env.sees(0, "availability", "online"));
        env.fleet().with(0, [](auto& printer) { printer.finish(); });
        CHECK(eventually(test_timeout, [&] { return event_count(env, 0, "print_finished") == 1; }));
        CHECK(event_count(env, 0, "print_finished", "late") == 0);
    }
    SUBCASE("the job ends meanwhile") {
        env.fleet().with(0, [](auto& printer) { printer.finish(); });
        env.gateway().start();
        CHECK(eventually(test_timeout, [&] { return event_count(env, 0, "print_finished", "late") == 1; }));
        CHECK(event_count(env, 0, "print_finished") == 0);
    }
    CHECK(env.sees(0, "print_status", "finish"));
    CHECK(event_count(env, 0, "print_started") == 1);
    CHECK(event_count(env, 0, "print_started", "late") == 0);
    // The printer without changes has the same states as before, and both have the same discovery messages.
    const auto now = env.result(); // it unloads and cools down
    for (const auto& message : lasting(idle)) {
        const auto& topic = message.first;
        const auto& payload = message.second;
        if (topic.starts_with(env.topic(1, "")) || topic.ends_with("/config")) {
            CAPTURE(topic);
            CHECK(now.contains(topic));
            CHECK((!now.contains(topic) || now.at(topic) == payload));
        }
    }
    CHECK(discovery_complaints(now) == "");
    // Killed repeatedly at any moment, also during its start.
    for (int round = 0; round < 5; ++round) {
        env.gateway().kill();
        env.gateway().start();
        const auto after = std::chrono::steady_clock::now() + 150ms * round;
        (void)eventually(2s, [&] { return std::chrono::steady_clock::now() >= after; });
    }
    REQUIRE(env.observer().wait_for_latest("bambu2mqtt/bridge/state", "online", test_timeout));
    CHECK(env.unlike(now) == "");
    CHECK(event_count(env, 0, "print_started") == 1);
    CHECK(event_count(env, 0, "print_finished") + event_count(env, 0, "print_finished", "late") == 1);
    CHECK(env.gateway().stop() == 0);
}
