// The gateway's own topics with a real broker: devices, log, requests, commands for groups; and what clients
// can do with them.
#include "integration/command_client.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace bambu2mqtt;
using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::MqttObserver;
using bambu2mqtt::test_support::ObservedMessage;

namespace {

const std::string below = "bambu2mqtt/bridge/";

/// Two printers, of which the first one is upstairs.
ConfigChanges with_groups() {
    return {.printer_lines = {{0, "groups = [\"upstairs\"]\narea = \"Attic\""}}};
}

/// All payloads of a topic from a position on.
std::vector<json> all_on(TestEnvironment& env, const std::string& topic, std::size_t from = 0) {
    std::vector<json> all;
    const auto messages = env.observer().messages();
    for (std::size_t i = from; i < messages.size(); ++i) {
        if (messages[i].topic == topic && !messages[i].payload.empty()) {
            all.push_back(json::parse(messages[i].payload));
        }
    }
    return all;
}

/// Publishes, and returns the first message on `answer` after that; null at the deadline.
json ask(TestEnvironment& env, const std::string& topic, const std::string& payload,
         const std::string& answer) {
    const auto from = env.observer().count();
    env.observer().publish({.topic = topic, .payload = payload, .qos = 1});
    const auto found = env.observer().wait_for(
        [&](const ObservedMessage& message) { return message.topic == answer; }, test_timeout, from);
    return found ? json::parse(found->payload) : json();
}

json request(TestEnvironment& env, const std::string& name, const std::string& payload = {}) {
    return ask(env, below + "request/" + name, payload, below + "response/" + name);
}

} // namespace

