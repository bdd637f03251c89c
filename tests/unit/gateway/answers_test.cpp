// Topics of outcomes: the common one, and with MQTT 5 the sender's response topic, where allowed.
#include "unit/gateway/live_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

TEST_SUITE("gateway/answers") {
    TEST_CASE("the same request id while the first runs: one outcome for all senders") {
        Live driver{running, {.response_topics = {"one", "two"}}};
        const auto ask = [&](const std::string& topic) {
            driver.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/p1/command/pause_printing",
                                                     .payload = R"({"request_id":"x"})",
                                                     .response_topic = topic,
                                                     .correlation = topic + "-data"});
        };
        ask("one");
        ask("two");
        ask("two"); // a sender that asks twice is answered once
        CHECK(driver.requests().size() == 1);
        driver.report(partial(R"("gcode_state":"PAUSE")"));
        CHECK(driver.responses().size() == 1);
        CHECK(driver.sent("one").size() == 1);
        CHECK(driver.sent("two").size() == 1);
        for (const auto& message : driver.log()) {
            if (message.topic == "one" || message.topic == "two") {
                CHECK(message.correlation == message.topic + "-data");
                CHECK(!message.retain);
            }
        }
    }

    TEST_CASE("a forbidden response topic: the outcome is published on the common topic with the reason") {
        for (const bool listed : {false, true}) {
            const std::vector<std::string> filters =
                listed ? std::vector<std::string>{"#"} : std::vector<std::string>{};
            Live driver{running, {.serials = {p1s, x1c}, .response_topics = filters}};
            std::string deep = "a";
            for (int level = 1; level < 211; ++level) {
                deep += "/a";
            }
            for (const std::string& topic :
                 {std::string{"a/+"}, std::string{"#"}, std::string{"no/utf8/\xC3"}, deep,
                  std::string{"bambu2mqtt/p1/command"}, std::string{"bambu2mqtt/p2/command/home_axes"},
                  std::string{"homeassistant/status"}, std::string{"homeassistant/device/x/config"},
                  std::string{"$SYS/x"}, std::string{"bambu2mqtt/p1/response"}}) {
                INFO(topic);
                driver.forget_log();
                driver.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/p1/command/get_state",
                                                         .response_topic = topic,
                                                         .correlation = "x"});
                const auto outcome = driver.outcome();
                CHECK(outcome["status"] == "done");
                CHECK(
                    outcome["note"].get<std::string>().starts_with("not published on the response topic \""));
                for (const auto& message : driver.log()) {
                    CHECK(message.topic.starts_with("bambu2mqtt/p1/"));
                    CHECK(message.correlation.empty());
                    CHECK(message.topic != "bambu2mqtt/p1/command");
                }
                CHECK(!driver.json("bambu2mqtt/p1/last_command/attributes").contains("note"));
            }
            driver.command(R"({"command":"get_state"})");
            CHECK(!driver.responses().back().contains("note"));
        }
    }

    TEST_CASE("a repeated request with a forbidden response topic gets the reason") {
        Live driver{running};
        const auto ask = [&](const std::string& topic) {
            driver.forget_log();
            driver.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/p1/command/get_state",
                                                     .payload = R"({"request_id":"x"})",
                                                     .response_topic = topic});
            return driver.outcome();
        };
        CHECK(!ask("bambu2mqtt/response/one").contains("note"));
        CHECK(driver.sent("bambu2mqtt/response/one").size() == 1);
        CHECK(ask("elsewhere").contains("note"));
        CHECK(driver.sent("elsewhere").empty());
        CHECK(!ask("bambu2mqtt/response/two").contains("note"));
        CHECK(driver.sent("bambu2mqtt/response/two").size() == 1);
    }

    TEST_CASE("a response that the broker answered by ending the session is not sent again") {
        Live driver{running};
        const auto ask = [&] {
            driver.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/p1/command/get_state",
                                                     .response_topic = "bambu2mqtt/response/x"});
        };
        driver.hold_acknowledgements();
        for (int i = 0; i < 5; ++i) {
            ask(); // in flight, and still waiting
        }
        CHECK(driver.sent("bambu2mqtt/response/x").size() < 5);
        driver.broker_down();
        driver.acknowledge_always();
        driver.forget_log();
        driver.advance(5s);
        driver.broker_up();
        driver.advance(5s);
        CHECK(driver.sent("bambu2mqtt/response/x").empty());
        CHECK(driver.responses().empty());
        ask();
        CHECK(driver.sent("bambu2mqtt/response/x").size() == 1);
    }

    TEST_CASE("responses waiting for a slow broker are limited in bytes, and the newest are kept") {
        std::string lights;
        for (int i = 0; i < 400; ++i) {
            lights += std::string{i == 0 ? "" : ","} + R"({"node":"light_)" + std::to_string(i) +
                      R"(","mode":"off"})";
        }
        Live driver{running + R"(,"lights_report":[)" + lights + "]"};
        driver.hold_acknowledgements();
        for (int i = 0; i < 500; ++i) {
            driver.command(R"({"command":"get_state","request_id":)" + std::to_string(i) + "}");
        }
        driver.acknowledge_always();
        std::size_t bytes = 0;
        for (const auto& payload : driver.sent("bambu2mqtt/p1/response")) {
            bytes += payload.size();
        }
        CHECK(bytes > 2UL * 1024 * 1024);
        CHECK(bytes < 5UL * 1024 * 1024);
        CHECK(driver.responses().back()["request_id"] == "499");
    }

    TEST_CASE("responses waiting for a slow broker are counted with their topics and correlation data") {
        Live driver{running};
        driver.hold_acknowledgements();
        const std::string correlation(60'000, 'c');
        for (int i = 0; i < 300; ++i) {
            driver.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/p1/command/get_state",
                                                     .response_topic = "bambu2mqtt/response/x",
                                                     .correlation = correlation});
        }
        driver.acknowledge_always();
        std::size_t bytes = 0;
        for (const auto& message : driver.log()) {
            bytes += message.correlation.size();
        }
        CHECK(bytes > 2UL * 1024 * 1024);
        CHECK(bytes < 6UL * 1024 * 1024); // some were on their way before
    }

    TEST_CASE("correlation data of running commands is limited, and the outcome has a note about it") {
        Live driver{running, {.response_topics = {"x/#"}}};
        const auto ask = [&](int sender) {
            driver.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/p1/command/pause_printing",
                                                     .payload = R"({"request_id":"x"})",
                                                     .response_topic = "x/" + std::to_string(sender),
                                                     .correlation = std::string(60'000, 'c')});
        };
        for (int sender = 0; sender < 10; ++sender) {
            ask(sender);
        }
        driver.report(partial(R"("gcode_state":"PAUSE")"));
        int answered = 0;
        for (int sender = 0; sender < 10; ++sender) {
            answered += driver.sent("x/" + std::to_string(sender)).empty() ? 0 : 1;
        }
        CHECK(answered == 4);
        CHECK(driver.outcome()["note"].get<std::string>().find("correlation data") != std::string::npos);
        driver.report(partial(R"("gcode_state":"RUNNING")"));
        driver.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/p1/command/get_state",
                                                 .response_topic = "x/later",
                                                 .correlation = std::string(60'000, 'c')});
        CHECK(driver.sent("x/later").size() == 1);
    }
}
