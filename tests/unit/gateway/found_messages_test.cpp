// Which retained messages are kept when a broker session begins, and how much of them.
#include "unit/gateway/bridge_driver.hpp"
#include <bambu2mqtt/gateway/found_messages.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

BrokerMessage standing(const std::string& topic, const std::string& payload) {
    return {.topic = topic, .payload = payload, .retained = true};
}

/// An announcement of ours for a printer; `more` makes it longer.
std::string announcement_of(const std::string& serial, const std::string& more = {}) {
    return R"({"device":{"identifiers":["bambu2mqtt_)" + serial + R"("],"name":")" + more +
           R"("},"origin":{"name":"bambu2mqtt"},"availability":[{"topic":"bambu2mqtt/bridge/state"}]})";
}

FoundMessages two_printers() {
    FoundMessages found{DiscoverySettings{}};
    found.serves(p1s, "p1", {"old"});
    found.serves(x1c, "p2", {});
    found.served("01P00A000000009", "gone");
    return found;
}

std::size_t lines_with(const BridgeDriver& driver, const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(driver.notes(), [&](const LogLine& line) {
        return line.source == "broker" && line.text.find(text) != std::string::npos;
    }));
}

std::size_t bytes_of(const std::vector<Message>& messages) {
    std::size_t bytes = 0;
    for (const auto& message : messages) {
        bytes += message.topic.size() + message.payload.size();
    }
    return bytes;
}

} // namespace

TEST_SUITE("gateway/found_messages") {
    TEST_CASE("messages are sorted by owner, and only announcements keep their payload") {
        auto messages = two_printers();
        messages.take(standing("bambu2mqtt/p1/print_status", "idle"));
        messages.take(standing("bambu2mqtt/old/print_status", "idle"));
        messages.take(standing("bambu2mqtt/p2/ams_1/availability", "online"));
        messages.take(standing("bambu2mqtt/gone/print_status", "idle"));
        messages.take(standing("homeassistant/device/bambu2mqtt_" + p1s + "/config", announcement_of(p1s)));
        messages.take(standing("homeassistant/device/bambu2mqtt_01P00A000000009/config",
                               announcement_of("01P00A000000009")));
        messages.take(
            standing("homeassistant/device/bambu2mqtt_bambu2mqtt/config", announcement_of("bambu2mqtt")));
        const auto found = messages.found();
        REQUIRE(found.of_printers.size() == 2);
        REQUIRE(found.of_printers[0].size() == 3);
        CHECK(found.of_printers[0][0].topic == "bambu2mqtt/p1/print_status");
        CHECK(found.of_printers[0][0].payload.empty());
        CHECK(found.of_printers[0][2].payload == announcement_of(p1s));
        CHECK(found.of_printers[1].size() == 1);
        REQUIRE(found.of_former_states.size() == 1);
        CHECK(found.of_former_states[0].topic == "bambu2mqtt/gone/print_status");
        REQUIRE(found.of_former_announcements.size() == 1);
        CHECK(found.of_former_announcements[0].payload.empty());
        CHECK(found.of_bridge ==
              std::vector<std::string>{"homeassistant/device/bambu2mqtt_bambu2mqtt/config"});
        CHECK(found.left_out == 0);
        CHECK(messages.found().of_printers == std::vector<std::vector<Message>>(2));
    }

    TEST_CASE("nothing of foreign messages is kept, however many and large they are") {
        auto messages = two_printers();
        const std::string large(2UL * 1024 * 1024, 'x');
        for (int i = 0; i < 20; ++i) {
            const auto number = std::to_string(i);
            messages.take(standing("homeassistant/device/other_" + number + "/config", large));
            messages.take(standing("homeassistant/device/bambu2mqtt_" + number + "/config", large));
            messages.take(
                standing("homeassistant/sensor/" + number + "/config", "{\"name\":\"" + large + "\"}"));
            messages.take(standing("bambu2mqtt/p1/command/" + number, large));
            messages.take(standing("bambu2mqtt/other/print_status", large));
            messages.take(standing("elsewhere/x", large));
        }
        const auto found = messages.found();
        CHECK(found.left_out == 0);
        CHECK(found.of_printers == std::vector<std::vector<Message>>(2));
        CHECK(found.of_former_states.empty());
        CHECK(found.of_bridge.empty());
    }

    TEST_CASE("what looks like our own is limited in bytes, and what is left out is counted") {
        constexpr auto most = FoundMessages::most_bytes + 3 * FoundMessages::most_bytes_per_printer;
        SUBCASE("announcements") {
            auto messages = two_printers();
            const auto large = announcement_of(p1s, std::string(300'000, 'x'));
            for (int i = 0; i < 100; ++i) {
                messages.take(standing("homeassistant/device/bambu2mqtt_" + p1s + "/config", large));
            }
            const auto found = messages.found();
            CHECK(bytes_of(found.of_printers[0]) <= most);
            CHECK(found.left_out > 80);
        }
        SUBCASE("one that no gateway can have published") {
            auto messages = two_printers();
            messages.take(standing("homeassistant/device/bambu2mqtt_" + p1s + "/config",
                                   announcement_of(p1s, std::string(600'000, 'x'))));
            CHECK(messages.found().of_printers[0].empty());
        }
        SUBCASE("states with long topics") {
            auto messages = two_printers();
            for (int i = 0; i < 1000; ++i) {
                messages.take(standing("bambu2mqtt/p1/" + std::to_string(i) + std::string(60'000, 'x'), "x"));
            }
            const auto found = messages.found();
            CHECK(bytes_of(found.of_printers[0]) <= most);
            CHECK(found.left_out > 900);
        }
        SUBCASE("states with short topics") {
            auto messages = two_printers();
            for (int i = 0; i < 200'000; ++i) {
                messages.take(standing("bambu2mqtt/p1/" + std::to_string(i), "x"));
            }
            const auto found = messages.found();
            CHECK(found.of_printers[0].size() < 30'000);
            CHECK(found.left_out > 100'000);
        }
    }

    TEST_CASE("more retained messages than any earlier run can have published are logged once") {
        BridgeDriver driver;
        driver.start();
        driver.broker_connects();
        for (int i = 0; i < 300; ++i) {
            driver.say("bambu2mqtt/p1/" + std::to_string(i) + std::string(60'000, 'x'), "x", true);
        }
        driver.advance(2s);
        CHECK(lines_with(driver, "retained messages of earlier runs are left as they are") == 1);
        driver.printer_up();
        driver.report(version());
        driver.report(full(idle));
        driver.advance(5s);
        CHECK(driver.state("availability") == "online");
    }
}
