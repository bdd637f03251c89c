// Command input and responses: topics, controls, MQTT 5, repetitions, retained messages, and what the
// configuration forbids.
#include "integration/command_client.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

using namespace bambu2mqtt;
using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::MqttObserver;
using bambu2mqtt::test_support::ObservedMessage;

TEST_CASE("with MQTT 5 the outcome also goes to the sender's response topic, with its correlation data") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    auto options = env.observer_options();
    options.version_5 = true;
    options.topics = {"bambu2mqtt/response/#"};
    MqttObserver sender{options};
    const std::string correlation("\0\x01 any bytes \xFF", 15);
    sender.publish({.topic = env.topic(0, "command/set_light_state"),
                    .payload = R"({"state": "off"})",
                    .qos = 1,
                    .response_topic = "bambu2mqtt/response/mine",
                    .correlation_data = correlation});
    const auto answer = sender.wait_for(
        [](const ObservedMessage& message) { return message.topic == "bambu2mqtt/response/mine"; },
        test_timeout);
    REQUIRE(answer.has_value());
    CHECK(answer->correlation_data == correlation);
    CHECK_FALSE(answer->retained);
    CHECK(ending(json::parse(answer->payload)) == "effective");
    CHECK(eventually(test_timeout, [&] { return !env.history(0, "response").empty(); }));

    // Controls and refusals are answered there too.
    sender.publish({.topic = env.topic(0, "chamber_light/set"),
                    .payload = "maybe",
                    .qos = 1,
                    .response_topic = "bambu2mqtt/response/light"});
    const auto refused = sender.wait_for(
        [](const ObservedMessage& message) { return message.topic == "bambu2mqtt/response/light"; },
        test_timeout);
    REQUIRE(refused.has_value());
    CHECK(ending(json::parse(refused->payload)) == "refused invalid_argument");
    CHECK(env.gateway().lines_with("broker: not connected") == 0);
    CHECK(env.gateway().running());
}

TEST_CASE("a repeated request id returns the first outcome and sends nothing") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    const auto command = [&](const json& id, const std::string& state) {
        const json payload{{"state", state}, {"request_id", id}};
        env.observer().publish(
            {.topic = env.topic(0, "command/set_light_state"), .payload = payload.dump(), .qos = 1});
    };
    env.fleet().with(0, [](auto& printer) {
        printer.behaviour().add({.requests = "system.ledctrl", .behaviour_kind = simulator::Behaviour::mute});
    });
    command("once", "off");
    command("once", "off"); // while the first is running
    CHECK(ending(client.ask("get_state")) == "done");
    env.fleet().with(0, [](auto& printer) { // both have been taken: the first ends now
        printer.behaviour().clear();
        printer.set_light("chamber_light", "off");
    });
    REQUIRE(eventually(test_timeout, [&] { return client.answers("once").size() == 1; }));
    command("once", "on"); // and after it has ended: the id counts, not the arguments
    REQUIRE(eventually(test_timeout, [&] { return client.answers("once").size() == 2; }));
    const auto answers = client.answers("once");
    CHECK(ending(answers[0]) == "effective");
    CHECK(answers[1] == answers[0]);
    CHECK(client.requested("system.ledctrl") == 1);
    command(17, "on"); // an id may be a number
    REQUIRE(eventually(test_timeout, [&] { return client.answers("17").size() == 1; }));
    CHECK(client.requested("system.ledctrl") == 2);
}

TEST_CASE("retained messages on command topics are ignored and cleared, at start and later") {
    TestEnvironment env{{.models = {"X1C"}}};
    env.observe();
    const std::array topics{std::pair{"command/set_light_state", R"({"state":"off"})"},
                            std::pair{"command", R"({"command":"home_axes"})"},
                            std::pair{"bed_target_temperature/set", "60"}};
    const auto leave = [&] {
        for (const auto& [topic, payload] : topics) {
            env.observer().publish(
                {.topic = env.topic(0, topic), .payload = payload, .qos = 1, .retained = true});
        }
    };
    const auto are_cleared = [&] {
        const auto left = env.retained();
        return std::ranges::none_of(topics,
                                    [&](const auto& one) { return left.contains(env.topic(0, one.first)); });
    };
    leave();
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    CHECK(eventually(test_timeout, are_cleared));
    leave();
    CHECK(eventually(test_timeout, are_cleared));
    // An allowed one, so that the others had their time.
    CHECK(ending(client.ask("set_light_state", {{"state", "on"}})) == "effective");
    CHECK(client.commanded() == 1);
    CHECK(env.gateway().lines_with("commands must not be retained") >= 3);
}

