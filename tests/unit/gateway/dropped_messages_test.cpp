// Messages that are dropped because there is no memory for them: log lines, and what continues.
#include "unit/gateway/bridge_driver.hpp"

#include <algorithm>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

std::size_t lost_lines(const BridgeDriver& driver, const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(driver.notes(), [&](const LogLine& line) {
        return line.source == "broker" && line.text.find(text) != std::string::npos;
    }));
}

} // namespace

TEST_SUITE("gateway/dropped_messages") {
    TEST_CASE("a report that would make the known state too large is dropped, and logged once an hour") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        const auto before = driver.state("print_progress");
        std::string large = R"("mc_percent":44,"s_obj":[)";
        for (int i = 0; i < 100; ++i) {
            large += i == 0 ? "[" : ",[";
            for (int j = 0; j < 500; ++j) {
                large += j == 0 ? "{}" : ",{}";
            }
            large += "]";
        }
        for (int i = 0; i < 5; ++i) {
            driver.report(partial(large + "]"));
            driver.advance(1s);
        }
        CHECK(driver.count_notes(Level::warning, "p1") == 1);
        CHECK(driver.notes().back().text.find("it is dropped") != std::string::npos);
        CHECK(driver.state("print_progress") == before);
        driver.report(partial(R"("mc_percent":45)"));
        driver.advance(2s);
        CHECK(driver.state("availability") == "online");
    }

    TEST_CASE("messages of the broker that were dropped are logged once an hour, with their number") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.give(broker_target, BrokerMessagesLost{7});
        driver.give(broker_target, BrokerMessagesLost{5});
        CHECK(lost_lines(driver, "7 messages arrived faster than they could be processed") == 1);
        driver.advance(61min);
        driver.give(broker_target, BrokerMessagesLost{1});
        CHECK(lost_lines(driver, "6 messages arrived faster than they could be processed") == 1);
        CHECK(lost_lines(driver, "arrived faster than they could be processed") == 2);
    }
}
