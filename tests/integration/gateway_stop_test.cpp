// Regular and irregular ends of the gateway, and what remains on the broker.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::ObservedMessage;

namespace {

const std::vector<std::string> five_models{"X1C", "P1S", "A1MINI", "H2D", "P2S"};

Retained below(const Retained& messages, std::string_view part) {
    Retained result;
    for (const auto& message : messages) {
        if (message.first.find(part) != std::string::npos) {
            result.insert(message);
        }
    }
    return result;
}

} // namespace

TEST_CASE("a gateway that is stopped publishes offline within two seconds") {
    TestEnvironment env{{.models = five_models}};
    REQUIRE(env.start_gateway());
    const auto from = env.observer().count();
    CHECK(env.gateway().stop(2s) == 0);
    CHECK(env.observer().wait_for_latest("bambu2mqtt/bridge/state", "offline", test_timeout));
    for (std::size_t i = 0; i < five_models.size(); ++i) {
        CHECK(env.sees(i, "availability", "offline"));
        CHECK(env.history(i, "availability", from) == "offline");
        CHECK(eventually(test_timeout, [&] { return connections_to(env.fleet().printers()[i].port) == 0; }));
    }
    // It sent DISCONNECT; a will would be an additional message.
    std::size_t farewells = 0;
    for (const auto& message : env.observer().messages()) {
        farewells += message.topic == "bambu2mqtt/bridge/state" && message.payload == "offline" ? 1 : 0;
    }
    CHECK(farewells == 1);
    CHECK(env.gateway().lines_with("stopping on SIGTERM") == 1);
}

TEST_CASE("a gateway whose broker hangs or is offline still stops in time") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    SUBCASE("hangs") {
        env.broker().freeze();
    }
    SUBCASE("is offline") {
        env.broker().stop();
        REQUIRE(
            eventually(test_timeout, [&] { return env.gateway().lines_with("broker: not connected") == 1; }));
    }
    CHECK(env.gateway().stop(3s) == 0);
    env.broker().thaw();
}

TEST_CASE("the broker publishes the will of a gateway that was killed") {
    TestEnvironment env;
    REQUIRE(env.start_gateway());
    REQUIRE(env.observer().latest("bambu2mqtt/bridge/state") == "online");
    env.gateway().kill();
    CHECK(env.observer().wait_for_latest("bambu2mqtt/bridge/state", "offline", test_timeout));
    CHECK(env.retained().at("bambu2mqtt/bridge/state") == "offline");
}

TEST_CASE("a printer removed from the configuration is removed from the broker, and nothing else is") {
    TestEnvironment env{{.models = {"X1C", "P1S", "A1MINI"}}};
    const auto& printers = env.fleet().printers();
    GatewayRun neighbour{env.directory() / "neighbour"};
    auto text = env.config({.printers = {2},
                            .broker_lines = "base_topic = \"cellar\"\nclient_id = \"cellar\"",
                            .printer_lines = {{2, "id = \"mini\""}}});
    const auto own = (env.directory() / "gateway").string();
    for (auto at = text.find(own); at != std::string::npos; at = text.find(own)) {
        text.replace(at, own.size(), neighbour.directory().string());
    }
    neighbour.configure(text);
    auto& observer = env.observe();
    neighbour.start();
    REQUIRE(observer.wait_for_latest("cellar/mini/availability", "online", test_timeout));

    // A foreign message on a topic that looks like ours, and one on an unrelated topic.
    const auto foreign =
        fmt::format("homeassistant/sensor/bambu2mqtt_{}_hand_made/config", printers[1].serial);
    const Retained strangers{
        {foreign, R"({"name":"Mine","state_topic":"home/x","unique_id":"x1","origin":{"name":"my own"}})"},
        {"homeassistant/sensor/other/config", R"({"name":"Other","state_topic":"home/y","unique_id":"y1"})"},
        {"home/x", "1"},
        {"bambu2mqtt/kitchen/light", "ON"}};
    for (const auto& [topic, payload] : strangers) {
        observer.publish({.topic = topic, .payload = payload, .qos = 1, .retained = true});
    }
    REQUIRE(env.start_gateway({.printers = {0, 1}}));
    REQUIRE(env.sees(1, "firmware", "01.08.02.00"));
    CHECK(env.gateway().stop() == 0);
    const auto before = env.retained();
    REQUIRE(below(before, printers[1].serial).size() > 2);

    REQUIRE(env.start_gateway({.printers = {0}}));
    CHECK(eventually(test_timeout, [&] {
        const auto now = env.retained();
        return below(now, env.topic(1, "")).empty() && below(now, printers[1].serial).size() == 1;
    }));
    const auto after = env.retained();
    CHECK(difference(Retained{}, below(after, env.topic(1, ""))) == "");
    for (const auto& [topic, payload] : strangers) {
        CHECK(after.contains(topic));
        CHECK(after.at(topic) == payload);
    }
    CHECK(difference(lasting(below(before, "cellar/")), lasting(below(after, "cellar/"))) == "");
    CHECK(difference(below(before, printers[2].serial), below(after, printers[2].serial)) == "");
    CHECK(after.contains(env.discovery_topic(0)));
    CHECK(neighbour.running());
    CHECK(env.observer().latest("cellar/mini/availability") == "online");
    CHECK(neighbour.stop() == 0);
}
