// Starts in any order, starts after printers were switched off, and the health check.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;

namespace {

/// Starts the user's broker ('B'), the gateway ('G') or the printers ('P').
void start(TestEnvironment& env, char what) {
    switch (what) {
    case 'B':
        env.broker().start();
        break;
    case 'G':
        env.gateway().start();
        break;
    default:
        env.fleet().broker().start();
    }
}

/// True if each printer is published completely; serials are the same in each environment, so that
/// environments can be compared.
bool all_connected(TestEnvironment& env) {
    for (std::size_t i = 0; i < env.printers(); ++i) {
        if (env.seen(i, "availability") != "online" || env.seen(i, "firmware") == "None") {
            return false;
        }
    }
    return true;
}

} // namespace

TEST_CASE("a start with retained messages on the broker does not wait for silence") {
    TestEnvironment env{{.models = {"X1C"}}};
    env.observe();
    REQUIRE(env.start_gateway());
    auto best = std::chrono::steady_clock::duration::max();
    for (int round = 0; round < 3; ++round) {
        REQUIRE(env.gateway().stop() == 0);
        const auto from = env.observer().count();
        env.gateway().start();
        const auto comes = [&](std::string_view topic, std::string_view payload) {
            const auto message = env.observer().wait_for(
                [&](const auto& one) {
                    return one.topic == topic && (payload.empty() || one.payload == payload);
                },
                test_timeout, from);
            REQUIRE(message.has_value());
            return message->time;
        };
        const auto marker = comes("bambu2mqtt/bridge/marker", "");
        best = std::min(best, comes("bambu2mqtt/bridge/state", "online") - marker);
    }
    CHECK(best < 400ms); // with silence 500 ms and more
}

TEST_CASE("broker, gateway and printers can be started in any order") {
    constexpr std::array<std::string_view, 6> orders{"BGP", "BPG", "GBP", "GPB", "PBG", "PGB"};
    std::list<TestEnvironment> envs;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        auto& env = envs.emplace_back(EnvironmentOptions{.models = {"X1C", "A1MINI"}});
        env.gateway().configure(env.config());
        env.broker().stop();
        env.fleet().broker().stop();
    }
    // All environments take their steps together; a gateway without a broker gets time to notice it.
    for (std::size_t step = 0; step < 3; ++step) {
        auto env = envs.begin();
        for (const auto order : orders) {
            start(*env++, order[step]);
        }
        env = envs.begin();
        for (const auto order : orders) {
            auto& gateway = env->gateway();
            const bool lonely = gateway.running() && order.find('B') > step;
            CHECK((!lonely || eventually(test_timeout,
                                         [&] { return gateway.lines_with("broker: not connected") == 1; })));
            ++env;
        }
    }
    for (auto& env : envs) {
        env.observe();
    }
    auto order = orders.begin();
    for (auto& env : envs) {
        CAPTURE(*order++);
        REQUIRE(eventually(test_timeout, [&] { return all_connected(env); }));
        CHECK(env.gateway().lines_with("broker: not connected") <= 1);
    }
    order = orders.begin();
    for (auto& env : envs) {
        CAPTURE(*order++);
        std::string unlike;
        CHECK_MESSAGE(eventually(test_timeout,
                                 [&] {
                                     unlike = difference(lasting(envs.front().retained()),
                                                         lasting(env.retained()));
                                     return unlike.empty();
                                 }),
                      unlike);
    }
    for (auto& env : envs) {
        CHECK(env.gateway().stop() == 0);
    }
}

