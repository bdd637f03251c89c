// When all retained messages of earlier runs have been seen.
#include "unit/gateway/bridge_driver.hpp"
#include <bambu2mqtt/gateway/retained_wait.hpp>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

constexpr auto wait_begin = Instant{} + std::chrono::hours{1000};

RetainedWait begun() {
    RetainedWait wait;
    wait.begin("m1", wait_begin);
    return wait;
}

} // namespace

TEST_SUITE("gateway/retained_wait") {
    TEST_CASE("with a marker after the retained messages the wait is over 20 ms later") {
        auto wait = begun();
        for (int i = 0; i < 200; ++i) {
            wait.retained_arrived(wait_begin + 3ms);
        }
        CHECK(!wait.over(wait_begin + 3ms));
        wait.marker_arrived("m1", wait_begin + 4ms);
        CHECK(!wait.over(wait_begin + 23ms));
        CHECK(wait.deadline() == wait_begin + 24ms);
        CHECK(wait.over(wait_begin + 24ms));
    }

    TEST_CASE("without a retained message before it the marker proves nothing") {
        auto wait = begun();
        wait.marker_arrived("m1", wait_begin + 1ms);
        CHECK(wait.deadline() == wait_begin + 500ms);
        wait.retained_arrived(wait_begin + 300ms);
        CHECK(wait.deadline() == wait_begin + 800ms);
    }

    TEST_CASE(
        "if a retained message arrives after the marker, half a second without messages is waited for") {
        auto wait = begun();
        wait.retained_arrived(wait_begin + 1ms);
        wait.marker_arrived("m1", wait_begin + 2ms);
        wait.retained_arrived(wait_begin + 10ms);
        CHECK(!wait.over(wait_begin + 509ms));
        CHECK(wait.over(wait_begin + 510ms));
    }

    TEST_CASE("another session's marker does not count") {
        auto wait = begun();
        wait.retained_arrived(wait_begin + 1ms);
        wait.marker_arrived("m0", wait_begin + 2ms);
        CHECK(wait.deadline() == wait_begin + 501ms);
        wait.begin("m2", wait_begin + 600ms);
        wait.marker_arrived("m1", wait_begin + 601ms);
        wait.marker_arrived("m2", wait_begin + 601ms);
        CHECK(wait.deadline() ==
              wait_begin + 1100ms); // retained messages of the previous session do not count
    }

    TEST_CASE("retained messages that never end are waited for half a minute") {
        auto wait = begun();
        for (auto at = wait_begin; at < wait_begin + 30s; at += 100ms) {
            CHECK(!wait.over(at));
            wait.retained_arrived(at);
        }
        CHECK(wait.over(wait_begin + 30s));
    }

    TEST_CASE("if the marker arrives after the retained messages the gateway publishes immediately") {
        BridgeDriver driver;
        driver.start({{"bambu2mqtt/bridge/state", "offline"}});
        driver.broker_connects();
        REQUIRE(driver.markers().size() == 1);
        const auto marker = driver.markers().front();
        CHECK(marker.topic == "bambu2mqtt/bridge/marker");
        CHECK(!marker.retain);
        CHECK(marker.qos == Qos::at_most_once);
        driver.advance(5ms);
        driver.return_marker();
        CHECK(driver.log().empty());
        driver.advance(20ms);
        CHECK(!driver.log().empty());
        CHECK(driver.bridge().broker_up());

        driver.broker_down();
        driver.broker_connects();
        REQUIRE(driver.markers().size() == 2);
        CHECK(driver.markers().back().payload != marker.payload);
        driver.forget_log();
        driver.say(marker.topic, marker.payload, false); // of the session before
        driver.advance(100ms);
        CHECK(driver.log().empty());
        driver.return_marker();
        driver.advance(20ms);
        CHECK(!driver.log().empty());
    }

    TEST_CASE("a marker the link does not take costs half a second") {
        BridgeDriver driver;
        driver.refuse("bambu2mqtt/bridge/marker");
        driver.start({{"bambu2mqtt/bridge/state", "offline"}});
        driver.broker_connects();
        driver.advance(499ms);
        CHECK(driver.log().empty());
        driver.advance(1ms);
        CHECK(!driver.log().empty());
        driver.advance(1min);
        CHECK(driver.refusals() == 1);
    }
}
