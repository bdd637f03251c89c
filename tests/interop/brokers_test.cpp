// The gateway on brokers of three kinds: discovery, states, commands, events, last will and restarts, and
// what each broker cannot do.
#include "interop/broker_survey.hpp"
#include "interop/installation.hpp"
#include "interop/mosquitto_server.hpp"
#include "interop/nats_cluster.hpp"
#include "interop/rabbitmq.hpp"
#include "support/eventually.hpp"
#include "support/files.hpp"
#include "unit/source_directory.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace bambu2mqtt::interop;
using bambu2mqtt::gateway_test::difference;
using bambu2mqtt::gateway_test::discovery_complaints;
using bambu2mqtt::simulator::PrintJob;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::read_file;
using bambu2mqtt::test_support::TemporaryDirectory;
using bambu2mqtt::test_support::test_timeout;

namespace {

/// The documented row of a broker in this version is the measured one.
BrokerTraits checked_traits(const BrokerServer& server) {
    const auto traits = survey(server);
    const auto row = table_row(server.title(), traits);
    const auto page = read_file(bambu2mqtt::test::source_directory() / "docs/brokers.md");
    if (page.find("| " + server.title() + " |") == std::string::npos) {
        MESSAGE("note: docs/brokers.md has no row for this version: " << row);
    } else {
        CAPTURE(row);
        CHECK(page.find(row) != std::string::npos);
    }
    return traits;
}

/// The time between the marker of a gateway's session and its first message, which is when it stopped waiting
/// for retained messages.
std::chrono::milliseconds time_to_open(Installation& home, std::size_t from) {
    const std::string marker_topic = "bambu2mqtt/bridge/marker";
    const auto marker = home.observer().wait_for([&](const auto& one) { return one.topic == marker_topic; },
                                                 test_timeout, from);
    REQUIRE(marker.has_value());
    const auto first = home.observer().wait_for(
        [&](const auto& one) {
            return one.topic != marker_topic && !one.retained && one.time >= marker->time;
        },
        test_timeout, from);
    REQUIRE(first.has_value());
    return std::chrono::duration_cast<std::chrono::milliseconds>(first->time - marker->time);
}

void check_states_and_discovery(Installation& home, const BrokerTraits& traits) {
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(eventually(test_timeout,
                         [&] { return home.observer().latest(home.discovery_topic(i)).has_value(); }));
        CHECK(eventually(test_timeout,
                         [&] { return home.observer().latest(home.topic(i, "print_status")) == "idle"; }));
    }
    // A client that comes later receives discovery and states, with the retained flag.
    const auto exact = home.retained({home.discovery_topic(0), home.topic(0, "print_status"),
                                      home.topic(0, "nozzle_temperature"), "bambu2mqtt/bridge/state"});
    CHECK(exact.size() == (traits.retained_for_topic ? 4 : 0));
    const auto all = home.retained({"bambu2mqtt/#", "homeassistant/#"});
    CHECK(all.contains(home.discovery_topic(1)) == traits.retained_for_wildcard);
    CHECK(all.contains(home.topic(1, "print_status")) == traits.retained_for_wildcard);
    if (traits.retained_for_wildcard) {
        CHECK(discovery_complaints(all) == "");
    }
}

void check_commands_and_events(Installation& home) {
    home.fleet().with(0, [](auto& printer) { printer.start_print(PrintJob{.name = "Boat"}, 300s); });
    CHECK(eventually(test_timeout, [&] { return home.events(0, "print_started") == 1; }));
    CHECK(eventually(test_timeout,
                     [&] { return home.observer().latest(home.topic(0, "print_status")) == "running"; }));
    const auto paused = home.ask(0, "pause_printing");
    CHECK(paused.value("status", "") == "effective");
    CHECK(eventually(test_timeout, [&] { return home.events(0, "print_paused") == 1; }));
    const auto again = home.ask(0, "pause_printing");
    CHECK(again.value("status", "") == "refused");
    home.observer().publish({.topic = home.topic(0, "chamber_light/set"), .payload = "OFF", .qos = 1});
    CHECK(home.observer().wait_for_latest(home.topic(0, "chamber_light"), "OFF", test_timeout));
    CHECK(home.ask(1, "get_state").value("status", "") == "done");
}

void check_restarts(Installation& home, const BrokerTraits& traits) {
    // The last will.
    home.gateway().kill();
    CHECK(home.observer().wait_for_latest("bambu2mqtt/bridge/state", "offline", test_timeout));
    const auto will = home.retained({"bambu2mqtt/bridge/state"});
    CHECK(will == bambu2mqtt::gateway_test::Retained{{"bambu2mqtt/bridge/state", "offline"}});

    // A start with retained messages on the broker; without the printer that is no longer configured.
    auto shortest = std::chrono::milliseconds::max();
    for (int round = 0; round < 3; ++round) {
        const auto from = home.observer().count();
        home.configure(fmt::format("\"{}\"", home.server().url()), round == 0 ? 2 : 1);
        REQUIRE(home.start(round == 0 ? 2 : 1));
        shortest = std::min(shortest, time_to_open(home, from));
        if (round == 0) {
            CHECK(home.gateway().stop() == 0);
            CHECK(home.observer().wait_for_latest("bambu2mqtt/bridge/state", "offline", test_timeout));
        }
        if (round == 1) {
            home.gateway().kill();
        }
    }
    // Without the marker the wait ends after half a second of silence.
    CHECK((traits.marker_after_retained || shortest >= 450ms));
    CHECK(home.observer().latest(home.topic(0, "print_status")) == "pause");
    CHECK(home.events(0, "print_started") == 1); // none repeated
    CHECK(home.events(0, "print_paused") == 1);
    // Topics of the other one are found where a filter brings retained messages.
    const auto removed = [&] {
        return home.retained({home.discovery_topic(1), home.topic(1, "print_status")}).empty();
    };
    if (traits.retained_for_wildcard) {
        CHECK(eventually(test_timeout, removed));
    } else {
        CHECK_FALSE(removed());
    }
    CHECK(home.gateway().stop() == 0);
    CHECK(home.observer().wait_for_latest("bambu2mqtt/bridge/state", "offline", test_timeout));
}

/// Everything on one broker.
void check_gateway_on(BrokerServer& server) {
    const auto traits = checked_traits(server);
    MESSAGE(table_row(server.title(), traits));
    Installation home{server, {"X1C", "P1S"}};
    home.configure(fmt::format("\"{}\"", server.url()), 2);
    REQUIRE(home.start(2));
    CHECK(home.gateway().lines_with("broker: connected") == 1);
    CHECK(home.gateway().lines_with("broker: not connected") == 0);
    check_states_and_discovery(home, traits);
    check_commands_and_events(home);
    check_restarts(home, traits);
    CHECK(home.gateway().lines_with("the broker refused") == 0);
}

} // namespace

TEST_CASE("the gateway on Mosquitto") {
    const TemporaryDirectory directory;
    MosquittoServer server{directory.path()};
    check_gateway_on(server);
}

TEST_CASE("the gateway on a NATS cluster of three nodes") {
    if (!NatsCluster::available()) {
        MESSAGE("skipped: nats-server is not installed");
        return;
    }
    const TemporaryDirectory directory;
    NatsCluster server{directory.path()};
    check_gateway_on(server);
}

TEST_CASE("the gateway on RabbitMQ's MQTT plugin") {
    if (!RabbitMq::available()) {
        MESSAGE("skipped: rabbitmq-server is not installed");
        return;
    }
    const TemporaryDirectory directory;
    RabbitMq server{directory.path()};
    check_gateway_on(server);
}
