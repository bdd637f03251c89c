// The command simulate: the simulator it starts is one a gateway works with.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"

#include <doctest/doctest.h>

#include <signal.h>

#include <filesystem>
#include <string>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::Process;
using bambu2mqtt::test_support::read_file;

TEST_CASE("simulate starts printers, and the configuration it names leads to their entities") {
    TestEnvironment env{{.models = {"X1C"}}};
    env.observe();
    const auto url = "mqtt://127.0.0.1:" + std::to_string(env.broker().port());
    Process simulator{
        {.arguments = {program(), "simulate", "P1S", "a1mini", "--broker", url},
         .output = env.directory() / "simulator.log",
         .environment = {{"PATH", std::string{BAMBU2MQTT_SIMULATOR_FOLDER} + ":/usr/sbin:/usr/bin"}}}};
    const auto words_after = [&](const std::string& text) {
        const auto output = simulator.output();
        const auto at = output.find(text);
        return at == std::string::npos
                   ? std::string{}
                   : output.substr(at + text.size(), output.find('\n', at) - at - text.size());
    };
    REQUIRE_MESSAGE(eventually(test_timeout, [&] { return !words_after("ready: 2 printers").empty(); }),
                    simulator.output());
    env.gateway().configure(read_file(words_after("gateway: bambu2mqtt --config ")));
    env.gateway().start();
    for (const std::string id : {"p1s_0001", "a1mini_0002"}) {
        CAPTURE(id);
        CHECK(eventually(test_timeout, [&] {
            return env.observer().latest("bambu2mqtt/" + id + "/availability") == "online" &&
                   env.observer().latest("bambu2mqtt/" + id + "/print_status").has_value();
        }));
    }
    CHECK(env.gateway().stop() == 0);
    simulator.signal(SIGINT);
    CHECK(simulator.wait(test_timeout) == 0);
}

TEST_CASE("simulate without the simulator names its package") {
    TestEnvironment env{{.models = {"X1C"}}};
    env.gateway().configure(env.config());
    const auto result = env.gateway().command_request({"simulate"}, {{"PATH", "/nowhere"}});
    CHECK(result.exit_code == 1);
    CHECK(result.errors.find("Debian package bambu2mqtt-simulator") != std::string::npos);
    const auto model = env.gateway().command_request(
        {"simulate", "X9"}, {{"PATH", std::string{BAMBU2MQTT_SIMULATOR_FOLDER} + ":/usr/sbin:/usr/bin"}});
    CHECK(model.exit_code == 1);
    CHECK(model.errors.find("no simulated model X9; expected one of X1C, P1S") != std::string::npos);
}
