// Outages of the user's broker, and restarts of Home Assistant.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <sstream>
#include <string>
#include <utility>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::ObservedMessage;

namespace {

/// Number of messages on a topic from a position on.
std::size_t count_of(TestEnvironment& env, const std::string& topic, std::size_t from) {
    const auto messages = env.observer().messages();
    std::size_t count = 0;
    for (std::size_t i = from; i < messages.size(); ++i) {
        count += messages[i].topic == topic ? 1 : 0;
    }
    return count;
}

/// Waits for a message on a topic from a position on.
bool comes(TestEnvironment& env, const std::string& topic, std::size_t from,
           std::chrono::milliseconds deadline) {
    return env.observer()
        .wait_for([&](const ObservedMessage& message) { return message.topic == topic; }, deadline, from)
        .has_value();
}

} // namespace

TEST_CASE("a broker that lost everything receives everything again, once") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway());
    REQUIRE(env.sees(0, "firmware", "01.09.00.01"));
    REQUIRE(env.sees(1, "firmware", "01.08.02.00"));
    const auto before = env.result();
    const auto from = env.observer().count();

    env.broker().crash();
    env.broker().start();
    REQUIRE(comes(env, env.topic(0, "availability"), from, test_timeout));
    REQUIRE(comes(env, env.topic(1, "availability"), from, test_timeout));
    std::string unlike;
    CHECK_MESSAGE(eventually(test_timeout,
                             [&] {
                                 unlike = difference(lasting(before), lasting(env.retained()));
                                 return unlike.empty();
                             }),
                  unlike);
    CHECK(discovery_complaints(env.retained()) == "");
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CHECK(count_of(env, env.discovery_topic(i), from) == 1);
        CHECK(count_of(env, env.topic(i, "print_status"), from) == 1);
        CHECK(env.history(i, "availability", from) == "online");
    }
    CHECK(env.gateway().lines_with("broker: not connected") == 1);
    CHECK(env.gateway().lines_with("broker: connected again") == 1);
    CHECK(env.gateway().lines_with("unreachable") == 0);
}

