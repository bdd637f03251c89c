// Reports at a job's start: P1 and A1 keep the numbers of the previous job until the new one runs.

#include "simulator/replay.hpp"
#include "support/files.hpp"
#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace bambu2mqtt;
using namespace bambu2mqtt::simulator;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::array job_keys{"gcode_state",       "mc_percent",   "layer_num",  "total_layer_num",
                              "mc_remaining_time", "subtask_name", "print_type", "mc_print_stage"};

/// The job keys in a report, in order; empty when it has none.
std::vector<std::string> job_part_of(const json& report) {
    std::vector<std::string> part;
    for (const auto* const key : job_keys) {
        if (report.contains(key))
            part.push_back(std::string{key} +
                           (report.at(key).is_string() && std::string_view{key} == "gcode_state"
                                ? "=" + report.at(key).get<std::string>()
                                : ""));
    }
    return part;
}

using Parts = std::vector<std::vector<std::string>>;

/// Adds the job keys of partial reports.
void add_part(Parts& parts, const json& report) {
    auto part = job_part_of(report);
    if (report.at("msg") == 1 && !part.empty())
        parts.push_back(std::move(part));
}

/// Job keys in partial reports of a printer's second job, up to the first remaining time. The first job had
/// the same number of layers or a different one.
Parts second_job(std::string_view model, int first_layers) {
    TestPrinter asked{model};
    asked.printer.start_print({.name = "first", .layers = first_layers}, 50s);
    asked.live(60);
    REQUIRE(asked.at("/gcode_state") == "FINISH");
    asked.printer.start_print({.name = "second"}, 100s);
    Parts parts;
    for (auto now = 61s; now < 100s; now += 1s) {
        for (const auto& message : asked.printer.advance(now)) {
            add_part(parts, json::parse(message).at("print"));
            if (!parts.empty() && parts.back().back() == "mc_remaining_time")
                return parts;
        }
    }
    return parts;
}

} // namespace

TEST_SUITE("job start") {
    TEST_CASE("A1: the name, PREPARE, RUNNING with progress and layers, then the remaining time") {
        const Parts beginning{{"gcode_state=IDLE", "subtask_name", "print_type"}, {"gcode_state=PREPARE"}};
        auto expected = beginning;
        expected.push_back(
            {"gcode_state=RUNNING", "mc_percent", "layer_num", "total_layer_num", "mc_print_stage"});
        expected.push_back({"mc_remaining_time"});
        CHECK(second_job("A1MINI", 40) == expected);
        expected.at(2) = {"gcode_state=RUNNING", "mc_percent", "layer_num", "mc_print_stage"};
        CHECK(second_job("A1MINI", 120) == expected); // equal values are not repeated
    }

    TEST_CASE("A1: as recorded") {
        const char* const folder = std::getenv("BAMBU2MQTT_CAPTURES");
        if (folder == nullptr || *folder == '\0') {
            MESSAGE("skipped: BAMBU2MQTT_CAPTURES is not set");
            return;
        }
        Parts recorded;
        for (const auto& message : split_messages(test_support::read_file(
                 std::filesystem::path{folder} / "prints" / "a1-01.07-single-local.jsonl"))) {
            const auto print = json::parse(message).value("print", json::object());
            if (print.value("command", "") == "push_status" && recorded.size() < 4)
                add_part(recorded, print);
        }
        CHECK(second_job("A1MINI", 120) == recorded);
    }

    TEST_CASE("P1: a full report with the numbers of the previous job, and old numbers until RUNNING") {
        TestPrinter asked{"P1S"};
        asked.printer.start_print({.name = "first", .layers = 40}, 50s);
        asked.live(60);
        asked.printer.start_print({.name = "second", .layers = 90}, 200s);
        const auto messages = asked.printer.advance(61s);
        REQUIRE(messages.size() == 2);
        const auto full = json::parse(messages.at(0)).at("print");
        CHECK(full.at("msg") == 0);
        CHECK(full.at("gcode_state") == "IDLE");
        CHECK(full.at("subtask_name") == "second");
        CHECK(full.at("layer_num") == 40);
        CHECK(full.at("total_layer_num") == 40);
        CHECK(full.at("mc_percent") == 100);
        CHECK(json::parse(messages.at(1)).at("print").at("gcode_state") == "PREPARE");
        static_cast<void>(asked.printer.advance(68s));
        CHECK(asked.at("/gcode_state") == "PREPARE");
        CHECK(asked.at("/mc_percent") == 100);
        CHECK(asked.at("/layer_num") == 40);
        static_cast<void>(asked.printer.advance(72s));
        CHECK(asked.at("/gcode_state") == "RUNNING");
        CHECK(asked.at("/mc_percent") == 0);
        CHECK(asked.at("/layer_num") == 0);
        CHECK(asked.at("/total_layer_num") == 90);
        CHECK(asked.at("/mc_remaining_time") == 0);
        static_cast<void>(asked.printer.advance(74s));
        CHECK(asked.at("/mc_remaining_time").get<int>() > 60);
    }

    TEST_CASE("others, and those configured so, reset immediately") {
        TestPrinter newer{"X1C"};
        newer.printer.start_print({.layers = 40}, 50s);
        newer.live(60);
        newer.printer.start_print({}, 100s);
        CHECK(newer.live(1).at("mc_percent") == 0);
        newer.printer.set_keeps_old_values(true);
        newer.printer.finish();
        newer.printer.start_print({}, 100s);
        newer.live(1);
        CHECK(newer.at("/gcode_state") == "PREPARE");
        CHECK(newer.at("/mc_percent") == 100);
    }

    TEST_CASE("a job that fails before it runs leaves the old numbers") {
        TestPrinter asked{"P1S"};
        asked.printer.start_print({.layers = 40}, 50s);
        asked.live(60);
        asked.printer.start_print({}, 100s);
        asked.live(1);
        asked.printer.fail(0x0500C010);
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "FAILED");
        CHECK(asked.at("/mc_percent") == 100);
        CHECK(asked.at("/layer_num") == 40);
    }
}