TEST_CASE("after a restart printers that are switched off keep their entities and last states") {
    TestEnvironment env{{.models = {"X1C", "P1S", "H2D"}}};
    REQUIRE(env.start_gateway());
    for (std::size_t i = 0; i < env.printers(); ++i) {
        env.fleet().with(i, [](auto& printer) {
            printer.merge({{"subtask_name", "Boat"}, {"mc_percent", 37}});
        });
        REQUIRE(env.sees(i, "task_name", "Boat"));
        REQUIRE(env.sees(i, "print_progress", "37"));
    }
    REQUIRE(env.sees(0, "firmware", "01.09.00.01"));
    env.fleet().broker().stop();
    REQUIRE(env.sees(0, "availability", "offline"));
    REQUIRE(env.gateway().stop() == 0);
    const auto before = env.retained();

    env.observe();
    const auto from = env.observer().count();
    env.gateway().start();
    const auto announced = [&](const std::string& topic) {
        return env.observer()
            .wait_for([&](const auto& message) { return message.topic == topic && !message.retained; },
                      test_timeout, from)
            .has_value();
    };
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CHECK(announced(env.discovery_topic(i)));
        CHECK(env.sees(i, "connection", "unreachable"));
        CHECK(env.sees(i, "availability", "offline"));
        CHECK(env.history(i, "task_name") == "Boat");
        CHECK(env.history(i, "print_progress") == "37");
        CHECK(env.history(i, "print_status") == "idle");
    }
    auto kept = before;
    auto now = env.retained();
    for (auto* messages : {&kept, &now}) {
        std::erase_if(*messages, [](const auto& message) {
            return message.first.find("/bridge/") != std::string::npos ||
                   message.first.find("/connection") != std::string::npos;
        });
    }
    CHECK(difference(kept, now) == "");
    CHECK(discovery_complaints(env.retained()) == "");
}

TEST_CASE("last states are kept also when the broker delivers them in several batches") {
    // A broker queues a thousand messages for a client with QoS 1, and drops the rest.
    TestEnvironment env{{.models = std::vector<std::string>(10, "X1C"), .report_interval = 1s}};
    REQUIRE(env.start_gateway());
    for (std::size_t i = 0; i < env.printers(); ++i) {
        REQUIRE(env.sees(i, "firmware", "01.09.00.01"));
    }
    env.fleet().broker().stop();
    for (std::size_t i = 0; i < env.printers(); ++i) {
        REQUIRE(env.sees(i, "connection", "unreachable"));
    }
    REQUIRE(env.gateway().stop() == 0);
    const auto before = env.observer().latest();
    REQUIRE(before.size() > 1200);

    const auto from = env.observer().count();
    env.gateway().start();
    const auto last = env.topic(env.printers() - 1, "availability");
    REQUIRE(env.observer().wait_for([&](const auto& message) { return message.topic == last; }, test_timeout,
                                    from));
    std::size_t lost = 0;
    const auto messages = env.observer().messages();
    for (std::size_t at = from; at < messages.size(); ++at) {
        const auto former = before.find(messages[at].topic);
        lost += messages[at].payload == "None" && former != before.end() && former->second != "None" ? 1 : 0;
    }
    CHECK(lost == 0);
}

TEST_CASE("health reports whether the gateway runs and is connected to its broker") {
    TestEnvironment env;
    env.gateway().configure(env.config());
    const auto health = [&] { return env.gateway().command_request({"health"}).exit_code; };
    CHECK(health() == 1);
    REQUIRE(env.start_gateway());
    CHECK(eventually(test_timeout, [&] { return health() == 0; }));
    env.broker().stop();
    CHECK(eventually(test_timeout, [&] { return health() == 1; }));
    CHECK(env.gateway().command_request({"health"}).errors.find("broker") != std::string::npos);
    env.broker().start();
    CHECK(eventually(test_timeout, [&] { return health() == 0; }));

    SUBCASE("not any more after it was stopped") {
        CHECK(env.gateway().stop() == 0);
    }
    SUBCASE("not any more after it was killed") {
        env.gateway().kill();
    }
    CHECK(health() == 1);
}

TEST_CASE("a second gateway with the same state directory does not start") {
    TestEnvironment env;
    REQUIRE(env.start_gateway());
    const auto second = env.gateway().command_request({"run"});
    CHECK(second.exit_code == 1);
    CHECK_MESSAGE(second.errors.find("state_directory") != std::string::npos, second.errors);
    CHECK_MESSAGE(second.errors.find("in use by another gateway") != std::string::npos, second.errors);
    CHECK(env.gateway().running());
    CHECK(env.sees(0, "availability", "online"));
}
