// Buttons that answer the dialog of an error: when they work, and what they send.
#include "unit/gateway/live_driver.hpp"

#include <fmt/format.h>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

/// A job that an error has paused.
std::string paused_by(std::uint32_t error) {
    return fmt::format(R"("gcode_state":"PAUSE","print_error":{})", error);
}

constexpr std::uint32_t plate_check = 0x0500809C;
constexpr std::uint32_t feed_failed = 0x12008006;

} // namespace

TEST_SUITE("gateway/dialog_buttons") {
    TEST_CASE("a button works only while the error offers its answer, also if only the error changes") {
        Live driver{running + R"(,"print_error":0)"};
        CHECK(driver.state("ignore_error/availability") == "offline");
        CHECK(driver.state("retry_load_filament/availability") == "offline");
        driver.report(partial(paused_by(plate_check)));
        driver.advance(2s);
        CHECK(driver.state("ignore_error/availability") == "online");
        CHECK(driver.state("retry_load_filament/availability") == "offline");
        driver.report(partial(paused_by(feed_failed)));
        driver.advance(2s);
        CHECK(driver.state("ignore_error/availability") == "offline");
        CHECK(driver.state("retry_load_filament/availability") == "online");
        driver.report(partial(paused_by(0x07008011))); // a runout: neither ignoring nor retrying helps
        driver.advance(2s);
        CHECK(driver.state("retry_load_filament/availability") == "offline");
    }

    TEST_CASE("ignore_error sends the request recorded from an H2C, with the error shown now") {
        Live driver{paused_by(plate_check)};
        driver.set("ignore_error", "PRESS");
        const auto requests = driver.requests();
        REQUIRE(requests.size() == 1);
        auto request = requests.front().front();
        request.erase("sequence_id");
        CHECK(request ==
              Json::parse(R"({"command":"ignore","err":"83919004","param":"reserve","job_id":"0"})"));
    }

    TEST_CASE("retry_load_filament repeats the step") {
        Live driver{paused_by(feed_failed)};
        driver.set("retry_load_filament", "PRESS");
        const auto requests = driver.requests();
        REQUIRE(requests.size() == 1);
        CHECK(requests.front().front()["command"] == "ams_control");
        CHECK(requests.front().front()["param"] == "resume");
    }

    TEST_CASE("without an error ignore_error is refused, and nothing is sent") {
        Live driver{running + R"(,"print_error":0)"};
        driver.set("ignore_error", "PRESS");
        CHECK(driver.outcome()["status"] == "refused");
        CHECK(driver.requests().empty());
    }

    TEST_CASE("ignoring is not among the safe commands: no button") {
        BridgeDriver driver{{.policy = {.allow = ControlLevel::safe}}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        const auto components =
            driver.json("homeassistant/device/bambu2mqtt_" + p1s + "/config")["components"];
        CHECK(components.contains("pause"));
        CHECK_FALSE(components.contains("ignore_error"));
    }
}