TEST_CASE("controls of all kinds take effect, and their states follow") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    CHECK(ending(client.publish_and_wait("chamber_light/set", "OFF", "set_light_state")) == "effective");
    CHECK(env.sees(0, "chamber_light", "OFF"));
    CHECK(ending(client.publish_and_wait("bed_target_temperature/set", "55", "set_bed_temp_target")) ==
          "effective");
    CHECK(env.sees(0, "bed_target_temperature", "55"));
    CHECK(ending(client.publish_and_wait("aux_fan/set", "70", "set_aux_fan_speed_target_percent")) ==
          "effective");
    CHECK(env.sees(0, "aux_fan", "70"));
    CHECK(ending(client.publish_and_wait("timelapse/set", "ON", "set_timelapse")) == "effective");
    CHECK(env.sees(0, "timelapse", "ON"));
    env.fleet().with(0, [](auto& printer) { printer.start_print({.name = "Boat"}, 60s); });
    REQUIRE(env.sees(0, "print_status", "running"));
    CHECK(ending(client.publish_and_wait("print_speed/set", "silent", "set_speed_level")) == "effective");
    CHECK(env.sees(0, "print_speed", "silent"));
    REQUIRE(env.sees(0, "pause/availability", "online"));
    CHECK(ending(client.publish_and_wait("pause/set", "PRESS", "pause_printing")) == "effective");
    CHECK(env.sees(0, "print_status", "pause"));
    CHECK(env.sees(0, "pause/availability", "offline"));

    CHECK(ending(client.publish_and_wait("bed_target_temperature/set", "warm",
                                         "bed_target_temperature/set")) == "refused invalid_argument");
    CHECK(ending(client.publish_and_wait("no_such_thing/set", "1", "no_such_thing/set")) ==
          "refused not_found");
    CHECK(ending(client.publish_and_wait("print_progress/set", "1", "print_progress/set"))
              .starts_with("refused"));
    CHECK(ending(client.publish_and_wait("command", "{", "")) == "refused invalid_argument");
    CHECK(ending(client.publish_and_wait("command/get_state", "[]", "get_state")) ==
          "refused invalid_argument");
}

TEST_CASE("a switch shows an acknowledged state at once, and reverts when the printer does not follow") {
    TestEnvironment env{{.models = {"X1C", "X1C"}}};
    REQUIRE(env.start_gateway());
    constexpr std::array behaviours{simulator::Behaviour::no_effect, simulator::Behaviour::mute};
    constexpr std::array<const char*, 2> shown{"OFF, ON", "ON"}; // nothing is shown that a printer may refuse
    for (std::size_t i = 0; i < behaviours.size(); ++i) {
        CAPTURE(i);
        CommandClient client{env, i};
        REQUIRE(env.sees(i, "chamber_light", "ON"));
        env.fleet().with(i, [&](auto& printer) {
            printer.behaviour().add({.behaviour_kind = behaviours[i]}); // all requests
        });
        const auto from = env.observer().count();
        CHECK(ending(client.publish_and_wait("chamber_light/set", "OFF", "set_light_state")) ==
              "unconfirmed");
        CHECK(env.sees(i, "chamber_light", "ON"));
        // The state follows the outcome.
        CHECK(eventually(test_timeout, [&] { return env.history(i, "chamber_light", from) == shown[i]; }));
    }
}

