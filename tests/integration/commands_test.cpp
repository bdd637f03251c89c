// Commands through the whole gateway: what becomes of them, whatever the printer does.
#include "integration/caller.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace bambu2mqtt;
using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::ObservedMessage;
using simulator::Conduct;

namespace {

void print_something(House& house) {
    house.farm().with(0, [](auto& printer) { printer.start_print({.name = "Boat"}, 60s); });
    REQUIRE(house.sees(0, "print_status", "running"));
}

void have_manner(House& house, const simulator::Manner& manner) {
    house.farm().with(0, [&](auto& printer) { printer.manners().add(manner); });
}

} // namespace

TEST_CASE("effective, accepted, done, refused: each is what the printer really did, and is kept") {
    House house{{.models = {"X1C"}}};
    REQUIRE(house.start_gateway());
    Caller caller{house};

    CHECK(ending(caller.ask("home_axes")) == "accepted");
    CHECK(house.sees(0, "last_command", "accepted"));
    CHECK(ending(caller.ask("resume_printing")) == "refused conflict");
    CHECK(house.sees(0, "last_command", "refused"));

    print_something(house);
    const auto paused = caller.ask("pause_printing");
    CHECK(ending(paused) == "effective");
    CHECK(paused["command"] == "pause_printing");
    CHECK(paused["time"].get<std::string>().size() == std::string{"2026-01-05T08:00:00Z"}.size());
    CHECK(house.sees(0, "print_status", "pause"));
    CHECK(ending(caller.ask("home_axes")) == "refused busy");
    CHECK(ending(caller.ask("resume_printing")) == "effective");
    CHECK(ending(caller.ask("set_speed_level", {{"level", "sport"}})) == "effective");
    CHECK(house.sees(0, "print_speed", "sport"));
    CHECK(ending(caller.ask("set_bed_temp_target", {{"value", 61.4}})) == "effective");
    CHECK(house.sees(0, "bed_target_temperature", "61"));
    CHECK(ending(caller.ask("set_part_cooling_fan_speed_target_percent", {{"value", 44}})) == "effective");
    CHECK(house.sees(0, "part_fan", "40"));

    const auto state = caller.ask("get_state");
    CHECK(ending(state) == "done");
    CHECK(state["data"]["entities"]["print_status"] == "running");
    CHECK(state.dump().find(house.farm().printers()[0].access_code) == std::string::npos);
    CHECK(house.sees(0, "last_command", "done"));
    json kept;
    CHECK(eventually(patience, [&] {
        kept = json::parse(house.seen(0, "last_command/attributes"));
        return kept["command"] == "get_state";
    }));
    CHECK_FALSE(kept.contains("data"));

    CHECK(ending(caller.ask("pause_pritning")) == "refused unknown_command");
    CHECK(says(caller.ask("pause_pritning"), "pause_printing"));
    CHECK(ending(caller.ask("set_bed_temp_target", {{"value", 500}})) == "refused invalid_argument");
    CHECK(ending(caller.ask("set_active_tool", {{"id", 1}})) == "refused not_supported");
    CHECK(ending(caller.ask("forget", {{"unit", "ams_9"}})) == "refused not_found");
    CHECK(ending(caller.ask("send_gcode", {{"gcode", "G28"}})) == "refused not_allowed");
    CHECK(caller.requested("print.pause") == 1);
    CHECK(caller.requested("print.resume") == 1);
    CHECK(house.seen(0, "availability") == "online");
}

