// broker.url as a list: two Mosquittos joined by a bridge, as a cluster of two nodes.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::simulator::PrintJob;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::Mosquitto;
using bambu2mqtt::test_support::MqttObserver;
using bambu2mqtt::test_support::ObservedMessage;
using bambu2mqtt::test_support::TemporaryDirectory;

namespace {

/// A broker with these lines passes all messages on to the other one, and takes all of it, retained ones
/// included.
std::vector<std::string> bridge_to(const Mosquitto& other) {
    return {"connection pair",   fmt::format("address 127.0.0.1:{}", other.port()),
            "topic # both 1",    "cleansession true",
            "restart_timeout 1", "notifications false"};
}

/// Waits until a gateway that has just begun its session at this broker is online there.
std::optional<ObservedMessage> online_at(const MqttObserver& observer, std::size_t from) {
    return observer.wait_for(
        [](const ObservedMessage& message) {
            return message.topic == "bambu2mqtt/bridge/state" && message.payload == "online" &&
                   !message.retained;
        },
        test_timeout, from);
}

std::size_t count_events(const MqttObserver& observer, const std::string& topic) {
    const auto messages = observer.messages();
    return static_cast<std::size_t>(std::ranges::count(messages, topic, &ObservedMessage::topic));
}

} // namespace

TEST_CASE("when a node of the cluster dies the gateway is on another within five seconds") {
    const TemporaryDirectory directory;
    Mosquitto second({.directory = directory / "second"});
    TestEnvironment env{{.models = {"X1C", "P1S"}, .broker_lines = bridge_to(second)}};
    auto text = env.config();
    const auto url = fmt::format("\"{}\"", env.broker().url());
    text.replace(text.find(url), url.size(), fmt::format("[{}, \"{}\"]", url, second.url()));
    env.gateway().configure(text);
    MqttObserver observer({.port = second.port(), .topics = {"#"}});
    env.gateway().start();
    for (std::size_t printer = 0; printer < 2; ++printer) {
        REQUIRE(observer.wait_for_latest(env.topic(printer, "availability"), "online", test_timeout));
        REQUIRE(eventually(test_timeout, [&] {
            return observer.latest(env.discovery_topic(printer)).has_value() &&
                   observer.latest(env.topic(printer, "firmware")).value_or("None") != "None";
        }));
    }
    CHECK(connections_to(second.port()) == 2); // the bridge's and the observer's
    env.fleet().with(0, [](auto& printer) { printer.start_print(PrintJob{.name = "Boat"}, 300s); });
    const auto started = env.topic(0, "event/print_started");
    REQUIRE(eventually(test_timeout, [&] { return count_events(observer, started) == 1; }));
    REQUIRE(observer.wait_for_latest(env.topic(0, "print_status"), "running", test_timeout));

    auto from = observer.count();
    const auto died = std::chrono::steady_clock::now();
    env.broker().crash();
    const auto again = online_at(observer, from);
    REQUIRE(again.has_value());
    CHECK(again->time - died < timeout_factor * 5s);
    // States, commands and events continue there, and no event is repeated.
    env.fleet().with(1, [](auto& printer) { printer.set_light("chamber_light", "off"); });
    CHECK(observer.wait_for_latest(env.topic(1, "chamber_light"), "OFF", test_timeout));
    observer.publish({.topic = env.topic(0, "command/pause_printing"), .payload = "{}", .qos = 1});
    CHECK(eventually(test_timeout,
                     [&] { return count_events(observer, env.topic(0, "event/print_paused")) == 1; }));
    CHECK(count_events(observer, started) == 1);
    CHECK(observer.latest("bambu2mqtt/bridge/state") == "online");

    // And back, when that one dies.
    env.broker().start();
    const auto& first = env.observe();
    REQUIRE(first.wait_for_latest(env.topic(0, "print_status"), "pause", test_timeout)); // over the bridge
    from = first.count();
    const auto died_too = std::chrono::steady_clock::now();
    second.crash();
    const auto back = online_at(first, from);
    REQUIRE(back.has_value());
    CHECK(back->time - died_too < timeout_factor * 5s);
    CHECK(env.sees(0, "print_status", "pause"));
    CHECK(env.sees(1, "chamber_light", "OFF"));
    CHECK(count_events(first, started) == 0);
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("a node of the list that is never there does not delay the others") {
    TestEnvironment env{{.models = {"X1C"}}};
    auto text = env.config();
    const auto url = fmt::format("\"{}\"", env.broker().url());
    text.replace(text.find(url), url.size(), fmt::format("[\"mqtt://127.0.0.1:1\", {}]", url));
    env.gateway().configure(text);
    const auto& observer = env.observe();
    const auto begin = std::chrono::steady_clock::now();
    env.gateway().start();
    const auto online = online_at(observer, 0);
    REQUIRE(online.has_value());
    CHECK(online->time - begin < timeout_factor * 5s);
    CHECK(env.gateway().stop() == 0);
}
