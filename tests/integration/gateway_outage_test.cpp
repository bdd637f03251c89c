// The way to the user's broker breaks, crawls or ends, and the gateway itself is killed: afterwards
// everything stands there as it is now, and what happened was told once.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"
#include "support/fault_proxy.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <deque>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::simulator::PrintJob;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::FaultProxy;
using bambu2mqtt::test_support::Faults;

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

/// Waits until what stands on the broker is what is wanted; the difference, when it does not come to that.
std::string unlike(House& house, const Retained& wanted) {
    std::string text;
    (void)eventually(patience, [&] {
        text = difference(lasting(wanted), lasting(house.retained()));
        return text.empty();
    });
    return text;
}

/// What stands on the broker when nothing changes there any more.
Retained settled(House& house) {
    Retained now;
    REQUIRE(eventually(2 * patience, [&] {
        now = house.retained();
        std::this_thread::sleep_for(1500ms);
        return difference(lasting(now), lasting(house.retained())).empty();
    }));
    return now;
}

void start_print(House& house, std::size_t printer, std::chrono::milliseconds duration) {
    house.farm().with(printer,
                      [&](auto& simulated) { simulated.start_print(PrintJob{.name = "Boat"}, duration); });
}

/// Resident memory of the gateway, kilobytes.
long resident(House& house) {
    std::ifstream status{fmt::format("/proc/{}/status", house.gateway().pid())};
    for (std::string word; status >> word;) {
        if (word == "VmRSS:") {
            long kilobytes = 0;
            status >> kilobytes;
            return kilobytes;
        }
    }
    return -1;
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
    const auto before = settled(house);
    house.broker().stop();
    REQUIRE(eventually(patience, [&] { return house.gateway().lines_with("broker: not connected") == 1; }));
    // The world goes on meanwhile.
    house.farm().with(0, [](auto& printer) { printer.merge({{"subtask_name", "Vase"}}); });
    house.farm().with(1, [](auto& printer) { printer.set_light("chamber_light", "off"); });
    house.broker().start();
    auto wanted = before;
    wanted[house.topic(0, "task_name")] = "Vase";
    wanted[house.topic(1, "chamber_light")] = "OFF";
    CHECK(unlike(house, wanted) == "");
    CHECK(discovery_complaints(house.retained()) == "");
    CHECK(house.gateway().stop() == 0);
}

TEST_CASE("a connection to the broker that breaks in the midst of a burst loses nothing in the end") {
    House house{{.models = {"X1C", "P1S"}}};
    REQUIRE(house.start_gateway());
    REQUIRE(house.sees(0, "firmware", "01.09.00.01"));
    REQUIRE(house.sees(1, "firmware", "01.08.02.00"));
    const auto wanted = settled(house);
    REQUIRE(house.gateway().stop() == 0);
    house.broker().stop();
    house.broker().start(); // nothing is left of it

    FaultProxy network{house.broker().port()};
    const std::vector<std::size_t> places{60, 700, 4'000, 15'000, 40'000};
    std::deque<Faults> torn;
    for (const auto place : places) {
        torn.push_back({.cut_after_sent = place});
    }
    network.behave_in_turn(torn);
    house.gateway().configure(house.config({.broker_port = network.port()}));
    house.observe();
    house.gateway().start();
    REQUIRE(eventually(90s, [&] { return network.taken() > places.size(); }));
    CHECK(unlike(house, wanted) == "");
    CHECK(discovery_complaints(house.retained()) == "");
    CHECK(network.most_standing() == 1);

    // Again and again, while it has something to say.
    for (int round = 1; round <= 3; ++round) {
        house.observer().publish({.topic = "homeassistant/status", .payload = "online", .qos = 1});
        const auto sent = network.all().sent;
        (void)eventually(12s, [&] { return network.all().sent > sent; });
        network.reset();
        REQUIRE(house.observer().wait_for_latest("bambu2mqtt/bridge/state", "online", patience));
    }
    CHECK(unlike(house, wanted) == "");
    CHECK(house.gateway().stop() == 0);
}

TEST_CASE("a broker that takes little at a time does not make the gateway grow") {
    House house{{.models = {"X1C", "P1S", "H2D", "A1MINI", "P2S"}, .report_interval = 100ms}};
    FaultProxy network{house.broker().port()};
    REQUIRE(house.start_gateway({.broker_port = network.port()}));
    const auto change_everything = [&](int round) {
        for (std::size_t i = 0; i < house.printers(); ++i) {
            house.farm().with(i, [&](auto& printer) {
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
    const auto before = resident(house);
    network.behave({.bytes_per_second = 500});
    busy_for(12s);
    const auto after = resident(house);
    CHECK_MESSAGE(after < before + 3'000, before, " kB, then ", after, " kB");
    // It is only behind: as soon as it may, it says what is true now, and not all that was.
    network.behave({});
    change_everything(77);
    const auto from = house.observer().count();
    CHECK(house.sees(0, "task_name", "Boat 77"));
    CHECK(house.history(0, "task_name", from).size() < 100);
    CHECK(house.gateway().stop() == 0);
}

TEST_CASE("a gateway that is killed comes back to the same, and what happened is told once") {
    House house{{.models = {"X1C", "P1S"}}};
    REQUIRE(house.start_gateway());
    REQUIRE(house.sees(1, "firmware", "01.08.02.00"));
    const auto idle = settled(house);
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
    const auto now = settled(house); // it unloads and cools down
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
    CHECK(unlike(house, now) == "");
    CHECK(told(house, 0, "print_started") == 1);
    CHECK(told(house, 0, "print_finished") + told(house, 0, "print_finished", "late") == 1);
    CHECK(house.gateway().stop() == 0);
}
