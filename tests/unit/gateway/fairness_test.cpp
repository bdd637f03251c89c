// Messages of one printer do not block those of another.
#include "unit/gateway/live_driver.hpp"

#include <fmt/format.h>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

TEST_SUITE("gateway/fairness") {
    TEST_CASE("raw reports beyond the broker's rate do not block the states of other printers") {
        Live driver{idle, {.serials = {p1s, x1c}, .window = 2, .policy = {.raw_topics = true}}};
        driver.go_live(idle, 1);
        driver.advance(5s);
        driver.hold_acknowledgements();
        driver.forget_log();
        for (int i = 0; i < 40; ++i) {
            driver.report(partial(R"("other":)" + std::to_string(i)), 0);
        }
        driver.report(partial(R"("bed_temper":61.0)"), 1);
        driver.advance(10ms);
        driver.acknowledge(4);
        CHECK(driver.sent("bambu2mqtt/p2/bed_temperature") == std::vector<std::string>{"61"});
        driver.acknowledge(100);
        CHECK(driver.sent("bambu2mqtt/p1/raw/report").size() >= 40);
    }

    TEST_CASE("events beyond the broker's rate do not block the states of other printers") {
        Live driver{idle, {.serials = {p1s, x1c}, .window = 2}};
        driver.go_live(idle, 1);
        driver.advance(5s);
        driver.hold_acknowledgements();
        driver.forget_log();
        for (int i = 1; i <= 40; ++i) {
            driver.report(partial(fmt::format(R"("hms":[{{"attr":{},"code":65537}}])", 50331648 + i)), 0);
        }
        driver.report(partial(R"("bed_temper":61.0)"), 1);
        driver.advance(10ms);
        driver.acknowledge(4);
        CHECK(driver.sent("bambu2mqtt/p2/bed_temperature") == std::vector<std::string>{"61"});
        driver.acknowledge(200);
        CHECK(driver.sent("bambu2mqtt/p1/event").size() >= 40);
    }
}
