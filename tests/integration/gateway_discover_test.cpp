// Printers that announce themselves: found without host, followed to another address, listed by discover. All
// announcements stay on loopback.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"
#include "support/ports.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::free_udp_port;
using nlohmann::json;

namespace {

std::map<std::string, std::string> listen_on(std::uint16_t port) {
    return {{"BAMBU2MQTT_ANNOUNCEMENTS", fmt::format("127.0.0.1:{}", port)}};
}

/// The printer's configuration without host.
bambu2mqtt::simulator::FleetPrinter without_host(TestEnvironment& env, std::size_t index = 0) {
    auto printer = env.fleet().printers()[index];
    printer.host.clear();
    return printer;
}

/// Connection events of a printer from a position on, in order: "a, b".
std::string connection_events(const TestEnvironment& env, std::size_t printer, std::size_t from) {
    std::string types;
    std::istringstream events{env.history(printer, "event", from)};
    const auto messages = events.str();
    for (std::size_t at = 0; (at = messages.find("printer_", at)) != std::string::npos;) {
        const auto end = messages.find('"', at);
        types += (types.empty() ? "" : ", ") + messages.substr(at, end - at);
        at = end;
    }
    return types;
}

/// The JSON object of each line.
std::map<std::string, json> by_serial(const std::string& lines) {
    std::map<std::string, json> result;
    std::istringstream text{lines};
    for (std::string line; std::getline(text, line);) {
        const auto object = json::parse(line);
        result[object.at("serial").get<std::string>()] = object;
    }
    return result;
}

} // namespace