TEST_CASE("bridge topics: devices lists all printers, and follows a connection that ends") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway(with_groups()));
    const auto connections = [&] {
        std::string all;
        const auto lists = all_on(env, below + "devices");
        for (const auto& device : lists.empty() ? json::array() : lists.back()) {
            all += device["connection"].get<std::string>() + " ";
        }
        return all;
    };
    REQUIRE(eventually(test_timeout, [&] { return connections() == "connected connected "; }));
    const auto list = all_on(env, below + "devices").back();
    CHECK(list[0]["model"] == "X1C");
    CHECK(list[0]["serial"] == env.fleet().printers()[0].serial);
    CHECK(list[0]["host"] == "127.0.0.1");
    CHECK(list[0]["groups"] == json{"upstairs"});
    CHECK(list[0]["area"] == "Attic");
    CHECK(list[1]["model"] == "P1S");
    CHECK(list[1]["groups"] == json::array());
    CHECK(list[1]["area"].is_null());
    CHECK(env.retained().contains(below + "devices"));

    env.fleet().change_access_code(1, "87654321");
    env.fleet().driver().drop_connections(1);
    CHECK(eventually(test_timeout, [&] { return connections() == "connected auth_refused "; }));
    // The warning about it is on bridge/log, too.
    const auto says_so = [&] {
        const auto lines = all_on(env, below + "log");
        return std::ranges::any_of(lines, [&](const json& line) {
            return line["area"] == list[1]["id"] && line["level"] == "warning";
        });
    };
    CHECK(eventually(test_timeout, says_so));
    for (const auto& line : all_on(env, below + "log")) {
        CHECK(line.size() == 4);
        CHECK(line.dump().find("87654321") == std::string::npos);
        CHECK(line.dump().find(env.fleet().printers()[1].access_code) == std::string::npos);
    }
    CHECK_FALSE(env.retained().contains(below + "log"));
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("bridge topics: health, log_level and doctor are answered; doctor opens no second session") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway());
    const auto health = request(env, "health", R"({"request_id":"h"})");
    CHECK(ending(health) == "done");
    CHECK(health["request_id"] == "h");
    CHECK(health["data"]["session_age"].size() == 2);

    const auto sessions_open = [&] {
        std::size_t open = 0;
        for (const auto& printer : env.fleet().printers()) {
            open += connections_to(printer.port);
        }
        return open;
    };
    const auto open_before = sessions_open();
    const auto doctor = request(env, "doctor");
    CHECK(ending(doctor) == "done");
    CHECK(doctor["data"]["findings"] == 0);
    std::size_t sessions = 0;
    for (const auto& check : doctor["data"]["checks"]) {
        CHECK(check["result"] != "finding");
        sessions += check["check"] == "session" ? 1 : 0;
    }
    CHECK(sessions == 3);
    CHECK(ending(request(env, "doctor")) == "refused busy");
    CHECK(sessions_open() == open_before);

    const auto warnings = [&] { return env.gateway().lines_with("must not be retained"); };
    const auto retained_command = [&] {
        env.observer().publish(
            {.topic = env.topic(0, "command/home_axes"), .payload = "{}", .qos = 1, .retained = true});
    };
    const auto off = request(env, "log_level", R"({"level":"off"})");
    CHECK(off["data"] == json{{"old", "info"}, {"level", "off"}});
    retained_command();
    CHECK(ending(request(env, "health")) == "done"); // afterwards
    CHECK(warnings() == 0);
    CHECK(request(env, "log_level", R"({"level":"info"})")["data"]["old"] == "off");
    retained_command();
    CHECK(eventually(test_timeout, [&] { return warnings() == 1; }));
    CHECK(says(request(env, "log_level", R"({"level":"loud"})"), "\"warn\""));
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("bridge topics: a command for a group reaches its printers, and a summary follows") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway(with_groups()));
    const std::string groups = "bambu2mqtt/group/";
    const auto lamps = [&](std::size_t printer) {
        return env.fleet().requests(printer, "system.ledctrl").size();
    };
    const auto upstairs =
        ask(env, groups + "upstairs/command",
            R"({"command":"set_light_state","state":"off","request_id":"g"})", groups + "upstairs/response");
    CHECK(ending(upstairs) == "done");
    CHECK(upstairs["request_id"] == "g");
    CHECK(upstairs["data"]["counts"] == json{{"effective", 1}});
    CHECK(lamps(0) >= 1);
    CHECK(lamps(1) == 0);
    CHECK(env.sees(0, "chamber_light", "OFF"));

    const auto all =
        ask(env, groups + "all/command/set_light_state", R"({"state":"off"})", groups + "all/response");
    CHECK(ending(all) == "done");
    CHECK(all["data"]["printers"].size() == 2);
    CHECK(all["data"]["printers"][1]["status"] == "effective");
    CHECK(env.sees(1, "chamber_light", "OFF"));
    CHECK(all_on(env, env.topic(1, "response")).size() == 1);
    CHECK(ending(ask(env, groups + "attic/command/home_axes", "", groups + "attic/response")) ==
          "refused not_found");
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("attack: requests and group commands of any name, content and number do not disturb the gateway") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    env.observe();
    // Retained before the gateway starts.
    const std::vector<std::string> retained{below + "request/log_level", below + "request/doctor",
                                            "bambu2mqtt/group/all/command",
                                            "bambu2mqtt/group/all/command/home_axes"};
    for (const auto& topic : retained) {
        env.observer().publish({.topic = topic,
                                .payload = R"({"command":"home_axes","level":"off"})",
                                .qos = 1,
                                .retained = true});
    }
    REQUIRE(env.start_gateway());
    for (const auto& topic : retained) {
        INFO(topic);
        CHECK(eventually(test_timeout, [&] { return !env.retained().contains(topic); }));
    }
    CHECK(env.fleet().requests(0, "print.gcode_line").empty());
    CHECK(all_on(env, below + "response/log_level").empty());
    CHECK(all_on(env, "bambu2mqtt/group/all/response").empty());

    const std::string unknown = below + "response/unknown";
    for (const auto& name : {std::string(30'000, 'n'), std::string{"Reboot now"}, std::string{"\xC3\xA4"}}) {
        const auto answer = ask(env, below + "request/" + name, "", unknown);
        CHECK(ending(answer) == "refused unknown_command");
        CHECK(answer.dump().size() < 1000);
    }
    CHECK(ending(request(env, "reboot")) == "refused unknown_command");
    for (const auto& payload : {std::string(200'000, '['), std::string(1'000'000, 'x')}) {
        const auto answer = request(env, "log_level", payload);
        CHECK(ending(answer) == "refused invalid_argument");
        CHECK(answer.dump().size() < 1000);
        CHECK(ending(ask(env, "bambu2mqtt/group/all/command", payload, "bambu2mqtt/group/all/response")) ==
              "refused invalid_argument");
    }

    constexpr int flood = 3000;
    MqttObserver attacker{env.observer_options()};
    for (int i = 0; i < flood; ++i) {
        attacker.publish({.topic = below + "request/health"});
        attacker.publish({.topic = below + "request/reboot"});
        attacker.publish(
            {.topic = "bambu2mqtt/group/none/command", .payload = "{\"command\":\"home_axes\"}"});
    }
    CHECK(publishes(env, 1, 42));
    CHECK(ending(request(env, "health", R"({"request_id":"last"})")) == "done");
    CHECK(env.gateway().lines_with("broker: not connected") == 0);
    CHECK(env.gateway().log().size() < 10'000);
    CHECK(env.gateway().stop() == 0);
}
