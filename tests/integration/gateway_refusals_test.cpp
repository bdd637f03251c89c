// Printers that refuse without an error in the answer: firmware that requires signed commands and stays
// silent, and AMS units that cannot dry now.
#include "integration/command_client.hpp"
#include "simulator/drying.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::gateway_test {
namespace {

using test_support::eventually;

/// The attributes of a printer's entity; null when there are none.
json attributes_of(const TestEnvironment& env, std::size_t printer, const std::string& entity) {
    const auto text = env.seen(printer, entity + "/attributes");
    return text.empty() ? json() : json::parse(text);
}

/// Waits until the printer's discovery message has the component, or no longer has it.
bool announces(TestEnvironment& env, std::size_t printer, const std::string& component, bool wanted) {
    return eventually(test_timeout, [&] {
        const auto text = env.observer().latest(env.discovery_topic(printer)).value_or("{}");
        const auto components = json::parse(text).value("components", json::object());
        return components.contains(component) && components[component].size() > 1 ? wanted : !wanted;
    });
}

} // namespace

TEST_CASE(
    "firmware without fun that refuses silently: only its HMS list shows that Developer Mode is needed") {
    // The A1 mini is silent with `fun` too, as reported for its firmware 01.07.02.00.
    TestEnvironment env{{.models = {"P1S", "X1C", "A1MINI"},
                         .report_interval = 200ms,
                         .settings = {.developer_mode = false, .reports_fun = false}}};
    env.observe();
    REQUIRE(env.start_gateway());
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CAPTURE(env.fleet().printers()[i].model);
        CommandClient client{env, i};
        REQUIRE(env.sees(i, "print_status", "idle"));
        CHECK(announces(env, i, "bed_target_temperature", true));

        // The command is running when the message arrives, and is never answered.
        const auto first = client.ask("set_bed_temp_target", {{"value", 60}});
        CHECK(ending(first) == "refused developer_mode_required");
        CHECK(says(first, "Developer Mode"));
        CHECK(client.commanded() == 1);
        CHECK(env.sees(i, "hms", "ON"));

        // Known from now on: only requests that need no signature are sent, and controls are removed.
        CHECK(ending(client.ask("home_axes")) == "refused developer_mode_required");
        CHECK(client.commanded() == 1);
        CHECK(announces(env, i, "bed_target_temperature", false));
        CHECK(ending(client.ask("set_light_state", {{"state", "off"}})) == "effective");

        // Once enabled on the printer, everything works again.
        env.fleet().with(i, [](auto& printer) { printer.set_developer_mode(true); });
        CHECK(announces(env, i, "bed_target_temperature", true));
        CHECK(ending(client.ask("set_bed_temp_target", {{"value", 60}})) == "effective");
    }
}

TEST_CASE("a unit that cannot dry refuses with its reasons, and no request is sent") {
    // An AMS 2 Pro and an AMS HT.
    TestEnvironment env{{.models = {"H2D", "X1C"}, .report_interval = 200ms}};
    env.observe();
    REQUIRE(env.start_gateway());
    const std::vector<std::pair<int, std::string>> dryers{{0, "ams_1"}, {128, "ams_ht_1"}};
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CAPTURE(env.fleet().printers()[i].model);
        CommandClient client{env, i};
        const int unit = dryers[i].first; // Clang 14 cannot capture structured bindings
        const std::string& name = dryers[i].second;
        const json wanted{{"target_temp", 55}, {"duration", 8}};
        const auto refused_because = [&] {
            return attributes_of(env, i, name + "_drying").value("refused_because", json());
        };
        const auto obstruct = [&](const std::vector<int>& reasons) {
            env.fleet().with(i, [&](auto& printer) { set_drying_obstacles(printer, unit, reasons); });
        };
        REQUIRE(env.sees(i, name + "_drying", "OFF"));
        CHECK(refused_because().is_null());

        obstruct({8, 3});
        const std::string reasons =
            "the AMS needs its own power adapter; filament is at the outlet of the AMS";
        CHECK(eventually(test_timeout, [&] { return refused_because() == reasons; }));
        const auto refused = client.ask("turn_on_ams_dryer", wanted);
        CHECK(ending(refused) == "refused conflict");
        CHECK(says(refused, reasons));
        CHECK(client.requested("print.ams_filament_drying") == 0);
        CHECK(env.seen(i, name + "_drying") == "OFF");

        obstruct({});
        CHECK(eventually(test_timeout, [&] { return refused_because().is_null(); }));
        CHECK(ending(client.ask("turn_on_ams_dryer", wanted, 40s)) == "effective");
        CHECK(env.sees(i, name + "_drying", "ON"));
    }
}

} // namespace bambu2mqtt::gateway_test
