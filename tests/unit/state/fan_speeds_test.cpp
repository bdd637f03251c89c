// How fast fans ran before they were switched off.
#include "unit/gateway/live_driver.hpp"
#include "unit/state/captures.hpp"
#include <bambu2mqtt/state/fan_speeds.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <initializer_list>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

const std::string a1 = "03900A000000001";

/// The speed in percent that ON gives after the part fan has reported these fifteenths, `every` apart.
double speed_after(const std::string& serial, std::initializer_list<int> reported,
                   std::chrono::seconds every = 1s) {
    Live driver{idle + R"(,"cooling_fan_speed":"0")", {.serials = {serial}}};
    for (const int speed : reported) {
        driver.report(partial(R"("cooling_fan_speed":")" + std::to_string(speed) + '"'));
        driver.advance(every);
    }
    const auto& speeds = driver.bridge().session(0).printer().gateway().last_speed;
    const auto found = speeds.find("part_fan");
    return found == speeds.end() ? 0 : found->second;
}

} // namespace

TEST_SUITE("fan speeds") {
    TEST_CASE("the last speed of a fan that is reported while it runs down is the one it ran at") {
        CHECK(speed_after(a1, {12, 11, 12, 14, 11, 6, 1, 0}) == 100);
        CHECK(speed_after(a1, {15, 14, 8, 1, 0}) == 100);
        CHECK(speed_after(a1, {15, 4, 1, 0}, 2s) == 100);
        CHECK(speed_after(a1, {6, 0}) == 40);
        // It ran at 11 for a while.
        CHECK(speed_after(a1, {15, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 4, 0}) == 80);
        CHECK(speed_after(a1, {15, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 3, 0}) == 40);
    }

    TEST_CASE("other printers report the speed that was set: the last one counts") {
        CHECK(speed_after(p1s, {15, 9, 6, 0}) == 40);
        CHECK(speed_after(x1c, {15, 1, 0}) == 10);
    }

    TEST_CASE("recorded prints of an A1: every stop of the fan leaves the speed it ran at") {
        const auto folder = captures();
        if (!folder) {
            return;
        }

        struct Recording {
            const char* file = "";
            std::vector<double> speeds{}; ///< at each stop, read from the file by hand
        };

        // The last report before the stop was 10 to 40 %, except once.
        for (const auto& recording :
             std::vector<Recording>{{"a1-01.07-multicolour-cloud.jsonl", {100, 80, 80, 80, 80, 80, 80}},
                                    {"a1-01.07-single-cloud.jsonl", {60, 100, 80}},
                                    {"a1-01.07-single-local.jsonl", {30, 100, 80}},
                                    {"a1-01.07-tree-cloud-speed-change.jsonl", {60, 100, 100}}}) {
            INFO(std::string{recording.file});
            FedPrinter printer(Given{.model = Model::a1});
            std::vector<double> speeds;
            Now now{Instant{} + 1000h, WallTime{1'769'850'000s}};
            std::string before = "None";
            const auto text = text_of(*folder / "prints" / recording.file);
            for (const auto& message : split_messages(text)) {
                printer.feed(message.text, now);
                now.instant += 1s;
                const auto shown = printer["part_fan"];
                if (shown == "0" && before.find_first_of("123456789") != std::string::npos) {
                    speeds.push_back(printer.printer().gateway().last_speed.at("part_fan"));
                }
                before = shown;
            }
            CHECK(speeds == recording.speeds);
        }
    }

    TEST_CASE("last speeds are kept over a restart; other content of the file is ignored") {
        Live first{idle + R"(,"cooling_fan_speed":"6")", {.serials = {x1c}}};
        first.report(partial(R"("cooling_fan_speed":"0")"));
        first.advance(11min);
        const auto saved = first.saved();
        CHECK(saved["fans"] == Json{{"part_fan", 40}});
        Live second{idle + R"(,"cooling_fan_speed":"0")", {.serials = {x1c}, .saved = {saved}}};
        second.set("part_fan", "ON");
        const auto requests = second.requests();
        REQUIRE(requests.size() == 1);
        CHECK(requests[0]["print"]["param"] == "M106 P1 S102\n");

        CHECK(speeds_of(Json::parse(R"({"part_fan":"x","aux_fan":0,"chamber_fan":101,"bed":5})")).empty());
        CHECK(speeds_of(Json::parse(R"([1])")).empty());
        CHECK(speeds_of(Json()).empty());
        CHECK(speeds_of(Json::parse(R"({"aux_fan":55})")) ==
              std::map<std::string_view, double>{{"aux_fan", 55}});
    }
}
