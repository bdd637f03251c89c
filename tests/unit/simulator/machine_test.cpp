// The machine of a simulated printer: temperatures, fans, filament, jobs, errors, as in its reports.

#include "simulator/simulated_printer.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

namespace {

using namespace bambu2mqtt::simulator;
using namespace std::chrono_literals;
using nlohmann::json;
using namespace nlohmann::literals;

SimulatedPrinter printer_of(std::string_view model, CancelCode cancel_code = CancelCode::with_the_state) {
    const auto* const profile = find_model(model);
    REQUIRE(profile != nullptr);
    return SimulatedPrinter{{.model = profile,
                             .serial = serial_of(*profile, 1),
                             .durations = {.filament_change = 10s, .nozzle_change = 2s},
                             .cancel_code = cancel_code}};
}

json last_print(std::vector<std::string> messages) {
    return json::parse(messages.back()).at("print");
}

/// Advances from `begin` to `end` in seconds, in steps of one.
void live(SimulatedPrinter& printer, std::chrono::seconds begin, std::chrono::seconds end) {
    for (auto now = begin; now <= end; now += 1s)
        static_cast<void>(printer.advance(now));
}

/// Target in the high half of a packed temperature.
int bed_target_in(const json& packed) {
    return packed.get<int>() >> 16;
}

unsigned bits_of(const json& word, unsigned begin, unsigned count) {
    const auto value = word.is_string() ? std::stoull(word.get<std::string>(), nullptr, 16)
                                        : static_cast<std::uint32_t>(word.get<std::int32_t>());
    return static_cast<unsigned>(value >> begin & ((1U << count) - 1U));
}

} // namespace

