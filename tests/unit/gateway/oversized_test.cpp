// Messages that are larger than the user's broker accepts.
#include "gateway/oversize_log.hpp"
#include "unit/gateway/live_driver.hpp"

#include <algorithm>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

constexpr OversizedPacket oversized{.bytes = 9000, .limit = 1};

std::size_t warnings(const BridgeDriver& driver) {
    return driver.count_notes(Level::warning, "broker");
}

} // namespace

TEST_SUITE("gateway/oversized") {
    TEST_CASE("a topic has one warning, until the limit or the class of the size is another one") {
        OversizeLog log;
        const auto logged = [&](const std::string& topic, std::size_t bytes, std::size_t limit) {
            return log.note(topic, {bytes, limit}, "").has_value();
        };
        CHECK(logged("a", 5000, 4000));
        CHECK_FALSE(logged("a", 5001, 4000));
        CHECK_FALSE(logged("a", 8191, 4000));
        CHECK(logged("a", 8192, 4000));
        CHECK_FALSE(logged("a", 5000, 4000)); // clients may choose sizes in turn
        CHECK_FALSE(logged("a", 8192, 4000));
        CHECK(logged("b", 5000, 4000));
        CHECK_FALSE(logged("b", 5000, 4000));
        CHECK(logged("a", 8192, 4001));
        CHECK(logged("b", 5000, 4001));
        const auto line = log.note("c", {5000, 4001}, ", or more");
        REQUIRE(line.has_value());
        CHECK(line->level == Level::warning);
        CHECK(line->text ==
              "a message on 'c' is not sent: its packet of 5000 bytes is larger than the 4001 bytes "
              "that the broker accepts; raise that limit (Mosquitto: max_packet_size), or more");
    }

    TEST_CASE("topics without end, as clients may choose them, have a limited number of warnings") {
        OversizeLog log;
        std::size_t lines = 0;
        for (std::size_t i = 0; i < 10 * OversizeLog::most_topics; ++i) {
            lines += log.note("bambu2mqtt/response/" + std::to_string(i), oversized, "") ? 1 : 0;
        }
        CHECK(lines == OversizeLog::most_topics + 1);
    }

    TEST_CASE("a state that is too large counts as sent: it is not repeated, and everything else is sent") {
        Live driver{idle};
        const auto before = warnings(driver);
        driver.refuse("bambu2mqtt/p1/nozzle_temperature", {.for_ever = true, .oversized = oversized});
        driver.report(partial(R"("nozzle_temper":99.0,"bed_temper":55.0)"));
        driver.advance(60s);
        CHECK(driver.refusals() == 1);
        CHECK(warnings(driver) == before + 1);
        CHECK(driver.state("bed_temperature") == "55");
        driver.report(partial(R"("nozzle_temper":120.0,"bed_temper":65.0)"));
        driver.advance(5s);
        CHECK(driver.refusals() == 2);
        CHECK(warnings(driver) == before + 1);
        CHECK(driver.state("bed_temperature") == "65");
        // A new session sends everything again, to which the same applies.
        driver.broker_down();
        driver.advance(5s);
        driver.broker_up();
        driver.advance(5s);
        CHECK(driver.refusals() == 3);
        CHECK(std::ranges::count_if(driver.notes(), [](const LogLine& note) {
                  return note.text.find("nozzle_temperature") != std::string::npos;
              }) == 1);
    }

    TEST_CASE("former attributes do not stay on the broker when the present ones are too large") {
        Live driver{running};
        const std::string topic = "bambu2mqtt/p1/hms/attributes";
        driver.refuse(topic, {.for_ever = true, .oversized = OversizedPacket{.bytes = 9000, .limit = 300}});
        const auto report_codes = [&](int count) {
            std::string codes;
            for (int i = 0; i < count; ++i) {
                codes += (i == 0 ? "" : ",") + std::string{R"({"attr":50331904,"code":)"} +
                         std::to_string(65537 + i) + "}";
            }
            driver.report(partial(R"("hms":[)" + codes + "]"));
            driver.advance(5s);
        };
        report_codes(0);
        const auto none = driver.retained(topic);
        CHECK(none.find("codes") != std::string::npos);
        report_codes(9);
        CHECK(driver.retained(topic) == "{}");
        report_codes(0);
        CHECK(driver.retained(topic) == none);
    }

    TEST_CASE("the warning about a device's discovery message names the form with smaller messages") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        std::string found;
        for (const auto& [name, payload] : driver.standing()) {
            found = name.starts_with("homeassistant/device/") ? name : found;
        }
        REQUIRE(!found.empty());
        driver.broker_down();
        driver.refuse(found, {.for_ever = true, .oversized = oversized});
        driver.advance(5s);
        driver.broker_up();
        driver.advance(20s);
        CHECK(driver.refusals() > 0);
        CHECK(std::ranges::count_if(driver.notes(), [](const LogLine& note) {
                  return note.text.find("home_assistant.discovery = \"component\"") != std::string::npos;
              }) == 1);
    }

    TEST_CASE("a response that is too large is sent without its data, with a note") {
        std::string lights;
        for (int i = 0; i < 200; ++i) {
            lights += std::string{i == 0 ? "" : ","} + R"({"node":"light_)" + std::to_string(i) +
                      R"(","mode":"off"})";
        }
        Live driver{running + R"(,"lights_report":[)" + lights + "]"};
        const std::string own = "bambu2mqtt/response/x";
        driver.refuse(own, {.for_ever = true, .oversized = oversized});
        driver.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/p1/command/get_state",
                                                 .payload = R"({"request_id":"7"})",
                                                 .response_topic = own,
                                                 .correlation = "c"});
        // The link rejects the short one, too: it is dropped, and nothing is repeated for ever.
        driver.advance(10s);
        CHECK(driver.refusals() == 2);
        CHECK(driver.responses().size() == 1);
        CHECK(driver.responses().front()["data"].is_object());

        driver.refuse(own, {.for_ever = true, .oversized = OversizedPacket{.bytes = 9000, .limit = 4096}});
        driver.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/p1/command/get_state",
                                                 .payload = R"({"request_id":"8"})",
                                                 .response_topic = own,
                                                 .correlation = "c"});
        driver.advance(10s);
        const auto answers = driver.sent(own);
        REQUIRE(answers.size() == 1);
        const auto answer = Json::parse(answers.front());
        CHECK(answer["request_id"] == "8");
        CHECK(answer["status"] == "done");
        CHECK(answer["data"].is_null());
        CHECK(answer["note"] == "the data is left out: the broker does not accept a message of that size");
        const auto sent = std::ranges::find(driver.log(), own, &Message::topic);
        REQUIRE(sent != driver.log().end());
        CHECK(sent->correlation == "c");
    }
}
