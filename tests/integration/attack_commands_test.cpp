// What a client that may publish on command topics can do with response topics, names and sizes: it must not
// affect the gateway's session, other printers or other topics.
#include "integration/command_client.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace bambu2mqtt;
using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::MqttObserver;
using bambu2mqtt::test_support::ObservedMessage;

namespace {

/// An MQTT 5 client that sends commands and subscribes to nothing.
test_support::ObserverOptions attacker_options(const TestEnvironment& env) {
    auto options = env.observer_options();
    options.version_5 = true;
    options.topics = {"nothing"};
    return options;
}

std::string deep_topic(const std::string& prefix, std::size_t levels) {
    auto topic = prefix;
    for (auto level = static_cast<std::size_t>(std::ranges::count(prefix, '/')) + 1; level < levels;
         ++level) {
        topic += "/a";
    }
    return topic;
}

/// Logins of the gateway seen by the broker: one as long as its session is not disturbed.
std::size_t sessions(TestEnvironment& env) {
    const auto log = env.broker().log();
    std::size_t count = 0;
    for (auto at = log.find(" as bambu2mqtt "); at != std::string::npos;
         at = log.find(" as bambu2mqtt ", at + 1)) {
        ++count;
    }
    return count;
}

/// The first response on a printer's response topic from a position on; null when there is none.
json answer_from(TestEnvironment& env, std::size_t printer, std::size_t from) {
    const auto topic = env.topic(printer, "response");
    const auto found = env.observer().wait_for(
        [&](const ObservedMessage& message) { return message.topic == topic; }, test_timeout, from);
    return found ? json::parse(found->payload) : json();
}

/// True if no text of an outcome has a control character.
bool is_clean(const json& outcome) {
    return std::ranges::all_of(outcome, [](const json& member) {
        const auto text = member.is_string() ? member.get<std::string>() : std::string{};
        return text.find("\xC2\x9B") == std::string::npos &&
               std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    });
}

} // namespace

