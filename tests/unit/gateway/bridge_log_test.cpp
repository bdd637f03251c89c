// bridge/log: warnings and errors, limited in number, and never about themselves.
#include "gateway/bridge_log.hpp"
#include "unit/gateway/live_driver.hpp"

#include <string>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

const std::string log_topic = "bambu2mqtt/bridge/log";

LogWritten line(const std::string& text) {
    return {.time = WallTime{1'769'850'000s}, .level = Level::warning, .text = text};
}

Json content(const std::optional<Message>& message) {
    REQUIRE(message.has_value());
    return Json::parse(message->payload);
}

Now at(std::chrono::milliseconds time) {
    return {Instant{} + 1h + time, WallTime{1'769'850'000s}};
}

} // namespace

TEST_SUITE("gateway/bridge_log") {
    TEST_CASE("a line has time, level, area and text, and is not retained") {
        BridgeLog log{log_topic};
        log.broker_up();
        log.add(line("p1s_0003: the printer is gone"));
        auto error = line("something odd: with a colon");
        error.level = Level::error;
        log.add(error);
        CHECK(log.due() == Instant{});
        const auto first = log.next(at(0ms));
        CHECK(content(first) == Json{{"time", "2026-01-31T09:00:00Z"},
                                     {"level", "warning"},
                                     {"area", "p1s_0003"},
                                     {"text", "the printer is gone"}});
        CHECK(first->topic == log_topic);
        CHECK_FALSE(first->retain);
        CHECK(first->qos == Qos::at_least_once);
        const auto second = content(log.next(at(0ms)));
        CHECK(second["level"] == "error");
        CHECK(second["area"] == "gateway");
        CHECK(second["text"] == "something odd: with a colon");
        CHECK_FALSE(log.due());
        CHECK_FALSE(log.next(at(0ms)));
    }

    TEST_CASE("at most ten a second; what is too much is dropped, counted and said") {
        BridgeLog log{log_topic};
        log.broker_up();
        for (int i = 0; i < 1000; ++i) {
            log.add(line(std::to_string(i)));
        }
        int sent = 0;
        std::string last;
        for (int tenth = 0; tenth < 30; ++tenth) {
            int in_this_second = 0;
            while (const auto message = log.next(at(tenth * 100ms))) {
                last = content(message)["text"].get<std::string>();
                ++in_this_second;
                ++sent;
            }
            CHECK(in_this_second <= static_cast<int>(BridgeLog::most_per_second));
            CHECK((in_this_second == 0 || tenth % 10 == 0));
        }
        CHECK(sent == static_cast<int>(BridgeLog::most_waiting) + 1);
        CHECK(last.starts_with("980 lines are not here"));
        CHECK_FALSE(log.due());
    }

    TEST_CASE("without a session nothing is kept, and the next session says how many lines there were") {
        BridgeLog log{log_topic};
        auto lost = line("a");
        lost.lost = 5;
        log.add(lost);
        CHECK_FALSE(log.due());
        log.broker_up();
        CHECK(content(log.next(at(0ms)))["text"].get<std::string>().starts_with("6 lines"));
        log.add(line("b"));
        log.broker_down();
        CHECK_FALSE(log.due());
        log.broker_up();
        CHECK(content(log.next(at(2s)))["text"].get<std::string>().starts_with("1 lines"));
        CHECK_FALSE(log.due());
    }

    TEST_CASE("a broker that refuses the topic gets no further line in this session") {
        Live driver;
        driver.hold_acknowledgements();
        driver.give(broker_target, line("broker: first"));
        REQUIRE(driver.sent(log_topic).size() == 1);
        REQUIRE(driver.held().size() == 1);
        driver.acknowledge_packet(driver.held()[0], 0x87);
        CHECK(driver.count_notes(Level::warning, "broker") == 1);
        driver.give(broker_target, line("broker: the broker refused a message on 'bambu2mqtt/bridge/log'"));
        driver.advance(5s);
        CHECK(driver.sent(log_topic).size() == 1);

        driver.acknowledge_always();
        driver.broker_down();
        driver.broker_up();
        driver.give(broker_target, line("broker: later"));
        driver.advance(2s);
        CHECK(driver.sent(log_topic).size() == 3); // one of them says how many are missing
    }

    TEST_CASE("lines of the log do not lead to lines of the log") {
        Live driver;
        const auto before = driver.notes().size();
        for (int i = 0; i < 50; ++i) {
            driver.give(broker_target, line("p1: odd"));
        }
        driver.advance(10s);
        CHECK(driver.notes().size() == before);
        CHECK(driver.sent(log_topic).size() >= 20);
    }
}
