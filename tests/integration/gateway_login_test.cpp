// What a printer sees of the gateway: one constant client, one subscription, few requests; and what the
// user's broker receives while idle.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;

namespace {

/// How one client logged in, from the broker's log line: "New client connected from 127.0.0.1:50312 as NAME
/// (p2, c1, k30, u'bblp')."
struct Login {
    std::string id{};
    std::string how{};

    friend bool operator==(const Login&, const Login&) = default;
};

std::vector<Login> logins(TestEnvironment& env) {
    static const std::regex line{R"(New client connected from \S+ as (bambu2mqtt-\S+) \(([^)]*)\))"};
    const auto log = env.fleet().broker().log();
    std::vector<Login> result;
    for (std::sregex_iterator found{log.begin(), log.end(), line}, end; found != end; ++found) {
        if ((*found)[2].str().find("u'bblp'") !=
            std::string::npos) { // otherwise the client that cuts connections
            result.push_back({(*found)[1], (*found)[2]});
        }
    }
    return result;
}

} // namespace

TEST_CASE("a printer sees one client with a constant id, a keepalive of 30 s, and one subscription") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    const auto serial = env.fleet().printers()[0].serial;
    const auto first = logins(env);
    REQUIRE(first.size() == 1);
    CHECK(first[0].how == "p2, c1, k30, u'bblp'"); // MQTT 3.1.1, clean session
    CHECK(first[0].id.ends_with("-" + serial));

    env.fleet().driver().drop_connections(0);
    REQUIRE(env.sees(0, "connection", "unreachable"));
    REQUIRE(env.sees(0, "connection", "connected"));
    std::vector<Login> all;
    REQUIRE(eventually(test_timeout, [&] {
        all = logins(env);
        return all.size() == 2;
    }));
    CHECK(all[0] == all[1]);

    // Another process has another client id.
    REQUIRE(env.gateway().stop() == 0);
    REQUIRE(env.start_gateway());
    all = logins(env);
    REQUIRE(all.size() == 3);
    CHECK(all[2].id != all[0].id);
    CHECK(all[2].how == all[0].how);

    // Filters of the gateway's clients, as the broker logs them: "NAME QOS FILTER".
    std::set<std::string> filters;
    std::istringstream log{env.fleet().broker().log()};
    for (std::string line; std::getline(log, line);) {
        const auto name = line.find("bambu2mqtt-");
        const auto slash = line.find("device/");
        if (name != std::string::npos && slash != std::string::npos && name < slash) {
            filters.insert(line.substr(slash));
        }
    }
    CHECK(filters == std::set<std::string>{"device/" + serial + "/report"});
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("after each connect the printer receives two requests and no more") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway());
    for (std::size_t i = 0; i < env.printers(); ++i) {
        REQUIRE(env.sees(i, "firmware", i == 0 ? "01.09.00.01" : "01.08.02.00"));
    }
    std::this_thread::sleep_for(3s);
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CAPTURE(i);
        CHECK(env.fleet().requests(i, "info.get_version").size() == 1);
        CHECK(env.fleet().requests(i, "pushing.pushall").size() == 1);
        CHECK(env.fleet().requests(i).size() == 2);
    }
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("an idle printer causes hardly any messages, however often it reports") {
    TestEnvironment env{{.models = {"X1C", "P1S"}, .report_interval = 100ms}};
    REQUIRE(env.start_gateway());
    REQUIRE(env.sees(0, "firmware", "01.09.00.01"));
    REQUIRE(env.sees(1, "firmware", "01.08.02.00"));
    std::this_thread::sleep_for(3s);
    const auto from = env.observer().count();
    const auto reports = env.fleet().driver().traffic().reports;
    constexpr auto time = 15s;
    std::this_thread::sleep_for(time);
    CHECK(env.fleet().driver().traffic().reports > reports + 100);
    const auto messages = env.observer().messages();
    std::map<std::string, int> topics;
    for (std::size_t i = from; i < messages.size(); ++i) {
        ++topics[messages[i].topic];
    }
    for (const auto& entry : topics) {
        const auto& topic = entry.first;
        const auto count = entry.second;
        CAPTURE(topic);
        CHECK(count <= static_cast<int>(time / 1s) + 1); // at most once a second
        // Simulated sensors change with every report; nothing else is published again.
        CHECK((topic.ends_with("_temperature") || topic.ends_with("_humidity") ||
               topic.ends_with("wifi_signal") || topic.ends_with("/bridge/health") ||
               topic.ends_with("total_usage")));
    }
    CHECK(env.gateway().stop() == 0);
}