TEST_SUITE("machine") {
    TEST_CASE("targets set by hand are reported, limited to the model's maximum, and hold without a job") {
        auto printer = printer_of("P1S");
        printer.heat_nozzle(0, 210);
        printer.heat_bed(500);
        printer.heat_chamber(50);
        const auto report = last_print(printer.advance(1s));
        CHECK(report.at("nozzle_target_temper") == 210);
        CHECK(report.at("bed_target_temper") == 100);
        live(printer, 2s, 200s);
        CHECK(printer.state().at("nozzle_temper").get<double>() > 200);
        CHECK(printer.state().at("nozzle_target_temper") == 210);
        CHECK(printer.state().at("chamber_temper") == 5);
        printer.heat_nozzle(0, -3);
        printer.heat_nozzle(1, 200);
        CHECK(last_print(printer.advance(201s)).at("nozzle_target_temper") == 0);
    }

    TEST_CASE("two nozzles, a chamber heater and the bed in the newer words") {
        auto printer = printer_of("H2D");
        printer.heat_nozzle(1, 400);
        printer.heat_bed(70);
        printer.heat_chamber(50);
        static_cast<void>(printer.advance(1s));
        const auto& device = printer.state().at("device");
        CHECK(bed_target_in(device.at("extruder").at("info").at(1).at("temp")) == 350);
        CHECK(bed_target_in(device.at("extruder").at("info").at(0).at("temp")) == 0);
        CHECK(bed_target_in(device.at("bed_temp")) == 70);
        CHECK(bed_target_in(device.at("ctc").at("info").at("temp")) == 50);
        CHECK(device.at("ctc").at("state") == 2);
        CHECK(printer.state().at("ctt") == 50);
        live(printer, 2s, 600s);
        CHECK(device.at("cham_temp").get<int>() >= 45);
    }

    TEST_CASE("a target set by hand holds in a job until the job sets another, and ends with it") {
        auto printer = printer_of("P1S");
        printer.start_print({}, 100s);
        static_cast<void>(printer.advance(50s));
        CHECK(printer.state().at("bed_target_temper") == 60);
        printer.heat_bed(72);
        printer.heat_nozzle(0, 230);
        printer.set_fan(Fan::part, 40);
        static_cast<void>(printer.advance(52s));
        CHECK(printer.state().at("bed_target_temper") == 72);
        CHECK(printer.state().at("nozzle_target_temper") == 230);
        CHECK(printer.state().at("cooling_fan_speed") == "6");
        printer.cancel();
        static_cast<void>(printer.advance(53s));
        CHECK(printer.state().at("bed_target_temper") == 0);
        CHECK(printer.state().at("cooling_fan_speed") == "0");
    }

    TEST_CASE("fans that are not installed, or stopped by the air duct, do not turn") {
        auto small = printer_of("A1MINI");
        small.set_fan(Fan::part, 100);
        small.set_fan(Fan::aux, 100);
        small.set_fan(Fan::chamber, 100);
        static_cast<void>(small.advance(1s));
        CHECK((small.state().at("fan_gear").get<int>() >> 8) == 0);

        auto printer = printer_of("P2S");
        printer.set_fan(Fan::aux, 50);
        printer.set_fan(Fan::left_aux, 70);
        static_cast<void>(printer.advance(1s));
        const auto& airduct = printer.state().at("device").at("airduct");
        CHECK(airduct.at("parts").at(1).at("state") == 50);
        CHECK(airduct.at("parts").at(3) == json{{"func", 6}, {"id", 160}, {"range", 6553600}, {"state", 70}});
        printer.set_airduct(1);
        printer.set_fan(Fan::aux, 80);
        static_cast<void>(printer.advance(2s));
        CHECK(airduct.at("modeCur") == 1);
        CHECK(airduct.at("parts").at(1).at("state") == 0);
        printer.set_airduct(0);
        printer.set_fan(Fan::aux, 80);
        static_cast<void>(printer.advance(3s));
        CHECK(airduct.at("parts").at(1).at("state") == 80);
    }

    TEST_CASE(
        "fan speeds are fifteenths, rounded down; an A1 measures them and shows its one fan three times") {
        auto printer = printer_of("P1S");

        struct Step {
            int percent = 0;
            std::string_view shown{};
        };

        for (const auto& step :
             {Step{0, "0"}, Step{10, "1"}, Step{20, "3"}, Step{30, "4"}, Step{40, "6"}, Step{50, "7"},
              Step{60, "9"}, Step{70, "10"}, Step{80, "12"}, Step{90, "13"}, Step{100, "15"}}) {
            CAPTURE(step.percent);
            printer.set_fan(Fan::part, step.percent);
            static_cast<void>(printer.advance(1s));
            CHECK(printer.state().at("cooling_fan_speed") == step.shown);
        }

        auto small = printer_of("A1MINI");
        small.set_fan(Fan::part, 80);
        std::set<std::string> seen;
        for (auto now = 1s; now < 60s; now += 1s) {
            static_cast<void>(small.advance(now));
            const auto& state = small.state();
            seen.insert(state.at("cooling_fan_speed").get<std::string>());
            CHECK(state.at("big_fan1_speed") == state.at("cooling_fan_speed"));
            CHECK(state.at("big_fan2_speed") == state.at("cooling_fan_speed"));
        }
        CHECK(seen == std::set<std::string>{"11", "12"}); // as recorded on an A1 with fan_gear 204
        small.set_fan(Fan::part, 0);
        static_cast<void>(small.advance(61s));
        CHECK(small.state().at("cooling_fan_speed") == "0");
    }

    TEST_CASE("filament is loaded, exchanged and unloaded step by step, with a hot nozzle") {
        auto printer = printer_of("P1S");
        printer.change_filament(TrayPlace{.unit = 0, .slot = 1}, 0);
        static_cast<void>(printer.advance(1s));
        const auto& state = printer.state();
        CHECK(state.at("ams_status") == 258);
        CHECK(state.at("ams").at("tray_tar") == "1");
        CHECK(state.at("ams").at("tray_now") == "255");
        CHECK(state.at("stg_cur") == 24);
        CHECK(state.at("nozzle_target_temper") == 220);
        CHECK(printer.changing_filament());
        static_cast<void>(printer.advance(7s));
        CHECK(state.at("ams_status") == 262);
        CHECK(state.at("hw_switch_state") == 1);
        static_cast<void>(printer.advance(11s));
        CHECK(state.at("ams_status") == 768);
        CHECK(state.at("ams").at("tray_now") == "1");
        CHECK(state.at("stg_cur") == 255);
        CHECK(state.at("nozzle_target_temper") == 0);
        CHECK_FALSE(printer.changing_filament());

        printer.change_filament(TrayPlace{.unit = 255}, 0);
        static_cast<void>(printer.advance(12s));
        CHECK(state.at("stg_cur") == 22);
        CHECK(state.at("ams").at("tray_now") == "1");
        CHECK(state.at("ams").at("tray_tar") == "254");
        static_cast<void>(printer.advance(25s));
        CHECK(state.at("ams").at("tray_now") == "254");
        CHECK(state.at("ams_status") == 0);
        CHECK(state.at("hw_switch_state") == 1);

        printer.change_filament(std::nullopt, 0);
        live(printer, 26s, 40s);
        CHECK(state.at("ams").at("tray_now") == "255");
        CHECK(state.at("hw_switch_state") == 0);
    }

    TEST_CASE("two nozzles keep their own loaded filament; the active one is selected") {
        auto printer = printer_of("H2D");
        printer.change_filament(TrayPlace{.unit = 0, .slot = 2}, 0);
        live(printer, 1s, 12s);
        printer.change_filament(TrayPlace{.unit = 254}, 1);
        static_cast<void>(printer.advance(13s));
        const auto& extruder = printer.state().at("device").at("extruder");
        CHECK(extruder.at("info").at(1).at("snow") == 65279);
        CHECK(extruder.at("info").at(1).at("star") == 65024);
        live(printer, 14s, 24s);
        CHECK(extruder.at("info").at(0).at("snow") == 2);
        CHECK(extruder.at("info").at(1).at("snow") == 65024);
        CHECK(extruder.at("state") == 0x112);

        printer.select_extruder(0);
        static_cast<void>(printer.advance(25s));
        CHECK(extruder.at("state") == 0x012);
        static_cast<void>(printer.advance(27s));
        CHECK(extruder.at("state") == 0x002);
        printer.select_extruder(7);
        live(printer, 28s, 31s);
        CHECK(extruder.at("state") == 0x002);
    }

    TEST_CASE("an empty spool is replaced during the pause, and the job continues with the new one") {
        auto printer = printer_of("P1S");
        printer.start_print({.trays = {{0, 0}}}, 1000s);
        static_cast<void>(printer.advance(500s));
        printer.change_filament(TrayPlace{.unit = 0, .slot = 1}, 0);
        CHECK_FALSE(printer.changing_filament());
        printer.run_out_of_filament();
        static_cast<void>(printer.advance(501s));
        CHECK(printer.state().at("print_error") == 0x07008011);
        CHECK(printer.state().at("hw_switch_state") == 0);
        printer.change_filament(TrayPlace{.unit = 0, .slot = 1}, 0);
        live(printer, 502s, 512s);
        CHECK(printer.state().at("gcode_state") == "PAUSE");
        CHECK(printer.state().at("hw_switch_state") == 1);
        CHECK(printer.state().at("ams").at("tray_now") == "1");
        printer.resume();
        static_cast<void>(printer.advance(513s));
        CHECK(printer.state().at("gcode_state") == "RUNNING");
        CHECK(printer.state().at("print_error") == 0);
        CHECK(printer.state().at("ams").at("tray_now") == "1");
    }

    TEST_CASE("filament removed during a pause is absent until it is put back") {
        auto printer = printer_of("P1S");
        printer.start_print({}, 1000s);
        static_cast<void>(printer.advance(500s));
        printer.pause();
        printer.change_filament(std::nullopt, 0);
        live(printer, 501s, 512s);
        CHECK(printer.state().at("ams").at("tray_now") == "255");
        printer.resume();
        static_cast<void>(printer.advance(513s));
        CHECK(printer.state().at("ams").at("tray_now") == "0");
    }

    TEST_CASE("the code of a cancelled print comes with the state, or one report later") {
        for (const auto when : {CancelCode::with_the_state, CancelCode::one_report_later}) {
            CAPTURE(static_cast<int>(when));
            auto printer = printer_of("P1S", when);
            printer.start_print({}, 100s);
            static_cast<void>(printer.advance(50s));
            printer.cancel();
            const bool late = when == CancelCode::one_report_later;
            const auto first = last_print(printer.advance(51s));
            CHECK(first.at("gcode_state") == "FAILED");
            CHECK(first.value("print_error", 0U) == (late ? 0U : job_cancelled_error));
            const auto second = last_print(printer.advance(52s));
            CHECK(second.contains("print_error") == late);
            CHECK(printer.state().at("print_error") == job_cancelled_error);
        }
    }

    TEST_CASE("a job can be finished or failed immediately, and neither happens without a job") {
        auto printer = printer_of("X1C");
        printer.finish();
        printer.fail(1);
        printer.pause();
        printer.cancel();
        static_cast<void>(printer.advance(1s));
        CHECK(printer.state().at("gcode_state") == "IDLE");
        CHECK(printer.state().at("print_error") == 0);

        printer.start_print({.layers = 40, .task_id = "77"}, 100s);
        live(printer, 2s, 30s);
        printer.finish();
        auto report = last_print(printer.advance(31s));
        CHECK(report.at("gcode_state") == "FINISH");
        CHECK(report.at("mc_percent") == 100);
        CHECK(report.at("layer_num") == 40);
        CHECK(printer.state().at("task_id") == "77");

        printer.start_print({}, 100s);
        live(printer, 32s, 60s);
        printer.fail(0x03008004);
        report = last_print(printer.advance(61s));
        CHECK(report.at("gcode_state") == "FAILED");
        CHECK(report.at("print_error") == 0x03008004);
        CHECK(printer.jobs_begun() == 2);
    }

    TEST_CASE("HMS entries are added and removed one by one") {
        auto printer = printer_of("P1S");
        const Hms cover{.attribute = 0x03000100, .code = 0x00010003};
        const Hms cold{.attribute = 0x0C000300, .code = 0x00020010};
        printer.add_hms(cover);
        printer.add_hms(cold);
        printer.add_hms(cover);
        CHECK(last_print(printer.advance(1s)).at("hms").size() == 2);
        printer.remove_hms(cover);
        CHECK(last_print(printer.advance(2s)).at("hms") ==
              json::array({{{"attr", cold.attribute}, {"code", cold.code}}}));
        printer.remove_hms(cover);
        CHECK_FALSE(last_print(printer.advance(3s)).contains("hms"));

        auto small = printer_of("A1MINI"); // recorded on firmware 01.07: two additional keys
        small.add_hms(cover);
        small.add_hms(cover);
        const auto hms_list = last_print(small.advance(1s)).at("hms");
        REQUIRE(hms_list.size() == 1);
        CHECK(hms_list.at(0).at("action") == 0);
        CHECK(hms_list.at(0).at("timestamp").is_number_integer());
        small.remove_hms(cover);
        CHECK(last_print(small.advance(2s)).at("hms").empty());
    }

    TEST_CASE("P2S and X2D always have an HMS entry without a text, and others besides") {
        const json always{{"attr", 83887616}, {"code", 131184}};
        for (const auto* const model : {"P2S", "X2D"}) {
            CAPTURE(model);
            auto printer = printer_of(model);
            CHECK(json::parse(printer.full_report()).at("print").at("hms") == json::array({always}));
            printer.add_hms({.attribute = 0x03000100, .code = 0x00010003});
            CHECK(last_print(printer.advance(1s)).at("hms").size() == 2);
            printer.set_hms({});
            CHECK(last_print(printer.advance(2s)).at("hms") == json::array({always}));
        }
    }

    TEST_CASE("settings change their bits in home_flag and cfg") {
        auto printer = printer_of("H2D");
        const auto& state = printer.state();
        CHECK(bits_of(state.at("home_flag"), 17, 1) == 1);
        CHECK(bits_of(state.at("cfg"), 22, 1) == 1);
        printer.change_settings([](MachineSettings& settings) {
            settings.sound_enable = false;
            settings.timelapse = true;
            settings.air_purification = 2;
            settings.monitor_level = 3;
            settings.startup_read_option = true;
        });
        CHECK(bits_of(state.at("home_flag"), 17, 2) == 2);
        CHECK(bits_of(state.at("cfg"), 22, 1) == 0);
        CHECK(bits_of(state.at("cfg"), 5, 1) == 1);
        CHECK(bits_of(state.at("cfg"), 36, 2) == 2);
        CHECK(bits_of(state.at("cfg"), 13, 2) == 3);
        CHECK(bits_of(state.at("cfg"), 1, 1) == 1);
        printer.set_speed(4);
        CHECK(bits_of(state.at("cfg"), 8, 3) == 4);
        CHECK(state.at("spd_mag") == 166);
    }

    TEST_CASE("firmware that does not report its capabilities sends no fun") {
        const auto* const model = find_model("X1C");
        SimulatedPrinter printer{
            {.model = model, .serial = serial_of(*model, 1), .settings = {.reports_fun = false}}};
        printer.set_developer_mode(false);
        static_cast<void>(printer.advance(1s));
        CHECK_FALSE(printer.state().contains("fun"));
        CHECK(printer.state().contains("cfg"));
    }

    TEST_CASE("scheduled changes happen on time, and in order") {
        auto printer = printer_of("P1S");
        std::vector<int> seen;
        printer.later(20s, [&seen](Machine&) { seen.push_back(2); });
        printer.later(10s, [&seen](Machine& machine) {
            seen.push_back(1);
            machine.later(5s, [&seen](Machine&) { seen.push_back(3); });
        });
        live(printer, 1s, 9s);
        CHECK(seen.empty());
        live(printer, 10s, 30s);
        CHECK(seen == std::vector{1, 3, 2});
    }

    TEST_CASE("a part of the state can be sent again without a change") {
        auto printer = printer_of("X1C");
        static_cast<void>(printer.advance(1s));
        printer.document().send_again({"device", "nozzle"});
        printer.document().send_again({"device", "no", "such"});
        CHECK(last_print(printer.advance(2s)).at("device").at("nozzle") ==
              printer.state().at("device").at("nozzle"));
        CHECK_FALSE(last_print(printer.advance(3s)).value("/device/nozzle"_json_pointer, json()).is_object());
    }
}