TEST_CASE("what control.allow forbids is refused on every topic") {
    for (const std::string allow : {"safe", "none"}) {
        const bool may_light = allow == "safe";
        CAPTURE(allow);
        TestEnvironment env{{.models = {"X1C"}}};
        REQUIRE(env.start_gateway(
            {.more_lines = "[control]\nallow = \"" + allow + "\"\nraw_commands = true\nraw_topics = true"}));
        CommandClient client{env};
        const std::string heat = R"({"print":{"command":"gcode_line","param":"M140 S60\n"}})";
        CHECK(ending(client.ask("set_bed_temp_target", {{"value", 60}})) == "refused not_allowed");
        CHECK(ending(client.publish_and_wait("command/set_bed_temp_target", R"({"value":60})",
                                             "set_bed_temp_target")) == "refused not_allowed");
        CHECK(ending(client.publish_and_wait("bed_target_temperature/set", "60", "set_bed_temp_target")) ==
              "refused not_allowed");
        CHECK(ending(client.ask("send_gcode", {{"gcode", "M140 S60"}})) == "refused not_allowed");
        CHECK(ending(client.ask("send_anything", {{"anything", heat}})) == "refused not_allowed");
        CHECK(ending(client.publish_and_wait("raw/request", heat, "send_anything")) == "refused not_allowed");
        CHECK(ending(client.ask("print_3mf_file", {{"name", "/a.3mf"}})) == "refused not_allowed");
        CHECK(ending(client.ask("SET_BED_TEMP_TARGET", {{"value", 60}})) == "refused unknown_command");
        CHECK(ending(client.ask("delete_sdcard_file", {{"file", "/a.3mf"}})) == "refused not_allowed");
        CHECK(ending(client.ask("upload_sdcard_file", {{"content", ""}, {"dest", "/a.3mf"}})) ==
              "refused not_allowed");
        CHECK(client.commanded() == 0);
        CHECK(ending(client.ask("set_light_state", {{"state", "off"}})) ==
              (may_light ? "effective" : "refused not_allowed"));
        const auto announced = env.observer().latest(env.discovery_topic(0)).value_or("");
        CHECK(announced.find("bed_target_temperature_readonly") != std::string::npos);
        CHECK((announced.find("chamber_light_readonly") == std::string::npos) == may_light);
    }
}

TEST_CASE("raw commands and topics work where enabled, under the same rules as commands") {
    TestEnvironment env{{.models = {"X1C"}}};
    const std::string pause = R"({"print":{"command":"pause","param":"","sequence_id":"77"}})";
    {
        REQUIRE(env.start_gateway());
        CommandClient client{env};
        CHECK(ending(client.publish_and_wait("raw/request", pause, "send_anything")) ==
              "refused not_allowed");
        CHECK(ending(client.ask("send_anything", {{"anything", pause}})) == "refused not_allowed");
        CHECK(ending(client.ask("send_gcode", {{"gcode", "G28"}})) == "refused not_allowed");
        CHECK(env.history(0, "raw/report").empty());
        CHECK(client.commanded() == 0);
        CHECK(env.gateway().stop() == 0);
    }
    REQUIRE(env.start_gateway({.more_lines = "[control]\nraw_commands = true\nraw_topics = true"}));
    CommandClient client{env};
    env.fleet().with(0, [](auto& printer) { printer.start_print({.name = "Boat"}, 60s); });
    REQUIRE(env.sees(0, "print_status", "running"));
    CHECK(ending(client.publish_and_wait("raw/request", pause, "send_anything")) == "accepted");
    CHECK(env.sees(0, "print_status", "pause"));
    CHECK(eventually(test_timeout, [&] { return !env.history(0, "raw/report").empty(); }));
    CHECK(ending(client.ask("send_gcode", {{"gcode", "M106 P1 S255"}})) == "accepted");
    for (const std::string request :
         {R"({"print":{"command":"ledctrl"}})", R"({"print":{"command":"gcode_line","param":"M106 S255\n"}})",
          R"({"print":{"command":"gcode_file","param":"/a.3mf"}})", R"({"print":{},"system":{}})",
          R"({"nonsense":{}})", "[]", "x"}) {
        CAPTURE(request);
        CHECK(ending(client.publish_and_wait("raw/request", request, "send_anything")) ==
              "refused invalid_argument");
    }
    CHECK(ending(client.publish_and_wait("raw/request", R"({"system":{"command":"get_access_code"}})",
                                         "send_anything")) == "refused not_allowed");
    CHECK(client.commanded() == 2);
}
