// Filament runout as printers report it: codes by model and place, the slot, a backup spool.

#include "simulator/runout.hpp"
#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace bambu2mqtt::simulator;
using namespace std::chrono_literals;
using nlohmann::json;

/// Begins a job from that spool and advances until its layers are printed.
void print_from(TestPrinter& asked, const TrayPlace& place) {
    asked.printer.start_print({.trays = {place}}, 1000s);
    asked.live(500);
}

/// The codes in the HMS list, "07002000-00020001".
std::vector<std::string> hms_of(const TestPrinter& asked) {
    std::vector<std::string> codes;
    for (const auto& entry : asked.at("/hms"))
        codes.push_back(hexadecimal(entry.at("attr").get<std::uint64_t>()) + "-" +
                        hexadecimal(entry.at("code").get<std::uint64_t>()));
    return codes;
}

using Codes = std::vector<std::string>;

} // namespace

TEST_SUITE("runout") {
    TEST_CASE("a spool in an AMS: pause, print_error and HMS with unit and slot, and the slot is empty") {
        struct Sample {
            const char* model = "";
            TrayPlace place{};
            std::uint32_t error = 0;
            const char* hms = "";
            const char* tray = "";
            const char* exist = "";
        };

        for (const auto& sample : {Sample{"P1S", {0, 1}, 0x07008011, "7002100-20001", "1", "5"},
                                   Sample{"X1C", {1, 2}, 0x07018011, "7012200-20001", "6", "100b7"},
                                   Sample{"X1C", {128, 0}, 0x18008011, "18002000-20001", "128", "f7"},
                                   Sample{"A1MINI", {0, 2}, 0x12008011, "12002200-20001", "2", "3"}}) {
            CAPTURE(std::string{sample.model});
            TestPrinter asked{sample.model};
            print_from(asked, sample.place);
            const auto before = asked.at("/ams");
            asked.printer.run_out_of_filament();
            const auto report = asked.live(1);
            CHECK(report.at("gcode_state") == "PAUSE");
            CHECK(report.at("mc_print_stage") == "3");
            CHECK(report.at("print_error") == sample.error);
            CHECK_FALSE(report.contains("stg_cur")); // stage 6 was never seen on a printer
            CHECK(hms_of(asked) == Codes{sample.hms});
            CHECK(report.at("ams_status") == 261);
            CHECK(report.at("hw_switch_state") == 0);
            CHECK(report.at("ams").at("tray_now") == "255");
            CHECK(asked.at("/ams/tray_tar") == sample.tray);
            CHECK(asked.at("/ams/tray_pre") == sample.tray);
            CHECK(asked.at("/ams/tray_exist_bits") == sample.exist);

            asked.printer.resume();
            asked.live(1);
            CHECK(asked.at("/gcode_state") == "RUNNING");
            CHECK(asked.at("/print_error") == 0);
            CHECK(hms_of(asked).empty());
            CHECK(asked.at("/ams/tray_now") == sample.tray);
            CHECK(asked.at("/ams/tray_exist_bits") == before.at("tray_exist_bits"));
        }
    }

    TEST_CASE("an external spool has its own code, and no HMS entry") {
        struct Sample {
            const char* model = "";
            TrayPlace place{};
            std::uint32_t error = 0;
        };

        for (const auto& sample : {Sample{"A1MINI", {255, 0}, 50364437}, // recorded: 0300-8015
                                   Sample{"P1S", {255, 0}, 0x03008004}, Sample{"H2D", {255, 0}, 0x07FF8011},
                                   Sample{"H2D", {254, 0}, 0x07FE8011}}) {
            CAPTURE(std::string{sample.model});
            TestPrinter asked{sample.model};
            print_from(asked, sample.place);
            asked.printer.run_out_of_filament();
            const auto report = asked.live(1);
            CHECK(report.at("gcode_state") == "PAUSE");
            CHECK(report.at("print_error") == sample.error);
            CHECK(report.at("hw_switch_state") == 0);
            CHECK(hms_of(asked).empty());
        }
    }

    TEST_CASE("a backup spool takes over without a pause: only the HMS list and the tray show it") {
        TestPrinter asked{"P1S"};
        print_from(asked, {0, 0});
        REQUIRE(asked.printer.switch_to_backup());
        CHECK_FALSE(asked.printer.switch_to_backup()); // one at a time
        std::vector<std::string> trays;
        std::vector<int> steps;
        for (int i = 0; i < 11; ++i) {
            asked.live(1);
            CHECK(asked.at("/gcode_state") == "RUNNING");
            CHECK(asked.at("/print_error") == 0);
            CHECK(asked.at("/stg_cur") == 0);
            if (trays.empty() || trays.back() != asked.at("/ams/tray_now").get<std::string>())
                trays.push_back(asked.at("/ams/tray_now"));
            if (steps.empty() || steps.back() != asked.at("/ams_status"))
                steps.push_back(asked.at("/ams_status"));
            if (i == 0) {
                CHECK(hms_of(asked) == Codes{"7002000-30001"});
                CHECK(asked.at("/ams/tray_tar") == "1");
                CHECK(asked.at("/mc_print_sub_stage") == 4);
            }
        }
        CHECK(trays == std::vector<std::string>{"0", "255", "1"});
        CHECK(steps == std::vector{258, 259, 260, 258, 261, 262, 263, 768});
        CHECK(hms_of(asked) == Codes{"7002000-30002"});
        CHECK(asked.at("/ams/ams/0/tray/0") == json{{"id", "0"}});
        CHECK(asked.at("/ams/ams/0/tray/1/tray_color") == "0A2989FF"); // the same filament
        CHECK(asked.at("/ams/tray_exist_bits") == "6");
        CHECK(asked.at("/nozzle_target_temper") == 220);
        asked.live(70);
        CHECK(hms_of(asked).empty());

        // The last one pauses; at the next job all slots are filled again.
        asked.printer.run_out_of_filament();
        asked.live(1);
        CHECK(hms_of(asked) == Codes{"7002100-20001"});
        asked.printer.cancel();
        asked.live(1);
        CHECK(hms_of(asked).empty());
        asked.printer.start_print({}, 100s);
        asked.live(1);
        CHECK(asked.at("/ams/tray_exist_bits") == "7");
        CHECK(asked.at("/ams/ams/0/tray/0/tray_type") == "PLA");
    }

    TEST_CASE("no other spool, an external one, no job, or the setting off: nothing takes over") {
        TestPrinter idle{"P1S"};
        CHECK_FALSE(idle.printer.switch_to_backup());
        idle.printer.run_out_of_filament();
        idle.live(1);
        CHECK(idle.at("/print_error") == 0);
        CHECK(idle.at("/gcode_state") == "IDLE");

        TestPrinter external{"P1S"};
        print_from(external, {255, 0});
        CHECK_FALSE(external.printer.switch_to_backup());

        TestPrinter single{"X1C"};
        print_from(single, {128, 0});
        CHECK_FALSE(single.printer.switch_to_backup());

        TestPrinter off{"P1S"};
        off.printer.change_settings([](MachineSettings& settings) { settings.auto_switch_filament = false; });
        print_from(off, {0, 0});
        CHECK_FALSE(off.printer.switch_to_backup());
        off.live(1);
        CHECK(off.at("/hms").empty());
    }
}
