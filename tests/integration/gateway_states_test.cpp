// Messages on the user's broker while printers of six models run: states, discovery, a whole print.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using nlohmann::json;

namespace {

constexpr std::size_t x1c = 0;
constexpr std::size_t p1s = 1;
constexpr std::size_t a1mini = 2;
constexpr std::size_t h2d = 3;
constexpr std::size_t p2s = 4;

constexpr std::size_t x2d = 5;

const std::vector<std::string> six{"X1C", "P1S", "A1MINI", "H2D", "P2S", "X2D"};

json state_of(TestEnvironment& env, std::size_t printer) {
    return env.fleet().with(printer, [](auto& simulated) { return simulated.state(); });
}

/// Waits until a fluctuating state is within a degree and a half of the printer's value.
bool follows(TestEnvironment& env, std::size_t printer, const char* entity, const char* key) {
    return eventually(test_timeout, [&] {
        const auto shown = env.seen(printer, entity);
        const auto real = state_of(env, printer).at(key).get<double>();
        return !shown.empty() && shown != "None" &&
               std::abs(std::strtod(shown.c_str(), nullptr) - real) <= 1.5;
    });
}

/// The discovery message of a device in the device form; null when there is none.
json announced(const Retained& retained, const std::string& device) {
    const auto found = retained.find("homeassistant/device/bambu2mqtt_" + device + "/config");
    return found == retained.end() ? json(nullptr) : json::parse(found->second);
}

} // namespace

TEST_CASE("six printers of six models have the expected states") {
    TestEnvironment env{{.models = six}};
    REQUIRE(env.start_gateway());
    for (std::size_t i = 0; i < six.size(); ++i) {
        CAPTURE(six[i]);
        const bool two_nozzles = i == h2d || i == x2d;
        CHECK(env.sees(i, "connection", "connected"));
        CHECK(env.sees(i, "print_status", "idle"));
        CHECK(follows(env, i, "nozzle_temperature", "nozzle_temper"));
        CHECK(follows(env, i, "bed_temperature", "bed_temper"));
        CHECK(env.sees(i, "nozzle_target_temperature", "0"));
        CHECK(env.sees(i, "part_fan", "0"));
        CHECK(env.sees(i, "nozzle_diameter", two_nozzles ? env.seen(i, "nozzle_diameter") : "0.4"));
        CHECK(env.sees(i, "task_name", "None"));
        CHECK(env.sees(i, "print_error", "OFF"));
        CHECK(env.sees(i, "hms", "OFF")); // also where the list has an entry without a text: P2S, X2D
        CHECK(env.sees(i, "hms_count", "0"));
        CHECK(env.sees(i, "firmware",
                       six[i] == "X1C"      ? "01.09.00.01"
                       : six[i] == "P1S"    ? "01.08.02.00"
                       : six[i] == "A1MINI" ? "01.07.02.00"
                       : six[i] == "H2D"    ? "01.01.01.00"
                       : six[i] == "X2D"    ? "01.01.00.00"
                                            : "01.02.00.00"));
    }

    SUBCASE("with their spools and units") {
        CHECK(env.sees(x1c, "ams_1_tray_1", "PLA Basic"));
        CHECK(env.sees(x1c, "ams_1_tray_2", "PLA Matte"));
        CHECK(env.sees(x1c, "ams_1_tray_4", "empty"));
        CHECK(env.sees(x1c, "ams_2_tray_1", "ABS"));
        CHECK(env.sees(x1c, "ams_2_tray_4", "Support for PLA"));
        CHECK(env.sees(x1c, "ams_ht_1_tray_1", "PAHT-CF"));
        CHECK(env.sees(x1c, "ams_1_humidity_index", "1"));
        CHECK(env.sees(x1c, "ams_1_tray_1_color", "#0A2989"));
        CHECK(env.sees(x1c, "ams_1_tray_1_remaining", "83"));
        CHECK(env.sees(x1c, "ams_1/availability", "online"));
        CHECK(env.sees(h2d, "ams_1_tray_1", "PLA Basic"));
        CHECK(env.sees(x2d, "ams_1_tray_1", "PLA Basic"));
        for (const auto printer : {p1s, a1mini, p2s}) {
            CHECK(env.sees(printer, "ams_1_tray_2", "PLA Matte"));
        }
        CHECK(env.sees(x1c, "door", "OFF"));
        env.fleet().with(x1c, [](auto& printer) { printer.set_door(true); });
        CHECK(env.sees(x1c, "door", "ON"));
    }

    SUBCASE("and all of them have discovery messages") {
        const auto retained = env.retained();
        const auto bridge = announced(retained, "bambu2mqtt");
        REQUIRE(bridge.is_object());
        for (const auto& printer : env.fleet().printers()) {
            CAPTURE(printer.model);
            const auto message = announced(retained, printer.serial);
            REQUIRE(message.is_object());
            CHECK(message["device"]["serial_number"] == printer.serial);
            CHECK(message["device"]["name"] == printer.name);
            CHECK(message["components"].contains("print_status"));
            CHECK(announced(retained, printer.serial + "_ams_1").is_object());
        }
        const auto& serials = env.fleet().printers();
        CHECK(
            announced(retained, serials[x1c].serial + "_ams_ht_1")["components"].contains("ams_ht_1_tray_1"));
        CHECK(announced(retained, serials[x1c].serial + "_external_spool").is_object());
        CHECK(announced(retained, serials[h2d].serial + "_external_spool_left").is_object());
        CHECK(announced(retained, serials[h2d].serial + "_external_spool_right").is_object());
        CHECK(announced(retained, serials[x2d].serial + "_external_spool_left").is_object());
        CHECK(announced(retained, serials[x2d].serial + "_external_spool_right").is_object());
        CHECK(retained.at("bambu2mqtt/bridge/state") == "online");
        const auto info = json::parse(retained.at("bambu2mqtt/bridge/info"));
        CHECK(info["printers"].size() == six.size());
        // The availability of controls may still be unpublished when their printer becomes online.
        std::string complaints;
        const auto none = [&] { return (complaints = discovery_complaints(env.retained())).empty(); };
        CHECK_MESSAGE(eventually(test_timeout, none), complaints);
    }
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("a whole print is followed from preparation to its end") {
    TestEnvironment env{{.models = {"X1C", "P1S", "H2D"}, .report_interval = 200ms}};
    REQUIRE(env.start_gateway());
    for (std::size_t i = 0; i < env.printers(); ++i) {
        REQUIRE(env.sees(i, "print_status", "idle"));
    }
    // A topic is published at most once a second: wait for that, as the preparation is shorter here.
    const auto ready = std::chrono::steady_clock::now() + 1100ms;
    REQUIRE(eventually(test_timeout, [&] { return std::chrono::steady_clock::now() >= ready; }));
    const auto from = env.observer().count();
    for (std::size_t i = 0; i < env.printers(); ++i) {
        env.fleet().with(i, [](auto& printer) { printer.start_print({.name = "Calibration cube"}, 14s); });
    }
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CAPTURE(i);
        CHECK(env.sees(i, "print_status", "running"));
        CHECK(env.sees(i, "task_name", "Calibration cube"));
        CHECK(env.sees(i, "nozzle_target_temperature", "220"));
        CHECK(env.sees(i, "bed_target_temperature", "60"));
        CHECK(env.sees(i, "total_layers", "120"));
        CHECK(env.sees(i, "active_tray", "ams_1_tray_1"));
        CHECK(env.sees(i, "part_fan", "70"));
    }
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CAPTURE(i);
        CHECK(env.sees(i, "print_status", "finish"));
        CHECK(env.sees(i, "print_progress", "100"));
        CHECK(env.sees(i, "part_fan", "0"));
        CHECK(env.history(i, "print_status", from) == "prepare, running, finish");
        CHECK(env.history(i, "task_name", from) == "Calibration cube");
        // Until it runs nothing is known of the job, and afterwards something always is.
        CHECK(env.history(i, "print_progress", from).find("None", 1) == std::string::npos);
    }
}