TEST_CASE("a printer that never answers leaves a command unconfirmed, which is sent once") {
    House house{{.models = {"X1C"}}};
    REQUIRE(house.start_gateway());
    Caller caller{house};
    have_manner(house, {.conduct = Conduct::mute});
    const auto light = caller.send("set_light_state", {{"state", "off"}});
    const auto begun = std::chrono::steady_clock::now();
    const auto homing = caller.send("home_axes");
    CHECK(ending(caller.outcome(light)) == "unconfirmed");
    CHECK(std::chrono::steady_clock::now() - begun > 2s); // 3 s, as promised
    CHECK(ending(caller.outcome(homing)) == "unconfirmed");
    CHECK(std::chrono::steady_clock::now() - begun > 9s); // 10 s
    CHECK(caller.requested("system.ledctrl") == 1);
    CHECK(caller.requested("print.gcode_line") == 1);
    CHECK(caller.answers(light).size() == 1);
    CHECK(house.seen(0, "chamber_light") == "ON");
}

TEST_CASE("acknowledged but without effect is unconfirmed; effective without a word is effective") {
    House house{{.models = {"X1C"}}};
    REQUIRE(house.start_gateway());
    Caller caller{house};
    have_manner(house, {.requests = "system.ledctrl", .conduct = Conduct::no_effect});
    const auto light = caller.ask("set_light_state", {{"state", "off"}});
    CHECK(ending(light) == "unconfirmed");
    CHECK(says(light, "its reports do not show it"));
    have_manner(house, {.requests = "system.ledctrl", .conduct = Conduct::silent});
    CHECK(ending(caller.ask("set_light_state", {{"state", "off"}})) == "effective");
    CHECK(house.sees(0, "chamber_light", "OFF"));
}

TEST_CASE("answers without sequence id, without command, or with nothing else but these are understood") {
    House house{{.models = {"P1S"}}};
    REQUIRE(house.start_gateway());
    Caller caller{house};
    for (const auto shortened :
         {simulator::Shortened::without_sequence_id, simulator::Shortened::without_command,
          simulator::Shortened::only_command_and_id}) {
        CAPTURE(static_cast<int>(shortened));
        have_manner(house, {.requests = "print.*", .shortened = shortened});
        CHECK(ending(caller.ask("home_axes")) == "accepted");
    }
}

TEST_CASE("a printer that wants signatures is told from one that says no, and its controls become twins") {
    House house{{.models = {"P1S"}, .settings = {.reports_fun = false}}};
    REQUIRE(house.start_gateway());
    Caller caller{house};
    const auto announced = [&] { return house.observer().latest(house.discovery_topic(0)).value_or(""); };
    REQUIRE(announced().find("bed_target_temperature\"") != std::string::npos);
    have_manner(house, {.requests = "print.*",
                        .conduct = Conduct::refuses,
                        .refusal = {.reason = "busy", .err_code = 0x05004004}});
    const auto busy = caller.ask("set_bed_temp_target", {{"value", 60}});
    CHECK(ending(busy) == "refused printer_refused");
    CHECK(says(busy, "0500-4004"));
    CHECK(announced().find("bed_target_temperature_readonly") == std::string::npos);

    have_manner(house, {.requests = "print.*",
                        .conduct = Conduct::refuses,
                        .refusal = {.result = std::nullopt, .err_code = 84033543}});
    CHECK(ending(caller.ask("set_bed_temp_target", {{"value", 60}})) == "refused developer_mode_required");
    CHECK(eventually(
        patience, [&] { return announced().find("bed_target_temperature_readonly") != std::string::npos; }));
    CHECK(ending(caller.ask("set_light_state", {{"state", "off"}})) == "effective"); // needs no signature

    // Only suspected, so it is tried; and Developer Mode brings everything back.
    house.farm().with(0, [](auto& printer) { printer.manners().clear(); });
    CHECK(ending(caller.ask("set_bed_temp_target", {{"value", 60}})) == "effective");
    CHECK(eventually(
        patience, [&] { return announced().find("bed_target_temperature_readonly") == std::string::npos; }));
}

