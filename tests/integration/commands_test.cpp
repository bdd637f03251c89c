// Commands through the whole gateway: their outcomes for all reactions of the printer.
#include "integration/command_client.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace bambu2mqtt;
using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::ObservedMessage;
using simulator::Behaviour;

namespace {

void print_something(TestEnvironment& env) {
    env.fleet().with(0, [](auto& printer) { printer.start_print({.name = "Boat"}, 60s); });
    REQUIRE(env.sees(0, "print_status", "running"));
}

void have_behaviour(TestEnvironment& env, const simulator::BehaviourRule& rule) {
    env.fleet().with(0, [&](auto& printer) { printer.behaviour().add(rule); });
}

} // namespace

TEST_CASE("effective, accepted, done, refused: each matches what the printer did, and is retained") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};

    CHECK(ending(client.ask("home_axes")) == "accepted");
    CHECK(env.sees(0, "last_command", "accepted"));
    CHECK(ending(client.ask("resume_printing")) == "refused conflict");
    CHECK(env.sees(0, "last_command", "refused"));

    print_something(env);
    const auto paused = client.ask("pause_printing");
    CHECK(ending(paused) == "effective");
    CHECK(paused["command"] == "pause_printing");
    CHECK(paused["time"].get<std::string>().size() == std::string{"2026-01-05T08:00:00Z"}.size());
    CHECK(env.sees(0, "print_status", "pause"));
    CHECK(ending(client.ask("home_axes")) == "refused busy");
    CHECK(ending(client.ask("resume_printing")) == "effective");
    CHECK(ending(client.ask("set_speed_level", {{"level", "sport"}})) == "effective");
    CHECK(env.sees(0, "print_speed", "sport"));
    CHECK(ending(client.ask("set_bed_temp_target", {{"value", 61.4}})) == "effective");
    CHECK(env.sees(0, "bed_target_temperature", "61"));
    CHECK(ending(client.ask("set_part_cooling_fan_speed_target_percent", {{"value", 44}})) == "effective");
    CHECK(env.sees(0, "part_fan", "40"));

    const auto state = client.ask("get_state");
    CHECK(ending(state) == "done");
    CHECK(state["data"]["entities"]["print_status"] == "running");
    CHECK(state.dump().find(env.fleet().printers()[0].access_code) == std::string::npos);
    CHECK(env.sees(0, "last_command", "done"));
    json kept;
    CHECK(eventually(test_timeout, [&] {
        kept = json::parse(env.seen(0, "last_command/attributes"));
        return kept["command"] == "get_state";
    }));
    CHECK_FALSE(kept.contains("data"));

    CHECK(ending(client.ask("pause_pritning")) == "refused unknown_command");
    CHECK(says(client.ask("pause_pritning"), "pause_printing"));
    CHECK(ending(client.ask("set_bed_temp_target", {{"value", 500}})) == "refused invalid_argument");
    CHECK(ending(client.ask("set_active_tool", {{"id", 1}})) == "refused not_supported");
    CHECK(ending(client.ask("forget", {{"unit", "ams_9"}})) == "refused not_found");
    CHECK(ending(client.ask("send_gcode", {{"gcode", "G28"}})) == "refused not_allowed");
    CHECK(client.requested("print.pause") == 1);
    CHECK(client.requested("print.resume") == 1);
    CHECK(env.seen(0, "availability") == "online");
}

TEST_CASE("a printer that never answers leaves a command unconfirmed; the command is sent once") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    have_behaviour(env, {.behaviour_kind = Behaviour::mute});
    const auto light = client.send("set_light_state", {{"state", "off"}});
    const auto begun = std::chrono::steady_clock::now();
    const auto homing = client.send("home_axes");
    CHECK(ending(client.outcome(light)) == "unconfirmed");
    CHECK(std::chrono::steady_clock::now() - begun > 2s); // the documented 3 s
    CHECK(ending(client.outcome(homing)) == "unconfirmed");
    CHECK(std::chrono::steady_clock::now() - begun > 9s); // 10 s
    CHECK(client.requested("system.ledctrl") == 1);
    CHECK(client.requested("print.gcode_line") == 1);
    CHECK(client.answers(light).size() == 1);
    CHECK(env.seen(0, "chamber_light") == "ON");
}

TEST_CASE("acknowledged without effect is unconfirmed; an effect without an answer is effective") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    have_behaviour(env, {.requests = "system.ledctrl", .behaviour_kind = Behaviour::no_effect});
    const auto light = client.ask("set_light_state", {{"state", "off"}});
    CHECK(ending(light) == "unconfirmed");
    CHECK(says(light, "its reports do not show it"));
    have_behaviour(env, {.requests = "system.ledctrl", .behaviour_kind = Behaviour::silent});
    CHECK(ending(client.ask("set_light_state", {{"state", "off"}})) == "effective");
    CHECK(env.sees(0, "chamber_light", "OFF"));
}

