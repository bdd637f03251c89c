// Several values for one control in quick succession, through the whole session.
#include "unit/gateway/live_driver.hpp"

#include <algorithm>
#include <cstddef>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

const std::string bed = "bed_target_temperature";
const std::string bed_topic = "bambu2mqtt/p1/bed_target_temperature";
const std::string cold = idle + R"(,"bed_target_temper":0)";

/// "unconfirmed superseded" for each outcome since the log was cleared.
std::vector<std::string> endings(const Live& driver) {
    std::vector<std::string> result;
    for (const auto& outcome : driver.responses()) {
        const auto code =
            outcome["code"].is_string() ? " " + outcome["code"].get<std::string>() : std::string{};
        result.push_back(outcome["status"].get<std::string>() + code);
    }
    return result;
}

/// The G-code of every request since the last call.
std::vector<std::string> lines(Live& driver) {
    std::vector<std::string> result;
    for (const auto& request : driver.requests()) {
        result.push_back(request["print"].value("param", ""));
    }
    return result;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_SUITE("gateway/superseded") {
    TEST_CASE("a refused value is never shown, also while an earlier command is running") {
        for (const std::string refused : {"400", "hot", "-1"}) {
            INFO(refused);
            Live driver{cold};
            driver.set(bed, "60");
            driver.answer("print", "gcode_line", driver.sequence());
            driver.advance(1s);
            driver.set(bed, refused);
            CHECK(endings(driver) == Texts{"refused invalid_argument"});
            CHECK(driver.state(bed) == "60");
            driver.advance(1s);
            // Published again for clients that showed the other value, and nothing else.
            CHECK(driver.sent(bed_topic) == Texts{"60", "60"});
            driver.report(partial(R"("bed_target_temper":60)"));
            driver.advance(4s);
            CHECK(driver.state(bed) == "60");
            CHECK(endings(driver) == Texts{"refused invalid_argument", "effective"});
            CHECK(driver.state("last_command") == "effective");
        }
    }

    TEST_CASE("of five values within 30 ms one is effective and four are superseded; the printer gets two") {
        Live driver{cold};
        for (int value = 50; value <= 90; value += 10) {
            driver.set(bed, std::to_string(value));
            driver.advance(7ms);
        }
        CHECK(lines(driver) == Texts{"M140 S50\n"});
        CHECK(endings(driver) == Texts{"unconfirmed superseded", "refused superseded", "refused superseded",
                                       "refused superseded"});
        CHECK(driver.responses()[0]["message"] == "superseded by a newer value for bed_target_temperature");
        driver.advance(100ms);
        const auto sent = driver.requests();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0]["print"]["param"] == "M140 S90\n");
        driver.answer("print", "gcode_line", sent[0]["print"]["sequence_id"]);
        driver.report(partial(R"("bed_target_temper":90)"));
        driver.advance(20s);
        CHECK(endings(driver).back() == "effective");
        CHECK(driver.responses().size() == 5);
        CHECK(driver.sent("bambu2mqtt/p1/last_command") == Texts{"effective"});
        CHECK(driver.state(bed) == "90");
        for (const auto& payload : driver.sent(bed_topic)) {
            CHECK(payload == "90");
        }
        CHECK(driver.requests().empty());
    }

    TEST_CASE("unanswered superseded values count among the waiting commands") {
        Live driver{cold};
        for (int i = 0; i < 40; ++i) { // 80 values in four of the five seconds that each is allowed
            driver.set(bed, std::to_string(30 + i % 2));
            driver.set("nozzle_target_temperature", std::to_string(30 + i % 2));
            driver.advance(100ms); // each is sent
        }
        CHECK(lines(driver).size() == CommandRunner::most_waiting);
        const auto all = endings(driver);
        CHECK(std::ranges::count(all, "unconfirmed superseded") ==
              static_cast<std::ptrdiff_t>(CommandRunner::most_waiting) - 2);
        CHECK(std::ranges::count(all, "refused busy") == 16);
        driver.advance(4s); // the five seconds of the first ones have passed
        driver.set(bed, "50");
        CHECK(lines(driver) == Texts{"M140 S50\n"});
    }

    TEST_CASE("an answer to a superseded value is not matched to the newer one") {
        for (const bool with_id : {true, false}) {
            INFO("with sequence id: ", with_id);
            Live driver{cold};
            driver.set(bed, "60");
            const auto first = driver.sequence();
            driver.advance(200ms);
            driver.set(bed, "70");
            const auto second = driver.sequence();
            CHECK(endings(driver) == Texts{"unconfirmed superseded"});
            driver.answer("print", "gcode_line", with_id ? first : "0", R"("result":"fail")");
            CHECK(driver.responses().size() == 1);
            driver.advance(1s);
            driver.answer("print", "gcode_line", with_id ? second : "0", R"("result":"fail")");
            CHECK(endings(driver) == Texts{"unconfirmed superseded", "refused printer_refused"});
            driver.advance(1s);
            driver.advance(20s);
            CHECK(driver.responses().size() == 2);
            for (const auto& payload : driver.sent(bed_topic)) {
                CHECK(payload == "0"); // neither value was acknowledged
            }
        }
    }

    TEST_CASE("the remaining requests of a superseded command are not sent") {
        Live driver{idle, {.serials = {"09400A000000001"}}};
        driver.set("chamber_target_temperature", "45");
        CHECK(driver.asked() == Texts{"set_ctt"}); // set_airduct follows after 100 ms
        driver.advance(50ms);
        driver.set("chamber_target_temperature", "50");
        driver.advance(49ms);
        CHECK(driver.asked().empty());
        driver.advance(1ms);
        CHECK(driver.asked() == Texts{"set_ctt"});
        driver.advance(100ms);
        CHECK(driver.asked() == Texts{"set_airduct"});
        driver.advance(1s);
        CHECK(driver.asked().empty());
    }

    TEST_CASE("a waiting value is refused when the printer disconnects or a job begins meanwhile") {
        Live driver{cold};
        driver.set(bed, "60");
        driver.advance(10ms);
        driver.set(bed, "70");
        driver.printer_down();
        driver.advance(100ms);
        CHECK(endings(driver) == Texts{"unconfirmed superseded", "refused offline"});
        CHECK(lines(driver) == Texts{"M140 S60\n"});
        CHECK(driver.state("last_command") == "refused");
    }

    TEST_CASE("other controls, commands and button presses are not superseded") {
        Live driver{cold};
        driver.set(bed, "60");
        driver.set("nozzle_target_temperature", "200");
        driver.command(R"({"command":"set_bed_temp_target","value":70})");
        driver.set("home_axes", "PRESS");
        driver.set("home_axes", "PRESS");
        CHECK(driver.requests().size() == 5);
        CHECK(driver.responses().empty());
        driver.advance(20s);
        CHECK(endings(driver) == Texts(5, "unconfirmed"));
    }

    TEST_CASE("at shutdown a waiting value ends") {
        Live driver{cold};
        driver.set(bed, "60");
        driver.set(bed, "70");
        driver.shutdown();
        driver.turn();
        CHECK(endings(driver) == Texts{"unconfirmed superseded", "unconfirmed"});
        driver.advance(1s);
        CHECK(lines(driver) == Texts{"M140 S60\n"});
    }
}