TEST_CASE("attack: a response topic of 211 levels does not end the gateway's session") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway());
    REQUIRE(sessions(env) == 1);
    MqttObserver attacker{attacker_options(env)};
    int percent = 20;
    for (const auto& topic :
         {deep_topic("a", 211), deep_topic("bambu2mqtt/response", 120), deep_topic("bambu2mqtt/response", 17),
          std::string(211, '/'), "bambu2mqtt/response/" + std::string(40'000, 'x')}) {
        const auto from = env.observer().count();
        attacker.publish({.topic = env.topic(0, "command/get_state"), .qos = 1, .response_topic = topic});
        const auto answer = answer_from(env, 0, from);
        CHECK(ending(answer) == "done");
        CHECK(answer.value("note", "").find("are allowed") != std::string::npos);
        CHECK(answer.value("note", "").size() < 300);
        CHECK(publishes(env, 1, ++percent));
    }
    CHECK(sessions(env) == 1);
    CHECK(env.gateway().lines_with("broker: not connected") == 0);
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("attack: nothing is published on foreign topics, own command topics or Home Assistant's topics") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    // Even a list that allows everything does not allow these.
    for (const bool listed : {false, true}) {
        INFO("broker.response_topics: ", std::string{listed ? "[\"#\"]" : "[]"});
        REQUIRE(env.start_gateway({.broker_lines = listed ? "response_topics = [\"#\"]" : ""}));
        MqttObserver attacker{attacker_options(env)};
        std::vector<std::string> topics{env.topic(0, "command"),
                                        env.topic(0, "command/get_state"),
                                        env.topic(1, "command"),
                                        env.topic(1, "command/home_axes"),
                                        env.topic(1, "chamber_light/set"),
                                        env.topic(1, "availability"),
                                        "bambu2mqtt/bridge/state",
                                        "homeassistant/status",
                                        env.discovery_topic(1)};
        if (!listed) {
            topics.emplace_back("zigbee2mqtt/bridge/request/restart");
        }
        for (const auto& topic : topics) {
            INFO(topic);
            const auto from = env.observer().count();
            attacker.publish({.topic = env.topic(0, "command/get_state"),
                              .payload = R"({"request_id":"x1"})",
                              .qos = 1,
                              .response_topic = topic,
                              .correlation_data = "c"});
            const auto answer = answer_from(env, 0, from);
            CHECK(ending(answer) == "done");
            CHECK(answer.value("note", "").starts_with("not published on the response topic"));
        }
        // An allowed topic is used last: by then the others would have been answered.
        const auto from = env.observer().count();
        attacker.publish({.topic = env.topic(0, "command/get_state"),
                          .qos = 1,
                          .response_topic = listed ? "elsewhere/mine" : "bambu2mqtt/response/mine"});
        const auto is_answer = [](const ObservedMessage& message) {
            return message.topic.ends_with("/mine");
        };
        REQUIRE(env.observer().wait_for(is_answer, test_timeout, from).has_value());
        for (const auto& message : env.observer().messages()) {
            const bool asked = message.topic == env.topic(0, "command/get_state");
            if (!asked && std::ranges::find(topics, message.topic) != topics.end()) {
                INFO(message.topic);
                CHECK(message.payload.find("\"request_id\"") == std::string::npos);
            }
        }
        CHECK(env.fleet().requests(1, "print.gcode_line").empty());
        CHECK(env.gateway().lines_with("broker: not connected") == 0);
        CHECK(env.gateway().stop() == 0);
    }
}

TEST_CASE("attack: names, ids and payloads of any size and content are refused and logged shortened") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway());
    MqttObserver attacker{attacker_options(env)};
    const std::string megabyte(1'000'000, 'n');
    const std::string control = "\\u001b[2J\\u009b\\u0000";

    struct Row {
        std::string topic{};
        std::string payload{};
        std::string ending{};
    };

    const std::vector<Row> rows{
        {"command", R"({"command":")" + megabyte + "\"}", "refused unknown_command"},
        {"command", R"({"command":"a)" + control + "\"}", "refused unknown_command"},
        {"command/" + std::string(30'000, 'n'), "", "refused unknown_command"},
        {std::string(30'000, 'n') + "/set", "1", "refused not_found"},
        {"command/get_state", R"({"request_id":")" + megabyte + "\"}", "refused invalid_argument"},
        {"command/get_state", R"({"request_id":"a)" + control + "\"}", "refused invalid_argument"},
        {"command/get_state", R"({")" + megabyte + "\":1}", "refused invalid_argument"},
        {"command/set_light_state", R"({"state":")" + megabyte + "\"}", "refused invalid_argument"},
        {"command/set_light_state", R"({"state":"a)" + control + "\"}", "refused invalid_argument"},
        {"command/rename_printer", R"({"new_name":"a\u009b31m"})", "refused invalid_argument"},
        {"command/get_sdcard_contents", R"({"path":")" + megabyte + "\"}", "refused invalid_argument"},
        {"chamber_light/set", megabyte, "refused invalid_argument"},
        {"command", std::string(200'000, '['), "refused invalid_argument"},
        {"command", megabyte, "refused invalid_argument"},
    };
    for (const auto& row : rows) {
        INFO(row.topic.substr(0, 60), " ", row.payload.substr(0, 60));
        const auto from = env.observer().count();
        attacker.publish({.topic = env.topic(0, row.topic), .payload = row.payload, .qos = 1});
        const auto answer = answer_from(env, 0, from);
        CHECK(ending(answer) == row.ending);
        CHECK(answer.dump().size() < 2500);
        CHECK(is_clean(answer));
    }
    REQUIRE(eventually(test_timeout, [&] { return !env.seen(0, "last_command/attributes").empty(); }));
    std::this_thread::sleep_for(1100ms); // a topic is sent at most once a second
    for (const auto& message : env.observer().messages()) {
        if (message.topic == env.topic(0, "last_command/attributes")) {
            CHECK(message.payload.size() < 2500);
        }
    }
    CHECK(publishes(env, 1, 42));
    CHECK(sessions(env) == 1);
    CHECK(env.gateway().log().size() < 10'000);
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("attack: of five values for one control within 30 ms one is effective and four are superseded") {
    TestEnvironment env{{.models = {"X1C"}, .report_interval = 2s}};
    REQUIRE(env.start_gateway());
    REQUIRE(publishes(env, 0, 12)); // a report has just come, the next one is two seconds away
    const auto from = env.observer().count();
    for (int value = 41; value <= 45; ++value) {
        env.observer().publish(
            {.topic = env.topic(0, "bed_target_temperature/set"), .payload = std::to_string(value)});
    }
    const auto outcomes = [&] {
        std::vector<std::string> all;
        const auto messages = env.observer().messages();
        for (std::size_t i = from; i < messages.size(); ++i) {
            if (messages[i].topic == env.topic(0, "response")) {
                all.push_back(ending(json::parse(messages[i].payload)));
            }
        }
        return all;
    };
    REQUIRE(eventually(test_timeout, [&] { return outcomes().size() >= 5; }));
    auto all = outcomes();
    CHECK(all.back() == "effective");
    all.pop_back();
    CHECK(all.size() == 4);
    CHECK(std::ranges::all_of(all, [](const auto& one) { return one.ends_with(" superseded"); }));
    CHECK(env.sees(0, "bed_target_temperature", "45"));
    CHECK(env.sees(0, "last_command", "effective"));
    CHECK(env.history(0, "last_command", from) == "effective");
    CHECK(env.fleet().requests(0, "print.gcode_line").size() <= 3);

    // A refused value is never shown while another command is running.
    env.fleet().with(0, [](auto& printer) {
        printer.behaviour().add({.requests = "print.*", .behaviour_kind = simulator::Behaviour::mute});
    });
    const auto begin = env.observer().count();
    env.observer().publish({.topic = env.topic(0, "bed_target_temperature/set"), .payload = "60", .qos = 1});
    env.observer().publish({.topic = env.topic(0, "bed_target_temperature/set"), .payload = "400", .qos = 1});
    REQUIRE(eventually(test_timeout, [&] {
        return env.history(0, "response", begin).find("invalid_argument") != std::string::npos;
    }));
    CHECK(eventually(test_timeout, [&] {
        return env.history(0, "response", begin).find("unconfirmed") != std::string::npos;
    }));
    CHECK(env.history(0, "bed_target_temperature", begin).find("400") == std::string::npos);
}
