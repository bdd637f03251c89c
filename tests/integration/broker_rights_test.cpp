// The example of access rights for Mosquitto: the gateway works with it, and only selected users command
// printers.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"
#include "unit/source_directory.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::MqttObserver;

namespace {

const std::string password = "of all users here";

/// A named user who subscribes to everything he may read.
std::unique_ptr<MqttObserver> user(TestEnvironment& env, const std::string& name) {
    return std::make_unique<MqttObserver>(bambu2mqtt::test_support::ObserverOptions{
        .port = env.broker().port(), .username = name, .password = password, .topics = {"#"}});
}

/// True if the user has received a message on a topic with this suffix.
bool received(const MqttObserver& who, const std::string& end) {
    for (const auto& message : who.messages()) {
        if (message.topic.ends_with(end)) {
            return true;
        }
    }
    return false;
}

} // namespace

TEST_CASE("with the example's access rights selected users can command a printer and others cannot") {
    TestEnvironment env{{.models = {"X1C", "P1S"},
                         .password = password,
                         .more_users = {"administrator", "homeassistant", "flows", "dashboard"},
                         .rights = bambu2mqtt::test::source_directory() / "examples/mosquitto/acl"}};
    env.gateway().configure(
        env.config({.broker_lines = "username = \"gateway\"\npassword = \"" + password + "\"",
                    .more_lines = "[control]\nraw_topics = true\n",
                    .printer_lines = {{0, "id = \"workshop\""}, {1, "id = \"attic\""}}}));
    auto& observer = env.observe();
    env.gateway().start();
    for (const std::string id : {"workshop", "attic"}) {
        REQUIRE(observer.wait_for_latest("bambu2mqtt/" + id + "/availability", "online", test_timeout));
        REQUIRE(observer.wait_for_latest("bambu2mqtt/" + id + "/chamber_light", "ON", test_timeout));
    }
    const auto administrator = user(env, "administrator");
    const auto homeassistant = user(env, "homeassistant");
    const auto flows = user(env, "flows");
    const auto dashboard = user(env, "dashboard");
    CHECK(MqttObserver::login({.port = env.broker().port()}) != 0);

    // All of them see the printers, and Home Assistant the discovery messages.
    for (const auto* who : {homeassistant.get(), flows.get(), dashboard.get()}) {
        CHECK(who->wait_for_latest("bambu2mqtt/workshop/chamber_light", "ON", test_timeout));
    }
    CHECK(eventually(test_timeout, [&] { return received(*homeassistant, "/config"); }));
    CHECK_FALSE(received(*dashboard, "/config"));

    const auto lamp_requests = [&](std::size_t printer) {
        return env.fleet().requests(printer, "system.ledctrl").size();
    };
    const auto say = [&](MqttObserver& who, const std::string& topic, const std::string& payload) {
        who.publish({.topic = topic, .payload = payload, .qos = 1});
    };
    // None of this is received.
    const std::string raw = R"({"system":{"sequence_id":"1","command":"ledctrl","led_node":"chamber_light",)"
                            R"("led_mode":"off"}})";
    for (const std::string id : {"workshop", "attic"}) {
        say(*dashboard, "bambu2mqtt/" + id + "/chamber_light/set", "OFF");
        say(*dashboard, "bambu2mqtt/" + id + "/command", R"({"command":"set_light_state","state":"off"})");
        say(*dashboard, "bambu2mqtt/" + id + "/command/set_light_state", R"({"state":"off"})");
        say(*dashboard, "bambu2mqtt/" + id + "/raw/request", raw);
        say(*flows, "bambu2mqtt/" + id + "/raw/request", raw);
        say(*homeassistant, "bambu2mqtt/" + id + "/raw/request", raw);
    }
    say(*flows, "bambu2mqtt/attic/chamber_light/set", "OFF");
    say(*flows, "bambu2mqtt/attic/command/set_light_state", R"({"state":"off"})");
    // Other topics that users may not publish on: states, discovery.
    say(*dashboard, "bambu2mqtt/bridge/state", "offline");
    say(*flows, "homeassistant/status", "online");
    // This one is allowed, and is sent after all of them.
    say(*flows, "bambu2mqtt/workshop/chamber_light/set", "OFF");
    CHECK(observer.wait_for_latest("bambu2mqtt/workshop/chamber_light", "OFF", test_timeout));
    say(*homeassistant, "bambu2mqtt/attic/command", R"({"command":"set_light_state","state":"off"})");
    CHECK(observer.wait_for_latest("bambu2mqtt/attic/chamber_light", "OFF", test_timeout));
    const auto workshop = lamp_requests(0);
    const auto attic = lamp_requests(1);
    CHECK(workshop >= 1);
    CHECK(workshop <= 2); // a chamber light may have a second lamp
    CHECK(attic == 1);
    CHECK(observer.latest("bambu2mqtt/bridge/state") == "online");

    // A user who commands receives the response, one who only reads does not.
    CHECK(eventually(test_timeout, [&] { return received(*homeassistant, "/response"); }));
    CHECK(eventually(test_timeout, [&] { return received(*homeassistant, "/raw/report"); }));
    CHECK(received(*dashboard, "/workshop/chamber_light"));
    CHECK_FALSE(received(*dashboard, "/response"));
    CHECK_FALSE(received(*dashboard, "/raw/report"));
    CHECK_FALSE(received(*flows, "/raw/report"));

    // Groups and the gateway itself obey the administrator alone.
    for (auto* who : {homeassistant.get(), flows.get(), dashboard.get()}) {
        say(*who, "bambu2mqtt/group/all/command", R"({"command":"set_light_state","state":"on"})");
        say(*who, "bambu2mqtt/group/all/command/set_light_state", R"({"state":"on"})");
        say(*who, "bambu2mqtt/bridge/request/log_level", R"({"level":"off","request_id":"theirs"})");
    }
    say(*administrator, "bambu2mqtt/bridge/request/log_level", R"({"level":"debug","request_id":"mine"})");
    CHECK(observer.wait_for(
        [](const auto& message) { return message.topic == "bambu2mqtt/bridge/response/log_level"; },
        test_timeout));
    for (const auto& message : observer.messages()) {
        if (message.topic == "bambu2mqtt/bridge/response/log_level") {
            CHECK(message.payload.find("\"mine\"") != std::string::npos);
            CHECK(message.payload.find("\"info\"") != std::string::npos); // the former level
        }
    }
    CHECK(observer.latest("bambu2mqtt/workshop/chamber_light") == "OFF");
    CHECK(lamp_requests(0) == workshop);
    CHECK_FALSE(received(observer, "/group/all/response"));
    say(*administrator, "bambu2mqtt/group/all/command/set_light_state", R"({"state":"on"})");
    CHECK(observer.wait_for_latest("bambu2mqtt/workshop/chamber_light", "ON", test_timeout));
    CHECK(observer.wait_for_latest("bambu2mqtt/attic/chamber_light", "ON", test_timeout));
    CHECK(eventually(test_timeout, [&] { return received(*administrator, "/group/all/response"); }));

    // A retained request leads to a line of the log, which the dashboard does not get.
    administrator->publish({.topic = "bambu2mqtt/bridge/request/log_level",
                            .payload = R"({"level":"off"})",
                            .qos = 1,
                            .retained = true});
    CHECK(eventually(test_timeout, [&] { return received(*administrator, "/bridge/log"); }));
    CHECK(received(*administrator, "/bridge/devices"));
    for (const std::string end : {"/bridge/log", "/bridge/devices", "/bridge/response/log_level",
                                  "/bridge/request/log_level", "/group/all/response", "/group/all/command"}) {
        CAPTURE(end);
        CHECK_FALSE(received(*dashboard, end));
    }

    // Home Assistant restarts; everything is published again.
    const auto from = observer.count();
    say(*homeassistant, "homeassistant/status", "online");
    CHECK(observer.wait_for([](const auto& message) { return message.topic.ends_with("/config"); },
                            test_timeout, from));
    CHECK(env.gateway().stop() == 0);
}
