// Start, end, running time and hours of use, by the gateway's clock.
#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/state/job_clock.hpp>

namespace bambu2mqtt::test {

namespace {

/// This many seconds after a Monday in 2026, on both clocks.
Now at(std::int64_t seconds) {
    return Now{.instant = Instant{std::chrono::seconds{1000 + seconds}},
               .wall = WallTime{std::chrono::seconds{1767600000 + seconds}}};
}

std::string time_at(std::int64_t seconds) {
    return rfc3339(at(seconds).wall);
}

} // namespace

TEST_CASE("an observed start is known to the minute, an unobserved one is unknown") {
    FedPrinter printer;
    printer.full(R"("gcode_state":"IDLE","subtask_name":"A")", at(0));
    CHECK(printer["start_time"] == "None");
    printer.partial("\"gcode_state\":\"PREPARE\"", at(95));
    CHECK(printer["start_time"] == time_at(60));
    printer.partial("\"gcode_state\":\"RUNNING\"", at(300));
    CHECK(printer["start_time"] == time_at(60));
    CHECK(printer["elapsed_time"] == "4");
    printer.partial("\"gcode_state\":\"FINISH\"", at(400));
    printer.check({{"start_time", time_at(60)}, {"elapsed_time", "None"}});
    FedPrinter late;
    late.full("\"gcode_state\":\"RUNNING\",\"mc_remaining_time\":30", at(0));
    late.check({{"start_time", "None"}, {"elapsed_time", "None"}, {"end_time", time_at(1800)}});
}

TEST_CASE("a second job has its own start; a pause is not a new start") {
    FedPrinter printer;
    printer.full("\"gcode_state\":\"FINISH\"", at(0));
    printer.partial("\"gcode_state\":\"RUNNING\"", at(60));
    printer.partial("\"gcode_state\":\"PAUSE\"", at(120));
    printer.partial("\"gcode_state\":\"RUNNING\"", at(240));
    CHECK(printer["start_time"] == time_at(60));
    printer.partial("\"gcode_state\":\"FAILED\"", at(300));
    printer.partial("\"gcode_state\":\"PREPARE\"", at(600));
    CHECK(printer["start_time"] == time_at(600));
}

TEST_CASE("the end moves only when the printer's minutes change") {
    FedPrinter printer;
    printer.full("\"gcode_state\":\"RUNNING\",\"mc_remaining_time\":10", at(5));
    CHECK(printer["end_time"] == time_at(600));
    printer.tick(at(59));
    CHECK(printer["end_time"] == time_at(600));
    printer.tick(at(200));
    printer.partial("\"mc_percent\":7", at(300));
    CHECK(printer["end_time"] == time_at(600));
    printer.partial("\"mc_remaining_time\":9", at(310));
    CHECK(printer["end_time"] == time_at(300 + 540));
    printer.partial("\"gcode_state\":\"PAUSE\"", at(370));
    CHECK(printer["end_time"] == time_at(840));
    printer.partial("\"gcode_state\":\"IDLE\"", at(380));
    printer.check({{"end_time", time_at(840)}, {"remaining_time", "None"}});
    printer.tick(at(2000));
    CHECK(printer["end_time"] == time_at(840));
    printer.partial("\"gcode_state\":\"PREPARE\"", at(3000));
    CHECK(printer["end_time"] == "None");
}

TEST_CASE("impossible remaining minutes do not change the end") {
    FedPrinter printer;
    printer.full("\"gcode_state\":\"RUNNING\",\"mc_remaining_time\":10", at(0));
    for (const char* const minutes : {"-1", "9223372036854775807", "1e308", "\"soon\"", "600000"}) {
        printer.partial("\"mc_remaining_time\":" + std::string{minutes}, at(60));
        INFO(minutes);
        CHECK(printer["end_time"] == time_at(600));
    }
}

TEST_CASE("running time advances with the clock alone") {
    FedPrinter printer;
    printer.full("\"gcode_state\":\"IDLE\"", at(0));
    printer.partial("\"gcode_state\":\"RUNNING\"", at(60));
    for (std::int64_t minute = 1; minute < 120; minute += 7) {
        printer.tick(at(60 + minute * 60 + 30));
        CHECK(printer["elapsed_time"] == std::to_string(minute));
    }
}

TEST_CASE("hours of use count running time over days, not gaps in the reports") {
    FedPrinter printer;
    printer.printer().clock().set_usage(100.5);
    printer.full("\"gcode_state\":\"IDLE\"", at(0));
    CHECK(printer["total_usage"] == "100.5");
    printer.tick(at(3600));
    CHECK(printer["total_usage"] == "100.5");
    printer.partial("\"gcode_state\":\"RUNNING\"", at(3600));
    for (std::int64_t second = 0; second <= 30 * 3600; second += 300) {
        printer.tick(at(3600 + second));
    }
    CHECK(printer["total_usage"] == "130.5");
    printer.tick(at(3600 + 30 * 3600 + 601));
    CHECK(printer["total_usage"] == "130.5");
    printer.tick(at(3600 + 30 * 3600 + 601 + 600));
    CHECK(printer["total_usage"] == "130.66");
    printer.partial("\"gcode_state\":\"FINISH\"", at(3600 + 30 * 3600 + 601 + 1200));
    printer.tick(at(400000));
    CHECK(printer["total_usage"] == "130.66");
}

TEST_CASE("a jumping wall clock counts nothing") {
    JobClock clock;
    ReportState document;
    Changes changes;
    GatewayState gateway;
    GatewayFields changed;
    document.set_top_level("gcode_state", "RUNNING", changes);
    clock.update(document, at(0), gateway, changed);
    clock.update(document, Now{.instant = at(60).instant, .wall = at(86400).wall}, gateway, changed);
    CHECK(clock.usage_hours() == doctest::Approx(60.0 / 3600));
    clock.update(document, Now{.instant = at(30).instant, .wall = at(86400).wall}, gateway, changed);
    CHECK(clock.usage_hours() == doctest::Approx(60.0 / 3600));
}

TEST_CASE("a remembered start applies to the same task only") {
    FedPrinter before;
    before.full(R"("gcode_state":"IDLE","subtask_name":"A")", at(0));
    before.partial("\"gcode_state\":\"RUNNING\"", at(60));
    const Json saved = Json::parse(before.printer().clock().save().dump());
    for (const auto& [task, start] : {std::pair{"A", time_at(60)}, {"B", std::string{"None"}}}) {
        FedPrinter after;
        after.printer().clock().restore(saved);
        after.full("\"gcode_state\":\"RUNNING\",\"subtask_name\":\"" + std::string{task} + "\"", at(600));
        const std::string what{task};
        INFO(what);
        CHECK(after["start_time"] == start);
    }
    FedPrinter idle;
    idle.printer().clock().restore(saved);
    idle.full(R"("gcode_state":"FINISH","subtask_name":"A")", at(600));
    CHECK(idle["start_time"] == time_at(60));
    FedPrinter other;
    other.printer().clock().restore(saved);
    other.full(R"("gcode_state":"FINISH","subtask_name":"B")", at(600));
    CHECK(other["start_time"] == "None");
    idle.partial("\"gcode_state\":\"RUNNING\"", at(660));
    CHECK(idle["start_time"] == time_at(660));
}

TEST_CASE("a remembered start waits for the first state") {
    FedPrinter before;
    before.full(R"("gcode_state":"IDLE","subtask_name":"A")", at(0));
    before.partial("\"gcode_state\":\"RUNNING\"", at(60));
    FedPrinter after;
    after.printer().clock().restore(before.printer().clock().save());
    after.partial("\"wifi_signal\":\"-40dBm\"", at(590));
    after.full(R"("gcode_state":"PAUSE","subtask_name":"A")", at(600));
    CHECK(after["start_time"] == time_at(60));
}

TEST_CASE("hours are kept over restarts, and a damaged file loses none") {
    JobClock clock;
    clock.set_usage(50);
    const auto saved = clock.save();
    JobClock again;
    again.restore(saved);
    CHECK(again.usage_hours() == 50);
    JobClock more;
    more.set_usage(80);
    more.restore(saved);
    CHECK(more.usage_hours() == 80);
    for (const char* const text : {"null", "5", "[]", "{}", R"({"usage_hours":-1})", R"({"usage_hours":"x"})",
                                   R"({"usage_hours":1e300})", R"({"start":5,"task":[],"usage_hours":null})",
                                   R"({"start":"yesterday"})"}) {
        INFO(text);
        again.restore(Json::parse(text));
        CHECK(again.usage_hours() == 50);
    }
}

TEST_CASE("without a clock time-dependent values are unknown") {
    FedPrinter printer;
    printer.full("\"gcode_state\":\"IDLE\"");
    printer.partial("\"gcode_state\":\"RUNNING\",\"mc_remaining_time\":10");
    printer.check({{"start_time", "None"},
                   {"end_time", "None"},
                   {"elapsed_time", "None"},
                   {"total_usage", "None"},
                   {"remaining_time", "10"}});
}

TEST_CASE("a clock before the first full report changes nothing") {
    FedPrinter printer;
    CHECK(printer.tick(at(0)).changed.empty());
}

} // namespace bambu2mqtt::test
