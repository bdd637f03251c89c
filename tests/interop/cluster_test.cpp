// broker.url as a list on a cluster of three NATS nodes: the gateway's node is killed.
#include "interop/installation.hpp"
#include "interop/nats_cluster.hpp"
#include "simulator/gateway_config.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace bambu2mqtt::interop;
using bambu2mqtt::gateway_test::Retained;
using bambu2mqtt::gateway_test::timeout_factor;
using bambu2mqtt::simulator::PrintJob;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::TemporaryDirectory;
using bambu2mqtt::test_support::test_timeout;

TEST_CASE("when its node of a NATS cluster dies the gateway is on another within five seconds") {
    if (!NatsCluster::available()) {
        MESSAGE("skipped: nats-server is not installed");
        return;
    }
    const TemporaryDirectory directory;
    NatsCluster server{directory.path()};
    Installation home{server, {"X1C", "P1S"}};
    home.configure(fmt::format("[\"{}\", \"{}\", \"{}\"]", server.url(0), server.url(1), server.url(2)), 2);
    REQUIRE(home.start(2));
    home.fleet().with(0, [](auto& printer) { printer.start_print(PrintJob{.name = "Boat"}, 300s); });
    REQUIRE(eventually(test_timeout, [&] { return home.events(0, "print_started") == 1; }));
    REQUIRE(home.observer().wait_for_latest(home.topic(0, "print_status"), "running", test_timeout));
    const auto before = home.retained({"bambu2mqtt/#", "homeassistant/#"});
    REQUIRE(before.contains(home.discovery_topic(1)));

    const auto died = std::chrono::steady_clock::now();
    server.kill(0);
    REQUIRE(
        eventually(test_timeout, [&] { return home.gateway().lines_with("broker: connected again") >= 1; }));
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - died);
    MESSAGE("connected to another node after " << took.count() << " ms");
    CHECK(took < timeout_factor * 5s);
    // What the cluster kept is there, and states, commands and events continue.
    home.fleet().with(1, [](auto& printer) { printer.set_light("chamber_light", "off"); });
    CHECK(home.observer().wait_for_latest(home.topic(1, "chamber_light"), "OFF", test_timeout));
    MESSAGE("a state is there after "
            << std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - died)
                   .count()
            << " ms");
    CHECK(home.ask(0, "pause_printing").value("status", "") == "effective");
    CHECK(eventually(test_timeout, [&] { return home.events(0, "print_paused") == 1; }));
    CHECK(home.events(0, "print_started") == 1);
    Retained after;
    CHECK(eventually(test_timeout, [&] {
        after = home.retained({"bambu2mqtt/#", "homeassistant/#"});
        return std::ranges::all_of(before,
                                   [&](const auto& message) { return after.contains(message.first); });
    }));
    CHECK(home.gateway().stop() == 0);
}
