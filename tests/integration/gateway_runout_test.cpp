// Filament runout on printers that report it like the recorded ones: by error codes, never by a stage.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::gateway_test {
namespace {

using nlohmann::json;
using test_support::eventually;

constexpr std::string_view runout_event = "filament_runout";
constexpr std::string_view changed_event = "filament_changed";

/// The events of that type that the observer received after the first `from` messages.
std::vector<json> events_of(const TestEnvironment& env, std::size_t printer, std::string_view type,
                            std::size_t from) {
    auto events = env.events(printer, from);
    std::erase_if(events, [&](const json& event) { return event.at("event_type") != type; });
    return events;
}

/// Waits for the first event of that type; an empty object at the deadline.
json awaited_event(const TestEnvironment& env, std::size_t printer, std::string_view type, std::size_t from) {
    (void)eventually(test_timeout, [&] { return !events_of(env, printer, type, from).empty(); });
    const auto found = events_of(env, printer, type, from);
    return found.empty() ? json::object() : found.front();
}

} // namespace

TEST_CASE("a filament runout is an event with unit and slot, and so is the change to the backup spool") {
    TestEnvironment env{
        {.models = {"P1S", "A1MINI", "X1C"}, .report_interval = 200ms, .durations = {.filament_change = 2s}}};
    env.observe();
    REQUIRE(env.start_gateway());
    const std::array<simulator::TrayPlace, 3> feeds{{{0, 0}, {0, 0}, {255, 0}}};
    const std::array<std::string, 3> shown{"ams_1_tray_1", "ams_1_tray_1", "external_spool"};
    for (std::size_t i = 0; i < env.printers(); ++i) {
        REQUIRE(env.sees(i, "print_status", "idle"));
        env.fleet().with(i, [&](auto& printer) { printer.start_print({.trays = {feeds.at(i)}}, 60s); });
    }
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CAPTURE(i);
        REQUIRE(env.sees(i, "active_tray", shown.at(i), 40s));
    }
    const auto from = env.observer().count();
    env.fleet().with(0, [](auto& printer) { printer.run_out_of_filament(); });
    REQUIRE(env.fleet().with(1, [](auto& printer) { return printer.switch_to_backup(); }));
    env.fleet().with(2, [](auto& printer) { printer.run_out_of_filament(); });

    // A P1S with an AMS: a pause, an error and an HMS message for the same runout.
    const auto of_slot = awaited_event(env, 0, runout_event, from);
    CHECK(of_slot.value("unit", "") == "ams_1");
    CHECK(of_slot.value("slot", json()) == 1);
    CHECK(env.sees(0, "print_status", "pause"));

    // An X1C that prints from its external spool: an error without a place, and no HMS message.
    const auto of_external = awaited_event(env, 2, runout_event, from);
    CHECK(of_external.value("code", "") == "0300-8004");
    CHECK(of_external.value("unit", "") == "external_spool");
    CHECK(of_external.value("slot", json(0)).is_null());
    CHECK(env.sees(2, "print_status", "pause"));

    // An A1 mini whose AMS Lite continues with the next slot: HMS messages only, and no pause.
    const auto changed = awaited_event(env, 1, changed_event, from);
    CHECK(changed.value("from", "") == "ams_1_tray_1");
    CHECK(changed.value("to", "") == "ams_1_tray_2");
    CHECK(env.sees(1, "active_tray", "ams_1_tray_2"));
    const auto before_change = events_of(env, 1, runout_event, from);
    REQUIRE(before_change.size() == 1);
    CHECK(before_change.front().value("unit", "") == "ams_1");
    CHECK(before_change.front().value("slot", json()) == 1);
    CHECK(events_of(env, 1, "print_paused", from).empty());

    // Spools are refilled: the job continues, and no event is repeated.
    for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) {
        env.fleet().with(i, [](auto& printer) { printer.resume(); });
        CHECK(env.sees(i, "print_status", "running"));
        CHECK(events_of(env, i, runout_event, from).size() == 1);
        CHECK(events_of(env, i, changed_event, from).empty());
    }
}

} // namespace bambu2mqtt::gateway_test
