// SIGHUP: the running gateway reads its configuration again. BAMBU2MQTT_RELOADS: how often in the last test.
#include "integration/gateway_fixture.hpp"
#include "support/http_client.hpp"
#include "support/ports.hpp"
#include "support/proc.hpp"
#include "support/sanitizers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::descriptors_of;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::free_port;
using bambu2mqtt::test_support::http_request;
using bambu2mqtt::test_support::status_of;

namespace {

constexpr std::string_view done = "configuration read again";

/// SIGHUP with this file; waits until the gateway has dealt with it.
bool reload(TestEnvironment& env, std::string_view text) {
    const auto before = env.gateway().lines_with(done);
    env.gateway().configure(text);
    ::kill(env.gateway().pid(), SIGHUP);
    return eventually(test_timeout, [&] { return env.gateway().lines_with(done) > before; });
}

bool reload(TestEnvironment& env, const ConfigChanges& changes) {
    return reload(env, env.config(changes));
}

/// How often each printer was connected to.
std::vector<int> sessions_of_all(TestEnvironment& env) {
    std::vector<int> counts;
    for (std::size_t i = 0; i < env.printers(); ++i) {
        counts.push_back(env.fleet().driver().newest_session(i));
    }
    return counts;
}

/// Retained topics of a printer: states, and discovery.
std::size_t topics_of(TestEnvironment& env, std::size_t printer) {
    const auto root = env.topic(printer, "");
    const auto serial = env.fleet().printers()[printer].serial;
    return static_cast<std::size_t>(std::ranges::count_if(env.retained(), [&](const auto& message) {
        return message.first.starts_with(root) || message.first.find(serial) != std::string::npos;
    }));
}

std::string replaced(std::string text, std::string_view before, std::string_view after) {
    const auto place = text.find(before);
    REQUIRE(place != std::string::npos);
    return text.replace(place, before.size(), after);
}

/// The number of the line with this text.
std::size_t line_of(std::string_view text, std::string_view part) {
    return static_cast<std::size_t>(std::ranges::count(text.substr(0, text.find(part)), '\n')) + 1;
}

int wanted_reloads() {
    const char* const text = std::getenv("BAMBU2MQTT_RELOADS");
    return text == nullptr ? 200 : std::max(10, std::atoi(text));
}

} // namespace