TEST_CASE("a printer without host is found by its announcement, and after a restart without one") {
    const auto port = free_udp_port();
    TestEnvironment env{{.models = {"X1C"}, .announce_to = {port}}};
    env.fleet().announcer().set_silent(0, true);
    env.gateway().configure(env.config({.replace = {{0, without_host(env)}}}));
    env.observe();
    env.gateway().start(listen_on(port));
    CHECK(env.sees(0, "connection", "unreachable"));
    CHECK(eventually(test_timeout, [&] {
        return env.seen(0, "connection/attributes").find("host is not set") != std::string::npos;
    }));
    CHECK(env.gateway().lines_with("unreachable") == 1);

    env.fleet().announcer().set_silent(0, false);
    CHECK(env.sees(0, "connection", "connected"));
    CHECK(env.sees(0, "availability", "online"));
    CHECK(env.gateway().lines_with("found at 127.0.0.1") == 1);
    CHECK(env.gateway().stop() == 0);

    env.fleet().announcer().set_silent(0, true);
    const auto from = env.observer().count();
    env.gateway().start(listen_on(port));
    CHECK(env.observer()
              .wait_for(
                  [&](const auto& message) {
                      return message.topic == env.topic(0, "connection") && message.payload == "connected" &&
                             !message.retained;
                  },
                  test_timeout, from)
              .has_value());
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("a printer with a new address is followed: one offline and one online event") {
    const auto port = free_udp_port();
    TestEnvironment env{{.models = {"X1C", "P1S"}, .announce_to = {port}}};
    REQUIRE(env.start_gateway({}, listen_on(port)));
    const auto from = env.observer().count();
    const auto described = env.fleet().printers()[0];
    env.fleet().announcer().set_silent(0, true); // a printer that is switched off announces nothing
    env.fleet().move(0, "127.0.0.2");
    CHECK(env.sees(0, "availability", "offline"));
    env.fleet().announcer().set_silent(0, false);
    CHECK(env.sees(0, "connection", "connected"));
    CHECK(env.sees(0, "availability", "online"));
    CHECK(env.sees(1, "connection", "connected")); // offline for a moment too, and back at its address
    CHECK(env.gateway().lines_with("found at 127.0.0.2, not at its configured host 127.0.0.1") == 1);
    CHECK(env.gateway().lines_with("found at") == 1);
    CHECK(eventually(test_timeout,
                     [&] { return connection_events(env, 0, from) == "printer_offline, printer_online"; }));
    CHECK(env.history(0, "availability", from) == "offline, online");

    // The certificate is checked at the printer's current address.
    env.fleet().announcer().set_silent(0, true);
    CHECK(env.gateway().stop() == 0);
    const auto pinned = env.gateway().command_request({"pin", env.fleet().printers()[0].serial});
    CHECK_MESSAGE(pinned.exit_code == 0, pinned.errors);
    CHECK(pinned.errors.find("127.0.0.1") != std::string::npos);

    // It is also found there after a restart without announcements.
    REQUIRE(env.start_gateway({.replace = {{0, described}}}));
    CHECK(env.sees(0, "connection", "connected"));
}

TEST_CASE("an announcement of another address does not disturb a working session") {
    const auto port = free_udp_port();
    TestEnvironment env{{.models = {"X1C"}, .announce_to = {port}}};
    REQUIRE(env.start_gateway({}, listen_on(port)));
    const auto from = env.observer().count();
    auto false_notify = env.fleet().announcer().notify(0);
    false_notify.address = "127.0.0.77";
    env.fleet().announcer().change(0, false_notify);
    CHECK_FALSE(env.sees(0, "connection", "unreachable", 4s));
    CHECK(env.history(0, "availability", from).empty());
    CHECK(env.fleet().driver().newest_session(0) == 1);
    CHECK(connections_to(env.fleet().printers()[0].port) == 1);
}

TEST_CASE("a printer that announces another printer's serial is not trusted") {
    const auto port = free_udp_port();
    TestEnvironment env{{.models = {"X1C"}, .announce_to = {port}}};
    auto wanted = without_host(env);
    wanted.serial = "00M00S000000099";
    auto notify = env.fleet().announcer().notify(0);
    notify.serial = wanted.serial;
    env.fleet().announcer().change(0, notify);
    env.gateway().configure(env.config({.replace = {{0, wanted}}}));
    auto& observer = env.observe();
    env.gateway().start(listen_on(port));
    CHECK(observer.wait_for_latest("bambu2mqtt/x1c_0099/connection", "tls_untrusted", test_timeout));
    CHECK(env.fleet().driver().newest_session(0) == 0);
}

TEST_CASE("pin without host uses the address where the gateway last reached the printer") {
    const auto port = free_udp_port();
    TestEnvironment env{{.models = {"X1C"}, .announce_to = {port}}};
    REQUIRE(env.start_gateway({.replace = {{0, without_host(env)}}}, listen_on(port)));
    CHECK(env.gateway().stop() == 0);
    const auto& serial = env.fleet().printers()[0].serial;
    const auto pinned = env.gateway().command_request({"pin", serial}, listen_on(port));
    CHECK_MESSAGE(pinned.exit_code == 0, pinned.errors);
    CHECK(pinned.output.find("trusted already") != std::string::npos);
    CHECK(env.gateway().command_request({"check"}).exit_code == 0);
}

TEST_CASE("discover lists announced printers without a configuration") {
    const auto port = free_udp_port();
    TestEnvironment env{{.models = {"X1C", "P1S"}, .announce_to = {port}}};
    const auto& printers = env.fleet().printers();
    const std::map<std::string, std::string> environment{
        {"BAMBU2MQTT_ANNOUNCEMENTS", fmt::format("127.0.0.1:{}", port)},
        {"BAMBU2MQTT_CONFIG", "/nonexistent/bambu2mqtt.toml"}};

    const auto table = run_program({"discover", "--seconds", "4"}, {}, environment);
    CHECK_MESSAGE(table.exit_code == 0, table.errors);
    CHECK(table.output.find("SERIAL") == 0);
    for (const auto& printer : printers) {
        const auto at = table.output.find(printer.serial);
        REQUIRE(at != std::string::npos);
        CHECK(table.output.find(printer.serial, at + 1) == std::string::npos); // once
        const auto line = table.output.substr(at, table.output.find('\n', at) - at);
        for (const auto& part : {printer.model, printer.name, std::string{"127.0.0.1"},
                                 std::string{"01.08.02.00"}, std::string{"lan, free"}}) {
            CAPTURE(line);
            CHECK(line.find(part) != std::string::npos);
        }
    }

    const auto lines = run_program({"discover", "--json", "--seconds", "4"}, {}, environment);
    CHECK(lines.exit_code == 0);
    const auto found = by_serial(lines.output);
    REQUIRE(found.size() == 2);
    CHECK(found.at(printers[1].serial) == json{{"serial", printers[1].serial},
                                               {"model", "P1S"},
                                               {"model_code", "C12"},
                                               {"name", printers[1].name},
                                               {"address", "127.0.0.1"},
                                               {"firmware", "01.08.02.00"},
                                               {"connect", "lan"},
                                               {"bind", "free"}});

    env.fleet().announcer().set_silent(0, true);
    env.fleet().announcer().set_silent(1, true);
    const auto nothing = run_program({"discover", "--seconds", "1"}, {}, environment);
    CHECK(nothing.exit_code == 1);
    CHECK(nothing.output.empty());
    CHECK(nothing.errors.find("no printer has announced itself") != std::string::npos);
    CHECK(run_program({"discover", "--seconds", "0"}, {}, environment).exit_code == 2);
}
