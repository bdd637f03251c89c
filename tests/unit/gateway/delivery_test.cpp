// With which QoS messages go, and that of those that may be lost nothing is lost for good.
#include "unit/gateway/bridge_driver.hpp"

#include <algorithm>
#include <set>
#include <string>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

TEST_SUITE("gateway/delivery") {
    TEST_CASE("numbers that move by themselves, attributes and health go with QoS 0, all else with QoS 1") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live(idle + "," + one_ams);
        const std::set<std::string> moving{
            "print_progress",     "prepare_progress",  "remaining_time",      "start_time",
            "end_time",           "elapsed_time",      "current_layer",       "total_layers",
            "part_fan",           "aux_fan",           "chamber_fan",         "heatbreak_fan",
            "nozzle_temperature", "bed_temperature",   "chamber_temperature", "wifi_signal",
            "total_usage",        "transfer_progress", "ams_1_humidity",      "ams_1_humidity_index",
            "ams_1_temperature"};
        std::set<std::string> seen;
        for (const auto& message : driver.log()) {
            const auto name = message.topic.substr(message.topic.find('/', message.topic.find('/') + 1) + 1);
            const bool state = message.topic.starts_with("bambu2mqtt/p1/");
            const bool unacknowledged = message.topic.ends_with("/attributes") ||
                                        message.topic == "bambu2mqtt/bridge/health" ||
                                        (state && moving.contains(name));
            INFO("topic: ", message.topic);
            CHECK(message.qos == (unacknowledged ? Qos::at_most_once : Qos::at_least_once));
            seen.insert(state ? name : std::string{});
        }
        std::erase_if(seen, [&](const std::string& name) { return !moving.contains(name); });
        CHECK(seen.size() >= 15);
    }

    TEST_CASE("without room in the link nothing is sent, and with room again only the latest values") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.forget_log();
        driver.set_link_room(false);
        for (int i = 1; i <= 50; ++i) {
            driver.report(partial(R"("mc_percent":)" + std::to_string(i) + R"(,"bed_temper":)" +
                                  std::to_string(20 + i)));
            driver.advance(200ms);
        }
        CHECK(driver.log().empty());
        driver.set_link_room(true);
        CHECK(driver.sent("bambu2mqtt/p1/print_progress") == std::vector<std::string>{"50"});
        CHECK(driver.sent("bambu2mqtt/p1/bed_temperature") == std::vector<std::string>{"70"});

        // When a session breaks, the messages in flight are lost.
        driver.set_link_room(false);
        driver.broker_down();
        driver.forget_log();
        driver.broker_up();
        CHECK(driver.sent("bambu2mqtt/p1/print_progress") == std::vector<std::string>{"50"});
        CHECK(driver.retained("bambu2mqtt/bridge/state") == "online");
    }

    TEST_CASE("what may have been lost with the connection is sent again, of either QoS") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        const auto before = driver.standing();
        driver.report(partial(R"("mc_percent":42,"bed_temper":77.0,"spd_lvl":3)"));
        driver.lose_store(); // none of it has arrived
        driver.broker_down();
        driver.broker_up();
        driver.advance(5s);
        CHECK(driver.state("print_progress") == "42");
        CHECK(driver.state("bed_temperature") == "77");
        CHECK(driver.state("print_speed") == "sport");
        for (const auto& message : before) {
            const auto& topic = message.first;
            INFO("topic: ", topic);
            CHECK(driver.standing().contains(topic));
        }
    }
}