TEST_CASE("reload: printers are added, changed and removed, and the others keep their connection") {
    TestEnvironment env{{.models = {"X1C", "P1S", "A1MINI", "X1C", "P1S"}}};
    REQUIRE(env.start_gateway({.printers = {0, 1, 2, 4}}));
    env.fleet().change_access_code(0, "87654321");
    REQUIRE(env.sees(0, "availability", "offline"));
    const auto before = sessions_of_all(env);
    auto renamed = env.fleet().printers()[1];
    renamed.name = "Workshop";
    auto moved = env.fleet().printers()[4];
    moved.host = "localhost";
    const ConfigChanges changes{.printers = {3, 1, 0, 4},
                                .more_lines = "[control]\nallow = \"safe\"",
                                .replace = {{1, renamed}, {4, moved}}};
    REQUIRE(reload(env, changes));
    CHECK(env.sees(0, "availability", "online"));
    CHECK(env.sees(3, "availability", "online"));
    CHECK(eventually(test_timeout, [&] { return sessions_of_all(env)[4] == before[4] + 1; }));
    CHECK(env.sees(4, "availability", "online"));
    CHECK(eventually(test_timeout, [&] { return topics_of(env, 2) == 0; }));
    CHECK(eventually(test_timeout, [&] {
        const auto discovery = env.retained()[env.discovery_topic(1)];
        return discovery.find("Workshop") != std::string::npos &&
               discovery.find("bed_target_temperature_readonly") != std::string::npos;
    }));
    const auto after = sessions_of_all(env);
    CHECK(after[1] == before[1]);
    CHECK(after[2] == before[2]);
    CHECK(env.sees(1, "availability", "online"));
    CHECK(env.history(1, "connection").find("connecting", 1) == std::string::npos);
    CHECK(connections_to(env.fleet().printers()[2].port) == 0);
    CHECK(env.gateway().lines_with("configuration read again: applied control.allow; added") == 1);

    REQUIRE(reload(env, changes));
    CHECK(env.gateway().lines_with("configuration read again: nothing has changed") == 1);
    CHECK(sessions_of_all(env) == after);

    // The removed one comes back, with what was known of it: its certificate is still trusted.
    const auto pins = env.gateway().directory() / "state" / "pins";
    CHECK(std::filesystem::exists(pins / (env.fleet().printers()[2].serial + ".pem")));
    REQUIRE(reload(env, ConfigChanges{}));
    CHECK(env.sees(2, "availability", "online"));
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("reload: an access code in a file is read again") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    const auto& printer = env.fleet().printers()[0];
    const auto file = env.directory().path() / "code";
    bambu2mqtt::test_support::write_file(file, printer.access_code + "\n");
    const auto text = replaced(env.config(), fmt::format("access_code = \"{}\"", printer.access_code),
                               fmt::format("access_code_file = \"{}\"", file.string()));
    env.observe();
    env.gateway().configure(text);
    env.gateway().start();
    REQUIRE(env.sees(0, "availability", "online"));
    REQUIRE(env.sees(1, "availability", "online"));
    env.fleet().change_access_code(0, "87654321");
    REQUIRE(env.sees(0, "availability", "offline"));
    const auto before = sessions_of_all(env);
    bambu2mqtt::test_support::write_file(file, "87654321\n");
    REQUIRE(reload(env, text));
    CHECK(env.sees(0, "availability", "online"));
    CHECK(sessions_of_all(env)[1] == before[1]);
    CHECK(env.gateway().log().find("87654321") == std::string::npos);
}

TEST_CASE("reload: a wrong file changes nothing, and all its problems are logged") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway());
    const auto before = sessions_of_all(env);
    const auto good = env.config();
    const auto file = env.gateway().config_file().string();

    const auto cut = good + "[log\n";
    REQUIRE(reload(env, cut));
    CHECK(env.gateway().lines_with(fmt::format("configuration: {}:{}: ", file, line_of(cut, "[log"))) == 1);

    const auto wrong = replaced(good, "[files]", "[control]\nallow = \"all\"\nallwo = \"safe\"\n[files]");
    REQUIRE(reload(env, wrong));
    CHECK(env.gateway().lines_with(fmt::format("configuration: {}:{}: control.allow: found \"all\", expected",
                                               file, line_of(wrong, "allow = "))) == 1);
    CHECK(env.gateway().lines_with(
              fmt::format("configuration: {}:{}: control.allwo: is unknown here, did you mean \"allow\"?",
                          file, line_of(wrong, "allwo"))) == 1);

    const auto equal = env.config({.more_lines = "[log]\nlevel = \"error\"",
                                   .printer_lines = {{0, "id = \"same\""}, {1, "id = \"same\""}}});
    REQUIRE(reload(env, equal));
    CHECK(env.gateway().lines_with(
              "printer[2].id: found the id \"same\", which is the id of printer[1] too") == 1);

    CHECK(env.gateway().lines_with("problem(s), nothing is changed") == 3);
    CHECK(sessions_of_all(env) == before);
    CHECK(env.seen(0, "availability") == "online");
    REQUIRE(reload(env, good)); // the level of the log is what it was
    CHECK(env.gateway().lines_with("nothing has changed") == 1);
}