TEST_CASE("answers without sequence id, without command, or with nothing but these are matched") {
    TestEnvironment env{{.models = {"P1S"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    for (const auto shortened :
         {simulator::Shortened::without_sequence_id, simulator::Shortened::without_command,
          simulator::Shortened::only_command_and_id}) {
        CAPTURE(static_cast<int>(shortened));
        have_behaviour(env, {.requests = "print.*", .shortened = shortened});
        CHECK(ending(client.ask("home_axes")) == "accepted");
    }
}

TEST_CASE(
    "a printer that requires signatures is distinguished from a refusal, and its controls become read-only") {
    TestEnvironment env{{.models = {"P1S"}, .settings = {.reports_fun = false}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    const auto announced = [&] { return env.observer().latest(env.discovery_topic(0)).value_or(""); };
    REQUIRE(announced().find("bed_target_temperature\"") != std::string::npos);
    have_behaviour(env, {.requests = "print.*",
                         .behaviour_kind = Behaviour::refuses,
                         .refusal = {.reason = "busy", .err_code = 0x05004004}});
    const auto busy = client.ask("set_bed_temp_target", {{"value", 60}});
    CHECK(ending(busy) == "refused printer_refused");
    CHECK(says(busy, "0500-4004"));
    CHECK(announced().find("bed_target_temperature_readonly") == std::string::npos);

    have_behaviour(env, {.requests = "print.*",
                         .behaviour_kind = Behaviour::refuses,
                         .refusal = {.result = std::nullopt, .err_code = 84033543}});
    CHECK(ending(client.ask("set_bed_temp_target", {{"value", 60}})) == "refused developer_mode_required");
    CHECK(eventually(test_timeout, [&] {
        return announced().find("bed_target_temperature_readonly") != std::string::npos;
    }));
    CHECK(ending(client.ask("set_light_state", {{"state", "off"}})) == "effective"); // needs no signature

    // Only suspected, so the command is tried; Developer Mode makes everything available again.
    env.fleet().with(0, [](auto& printer) { printer.behaviour().clear(); });
    CHECK(ending(client.ask("set_bed_temp_target", {{"value", 60}})) == "effective");
    CHECK(eventually(test_timeout, [&] {
        return announced().find("bed_target_temperature_readonly") == std::string::npos;
    }));
}

TEST_CASE("concurrent commands have one outcome each and reach the printer in order") {
    TestEnvironment env{{.models = {"X1C", "A1MINI"}}};
    REQUIRE(env.start_gateway());
    CommandClient first{env, 0};
    CommandClient second{env, 1};
    std::vector<std::pair<CommandClient*, std::string>> sent;
    for (int value = 30; value < 50; ++value) {
        auto& client = value % 2 == 0 ? first : second;
        sent.emplace_back(&client, client.send("set_bed_temp_target", {{"value", value}}));
    }
    sent.emplace_back(&first, first.send("set_light_state", {{"state", "off"}}));
    for (const auto& one : sent) {
        CAPTURE(one.second);
        CHECK_FALSE(one.first->outcome(one.second).is_null());
    }
    for (const auto& one : sent) {
        CHECK(one.first->answers(one.second).size() == 1);
    }
    // Commands overtaken by a later one may be unconfirmed; the last ones decide.
    CHECK(ending(first.outcome(sent[18].second)) == "effective");
    CHECK(ending(second.outcome(sent[19].second)) == "effective");
    CHECK(ending(first.outcome(sent[20].second)) == "effective");
    const auto lines = env.fleet().requests(0, "print.gcode_line");
    REQUIRE(lines.size() == 10);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CHECK(lines[i]["param"] == "M140 S" + std::to_string(30 + 2 * i) + "\n");
    }
}

TEST_CASE("while the printer is offline commands are refused, and none is sent later") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    env.fleet().broker().stop();
    REQUIRE(env.sees(0, "availability", "offline"));
    CHECK(ending(client.ask("set_bed_temp_target", {{"value", 60}})) == "refused offline");
    CHECK(ending(client.publish_and_wait("chamber_light/set", "OFF", "set_light_state")) ==
          "refused offline");
    CHECK(ending(client.ask("set_bed_temp_target", {{"value", 600}})) == "refused invalid_argument");
    CHECK(ending(client.ask("get_state")) == "done");
    env.fleet().broker().start();
    REQUIRE(env.sees(0, "availability", "online"));
    CHECK(ending(client.ask("set_bed_temp_target", {{"value", 45}})) == "effective");
    CHECK(client.commanded() == 1);
    CHECK(env.seen(0, "chamber_light") == "ON");
}

TEST_CASE("a connection that breaks before the answer: the next reports decide") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    print_something(env);
    have_behaviour(env, {.requests = "print.pause", .contact = simulator::Contact::dropped});
    const auto outcome = client.ask("pause_printing");
    CHECK((ending(outcome) == "effective" || ending(outcome) == "unconfirmed"));
    CHECK(env.sees(0, "availability", "online"));
    CHECK(env.sees(0, "print_status", "pause"));
    CHECK(client.requested("print.pause") == 1);
}

TEST_CASE("sessions are paused, closed and resumed") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    CHECK(ending(client.ask("pause_session")) == "done");
    CHECK(env.sees(0, "connection", "paused"));
    CHECK(ending(client.ask("pause_printing")).starts_with("refused"));
    CHECK(ending(client.ask("resume_session")) == "done");
    CHECK(env.sees(0, "connection", "connected"));
    CHECK(ending(client.ask("quit")) == "done");
    CHECK(env.sees(0, "availability", "offline"));
    CHECK(eventually(test_timeout, [&] { return connections_to(env.fleet().printers()[0].port) == 0; }));
    CHECK(ending(client.ask("set_light_state", {{"state", "off"}})) == "refused offline");
    CHECK(ending(client.ask("resume_session")) == "refused conflict");
    CHECK(ending(client.ask("start_session")) == "done");
    CHECK(env.sees(0, "availability", "online"));
    CHECK(ending(client.ask("set_light_state", {{"state", "off"}})) == "effective");
}
