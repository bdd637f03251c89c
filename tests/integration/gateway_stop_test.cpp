// The end of the bridge, in order and not, and what it leaves on the broker.
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

TEST_CASE("a bridge that is asked to stop says goodbye within two seconds") {
    House house{{.models = five_models}};
    REQUIRE(house.start_gateway());
    const auto from = house.observer().count();
    CHECK(house.gateway().stop(2s) == 0);
    CHECK(house.observer().wait_for_latest("bambu2mqtt/bridge/state", "offline", patience));
    for (std::size_t i = 0; i < five_models.size(); ++i) {
        CHECK(house.sees(i, "availability", "offline"));
        CHECK(house.history(i, "availability", from) == "offline");
        CHECK(eventually(patience, [&] { return connections_to(house.farm().printers()[i].port) == 0; }));
    }
    // It logged out; a will would come on top.
    std::size_t farewells = 0;
    for (const auto& message : house.observer().messages()) {
        farewells += message.topic == "bambu2mqtt/bridge/state" && message.payload == "offline" ? 1 : 0;
    }
    CHECK(farewells == 1);
    CHECK(house.gateway().lines_with("stopping on SIGTERM") == 1);
}

TEST_CASE("a bridge whose broker hangs or is away stops in time all the same") {
    House house{{.models = {"X1C"}}};
    REQUIRE(house.start_gateway());
    SUBCASE("hangs") {
        house.broker().freeze();
    }
    SUBCASE("is away") {
        house.broker().stop();
        REQUIRE(
            eventually(patience, [&] { return house.gateway().lines_with("broker: not connected") == 1; }));
    }
    CHECK(house.gateway().stop(3s) == 0);
    house.broker().thaw();
}

TEST_CASE("the broker tells of a bridge that was killed") {
    House house;
    REQUIRE(house.start_gateway());
    REQUIRE(house.observer().latest("bambu2mqtt/bridge/state") == "online");
    house.gateway().kill();
    CHECK(house.observer().wait_for_latest("bambu2mqtt/bridge/state", "offline", patience));
    CHECK(house.retained().at("bambu2mqtt/bridge/state") == "offline");
}

TEST_CASE("a printer that left the configuration leaves the broker, and nobody else does") {
    House house{{.models = {"X1C", "P1S", "A1MINI"}}};
    const auto& printers = house.farm().printers();
    GatewayRun neighbour{house.directory() / "neighbour"};
    auto text = house.config({.printers = {2},
                              .broker_lines = "base_topic = \"cellar\"\nclient_id = \"cellar\"",
                              .printer_lines = {{2, "id = \"mini\""}}});
    const auto own = (house.directory() / "gateway").string();
    for (auto at = text.find(own); at != std::string::npos; at = text.find(own)) {
        text.replace(at, own.size(), neighbour.directory().string());
    }
    neighbour.configure(text);
    auto& observer = house.observe();
    neighbour.start();
    REQUIRE(observer.wait_for_latest("cellar/mini/availability", "online", patience));

    // A stranger's message on a topic that looks like ours, and one that is nothing of ours at all.
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
    REQUIRE(house.start_gateway({.printers = {0, 1}}));
    REQUIRE(house.sees(1, "firmware", "01.08.02.00"));
    CHECK(house.gateway().stop() == 0);
    const auto before = house.retained();
    REQUIRE(below(before, printers[1].serial).size() > 2);

    REQUIRE(house.start_gateway({.printers = {0}}));
    CHECK(eventually(patience, [&] {
        const auto now = house.retained();
        return below(now, house.topic(1, "")).empty() && below(now, printers[1].serial).size() == 1;
    }));
    const auto after = house.retained();
    CHECK(difference(Retained{}, below(after, house.topic(1, ""))) == "");
    for (const auto& [topic, payload] : strangers) {
        CHECK(after.contains(topic));
        CHECK(after.at(topic) == payload);
    }
    CHECK(difference(lasting(below(before, "cellar/")), lasting(below(after, "cellar/"))) == "");
    CHECK(difference(below(before, printers[2].serial), below(after, printers[2].serial)) == "");
    CHECK(after.contains(house.discovery_topic(0)));
    CHECK(neighbour.running());
    CHECK(house.observer().latest("cellar/mini/availability") == "online");
    CHECK(neighbour.stop() == 0);
}