TEST_CASE("changing the discovery form leaves no stale topics") {
    TestEnvironment env{{.models = {"X1C", "A1MINI"}}};
    const auto& serials = env.fleet().printers();
    REQUIRE(env.start_gateway());
    REQUIRE(env.sees(0, "firmware", "01.09.00.01"));
    REQUIRE(announced(env.retained(), serials[0].serial).is_object());
    CHECK(env.gateway().stop() == 0);

    const auto count = [&](const Retained& retained, std::string_view start) {
        std::size_t found = 0;
        for (const auto& message : retained) {
            found += message.first.starts_with(start) ? 1 : 0;
        }
        return found;
    };
    const ConfigChanges component{.more_lines = "[home_assistant]\ndiscovery = \"component\"\n"};
    REQUIRE(env.start_gateway(component));
    CHECK(eventually(test_timeout, [&] {
        const auto retained = env.retained();
        return count(retained, "homeassistant/device/") == 0 && count(retained, "homeassistant/sensor/") > 50;
    }));
    CHECK(discovery_complaints(env.retained()) == "");
    CHECK(env.gateway().stop() == 0);

    REQUIRE(env.start_gateway());
    CHECK(eventually(test_timeout, [&] {
        const auto retained = env.retained();
        return count(retained, "homeassistant/") == count(retained, "homeassistant/device/") &&
               announced(retained, serials[1].serial).is_object();
    }));
    CHECK(discovery_complaints(env.retained()) == "");
}