TEST_CASE("commands at once have one outcome each, and reach the printer in order") {
    House house{{.models = {"X1C", "A1MINI"}}};
    REQUIRE(house.start_gateway());
    Caller first{house, 0};
    Caller second{house, 1};
    std::vector<std::pair<Caller*, std::string>> sent;
    for (int value = 30; value < 50; ++value) {
        auto& caller = value % 2 == 0 ? first : second;
        sent.emplace_back(&caller, caller.send("set_bed_temp_target", {{"value", value}}));
    }
    sent.emplace_back(&first, first.send("set_light_state", {{"state", "off"}}));
    for (const auto& one : sent) {
        CAPTURE(one.second);
        CHECK_FALSE(one.first->outcome(one.second).is_null());
    }
    for (const auto& one : sent) {
        CHECK(one.first->answers(one.second).size() == 1);
    }
    // What a later one overtook may be unconfirmed; the last ones are what holds.
    CHECK(ending(first.outcome(sent[18].second)) == "effective");
    CHECK(ending(second.outcome(sent[19].second)) == "effective");
    CHECK(ending(first.outcome(sent[20].second)) == "effective");
    const auto lines = house.farm().requests(0, "print.gcode_line");
    REQUIRE(lines.size() == 10);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CHECK(lines[i]["param"] == "M140 S" + std::to_string(30 + 2 * i) + "\n");
    }
}

TEST_CASE("while the printer is away commands are refused, and nothing of them comes later") {
    House house{{.models = {"X1C"}}};
    REQUIRE(house.start_gateway());
    Caller caller{house};
    house.farm().broker().stop();
    REQUIRE(house.sees(0, "availability", "offline"));
    CHECK(ending(caller.ask("set_bed_temp_target", {{"value", 60}})) == "refused offline");
    CHECK(ending(caller.tell("chamber_light/set", "OFF", "set_light_state")) == "refused offline");
    CHECK(ending(caller.ask("set_bed_temp_target", {{"value", 600}})) == "refused invalid_argument");
    CHECK(ending(caller.ask("get_state")) == "done");
    house.farm().broker().start();
    REQUIRE(house.sees(0, "availability", "online", 60s));
    CHECK(ending(caller.ask("set_bed_temp_target", {{"value", 45}})) == "effective");
    CHECK(caller.commanded() == 1);
    CHECK(house.seen(0, "chamber_light") == "ON");
}

TEST_CASE("a connection that breaks before the answer: what the reports show afterwards counts") {
    House house{{.models = {"X1C"}}};
    REQUIRE(house.start_gateway());
    Caller caller{house};
    print_something(house);
    have_manner(house, {.requests = "print.pause", .contact = simulator::Contact::dropped});
    const auto outcome = caller.ask("pause_printing");
    CHECK((ending(outcome) == "effective" || ending(outcome) == "unconfirmed"));
    CHECK(house.sees(0, "availability", "online", 60s));
    CHECK(house.sees(0, "print_status", "pause"));
    CHECK(caller.requested("print.pause") == 1);
}

TEST_CASE("sessions are paused, closed and begun again") {
    House house{{.models = {"X1C"}}};
    REQUIRE(house.start_gateway());
    Caller caller{house};
    CHECK(ending(caller.ask("pause_session")) == "done");
    CHECK(house.sees(0, "connection", "paused"));
    CHECK(ending(caller.ask("pause_printing")).starts_with("refused"));
    CHECK(ending(caller.ask("resume_session")) == "done");
    CHECK(house.sees(0, "connection", "connected"));
    CHECK(ending(caller.ask("quit")) == "done");
    CHECK(house.sees(0, "availability", "offline"));
    CHECK(eventually(patience, [&] { return connections_to(house.farm().printers()[0].port) == 0; }));
    CHECK(ending(caller.ask("set_light_state", {{"state", "off"}})) == "refused offline");
    CHECK(ending(caller.ask("resume_session")) == "refused conflict");
    CHECK(ending(caller.ask("start_session")) == "done");
    CHECK(house.sees(0, "availability", "online"));
    CHECK(ending(caller.ask("set_light_state", {{"state", "off"}})) == "effective");
}