TEST_CASE("reload: what needs a restart is named, and the rest applies") {
    TestEnvironment env;
    const auto port = free_port();
    REQUIRE(env.start_gateway());
    const auto before = sessions_of_all(env);
    const ConfigChanges changes{
        .broker_lines = "client_id = \"other\"\nbase_topic = \"other\"",
        .more_lines = fmt::format("[home_assistant]\nenabled = false\n[texts]\nlanguage = \"de\"\n"
                                  "[metrics]\nlisten = \"127.0.0.1:{}\"\n[log]\nlevel = \"debug\"",
                                  port)};
    REQUIRE(reload(env, changes));
    CHECK(env.gateway().lines_with(
              "needs a restart: broker.client_id, broker.base_topic, home_assistant.enabled") == 1);
    CHECK(env.gateway().lines_with("applied texts.language, log.level, metrics.listen") == 1);
    CHECK(eventually(test_timeout, [&] { return http_request(port, "/livez").status == 200; }));
    CHECK(eventually(test_timeout, [&] {
        return env.retained()[env.discovery_topic(0)].find("Betttemperatur") != std::string::npos;
    }));
    CHECK(sessions_of_all(env) == before);

    // An address that cannot be had is a problem of the file: the former one stays.
    const auto taken = env.fleet().inner_port();
    REQUIRE(
        reload(env, ConfigChanges{.more_lines = fmt::format("[metrics]\nlisten = \"127.0.0.1:{}\"", taken)}));
    CHECK(env.gateway().lines_with("configuration: metrics.listen: ") == 1);
    CHECK(http_request(port, "/livez").status == 200);

    REQUIRE(reload(env, ConfigChanges{}));
    CHECK(http_request(port, "/livez").status == 0);
    CHECK(env.gateway().lines_with("needs a restart") == 1);
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("reload: hundreds of reloads with changes leave nothing behind") {
    constexpr std::size_t untouched = 3;
    TestEnvironment env{{.models = {"X1C", "P1S", "A1MINI", "X1C"}}};
    ::setenv("BAMBU2MQTT_CORE_DUMPS", "1", 1); // otherwise only root may count its descriptors
    const bool online = env.start_gateway();
    ::unsetenv("BAMBU2MQTT_CORE_DUMPS");
    REQUIRE(online);
    const auto pid = std::to_string(env.gateway().pid());
    const auto threads = status_of(pid, "Threads");
    const auto descriptors = descriptors_of(pid);
    const auto session = sessions_of_all(env)[untouched];
    const auto change = [&](int turn) {
        ConfigChanges changes{.more_lines =
                                  fmt::format("[control]\nallow = \"{}\"\n[texts]\nlanguage = \"{}\"",
                                              turn % 4 < 2 ? "safe" : "full", turn % 8 < 4 ? "de" : "en")};
        if (turn % 2 == 0) {
            changes.printers = {0, 1, untouched};
        }
        auto moved = env.fleet().printers()[0];
        moved.host = turn % 6 < 3 ? "127.0.0.1" : "localhost";
        auto renamed = env.fleet().printers()[1];
        renamed.name = fmt::format("Number {}", turn);
        changes.replace = {{0, moved}, {1, renamed}};
        return changes;
    };
    const auto settled = [&] {
        REQUIRE(reload(env, ConfigChanges{}));
        CHECK(eventually(test_timeout, [&] {
            return env.seen(0, "availability") == "online" && env.seen(2, "availability") == "online";
        }));
        CHECK(eventually(test_timeout, [&] { return status_of(pid, "Threads") <= threads; }));
        CHECK(eventually(test_timeout, [&] { return descriptors_of(pid) <= descriptors + 1; }));
        return status_of(pid, "RssAnon");
    };
    const int reloads = wanted_reloads();
    long memory = 0;
    for (int turn = 0; turn < reloads; ++turn) {
        if (turn == reloads / 2) {
            memory = settled();
        }
        REQUIRE(reload(env, change(turn)));
    }
    const auto grown = settled() - memory;
    MESSAGE(reloads, " reloads; anonymous memory ", memory, " kB after half of them, then ", grown,
            " kB more");
    if (!bambu2mqtt::test_support::sanitized) { // sanitizers keep freed memory
        CHECK(grown < 1024);
    }
    CHECK(sessions_of_all(env)[untouched] == session);
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CHECK(connections_to(env.fleet().printers()[i].port) == 1);
    }
    CHECK(env.gateway().lines_with("internal error") == 0);
    CHECK(env.gateway().stop() == 0);
}