TEST_CASE("values in the middle of a stream survive a broker that is killed, those with QoS 0 too") {
    TestEnvironment env{{.models = {"X1C", "P1S"}, .report_interval = 50ms, .persistence = true}};
    REQUIRE(env.start_gateway());
    int number = 0;
    const auto change = [&](int value) {
        for (std::size_t i = 0; i < env.printers(); ++i) {
            env.fleet().with(i, [&](auto& printer) {
                printer.merge(
                    {{"mc_percent", value % 100}, {"layer_num", value}, {"spd_mag", 100 + value % 60}});
            });
        }
    };
    for (int round = 0; round < 4; ++round) {
        const auto end = std::chrono::steady_clock::now() + 1500ms;
        (void)eventually(3s, [&] {
            change(++number);
            return std::chrono::steady_clock::now() >= end;
        });
        env.broker().crash(); // some of the last values are on the way
        if (round % 2 == 1) {
            change(++number);
        }
        env.broker().start();
        std::string unlike;
        CHECK_MESSAGE(eventually(2 * test_timeout,
                                 [&] {
                                     const auto retained = env.retained();
                                     unlike.clear();
                                     for (std::size_t i = 0; i < env.printers(); ++i) {
                                         for (const auto& [name, value] :
                                              {std::pair{"print_progress", number % 100},
                                               {"current_layer", number},
                                               {"print_speed_percent", 100 + number % 60}}) {
                                             const auto found = retained.find(env.topic(i, name));
                                             if (found == retained.end() ||
                                                 found->second != std::to_string(value)) {
                                                 unlike += env.topic(i, name) + " ";
                                             }
                                         }
                                     }
                                     return unlike.empty();
                                 }),
                      unlike, "in round ", round, " with ", number);
    }
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("states are delivered with the QoS that the table of entities gives") {
    TestEnvironment env{{.models = {"X1C"}}};
    env.observe();
    REQUIRE(env.start_gateway());
    REQUIRE(env.sees(0, "firmware", "01.09.00.01"));
    const auto table = run_program({"entities", "--model", "X1C"});
    REQUIRE(table.exit_code == 0);
    std::map<std::string, int> qos;
    std::istringstream rows{table.output};
    for (std::string row; std::getline(rows, row);) {
        const auto entity = nlohmann::json::parse(row);
        if (entity["qos"].is_number()) {
            qos.emplace(env.topic(0, entity["id"].get<std::string>()), entity["qos"].get<int>());
        }
    }
    std::map<int, int> seen;
    for (const auto& message : env.observer().messages()) {
        const auto row = qos.find(message.topic);
        const bool unacknowledged = message.topic == "bambu2mqtt/bridge/health" ||
                                    message.topic == "bambu2mqtt/bridge/marker" ||
                                    message.topic.ends_with("/attributes");
        INFO("topic: ", message.topic);
        if (row != qos.end()) {
            CHECK(message.qos == row->second);
            ++seen[message.qos];
        } else if (message.topic.starts_with("bambu2mqtt/bridge/") || unacknowledged ||
                   message.topic.ends_with("/availability") || message.topic.ends_with("/config")) {
            CHECK(message.qos == (unacknowledged ? 0 : 1));
        }
    }
    CHECK(seen[0] >= 10);
    CHECK(seen[1] >= 10);
}

TEST_CASE("a broker that hangs for ten seconds misses no final state") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    env.broker().freeze();
    const auto thaw_at = std::chrono::steady_clock::now() + 10s;
    int percent = 0;
    REQUIRE(eventually(15s, [&] {
        // Something changes continuously.
        env.fleet().with(0, [&](auto& printer) { printer.merge({{"mc_percent", ++percent % 50}}); });
        return std::chrono::steady_clock::now() >= thaw_at;
    }));
    env.fleet().with(0, [](auto& printer) { printer.merge({{"mc_percent", 77}, {"subtask_name", "Vase"}}); });
    const auto from = env.observer().count();
    env.broker().thaw();
    CHECK(env.sees(0, "print_progress", "77", timeout_factor * 5s));
    CHECK(env.sees(0, "task_name", "Vase", timeout_factor * 5s));
    CHECK(env.sees(0, "availability", "online", timeout_factor * 5s));
    CHECK(env.history(0, "availability", from).find("offline") == std::string::npos);
    // At most once a second, as always: no burst of missed messages.
    CHECK(count_of(env, env.topic(0, "print_progress"), from) <= 13);
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("when Home Assistant starts, discovery messages and states are published again") {
    TestEnvironment env{{.models = {"X1C", "A1MINI"}}};
    REQUIRE(env.start_gateway());
    REQUIRE(env.sees(0, "firmware", "01.09.00.01"));
    REQUIRE(env.sees(1, "firmware", "01.07.02.00"));
    const auto before = env.retained();
    const auto from = env.observer().count();
    env.observer().publish({.topic = "homeassistant/status", .payload = "online", .qos = 1});
    const auto deadline = std::chrono::steady_clock::now() + 12s; // 10 s plus an allowance for a busy machine
    for (const auto& message : before) {
        const auto& topic = message.first;
        if (topic == "bambu2mqtt/bridge/health" || topic.find("/attributes") != std::string::npos) {
            continue;
        }
        const auto left = deadline - std::chrono::steady_clock::now();
        CAPTURE(topic);
        CHECK(comes(env, topic, from, std::chrono::duration_cast<std::chrono::milliseconds>(left)));
    }
    // Discovery messages come before states, states before availability.
    const auto messages = env.observer().messages();
    for (std::size_t i = 0; i < env.printers(); ++i) {
        const auto place = [&](const std::string& topic) {
            for (std::size_t at = from; at < messages.size(); ++at) {
                if (messages[at].topic == topic) {
                    return at;
                }
            }
            return messages.size();
        };
        CHECK(place(env.discovery_topic(i)) < place(env.topic(i, "print_status")));
        CHECK(place(env.topic(i, "print_status")) < place(env.topic(i, "availability")));
    }
}
