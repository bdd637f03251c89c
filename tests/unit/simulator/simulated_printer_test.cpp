// Messages of the simulated printers, without any network: reports, whole prints, answers, replays.

#include "simulator/replay.hpp"
#include "simulator/simulated_printer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace bambu2mqtt::simulator;
using nlohmann::json;
using namespace std::chrono_literals;

SimulatedPrinter printer_of(std::string_view model, std::chrono::milliseconds print_duration = 0ms) {
    const auto* const profile = find_model(model);
    REQUIRE(profile != nullptr);
    return SimulatedPrinter{
        {.model = profile, .serial = serial_of(*profile, 1), .print_duration = print_duration}};
}

json print_of(const std::string& message) {
    return json::parse(message).at("print");
}

json ask(Printer& printer, const char* request) {
    const auto answers = printer.answer(request, 0ms).answers;
    REQUIRE(answers.size() == 1);
    return json::parse(answers.front());
}

constexpr const char* pushall = R"({"pushing":{"command":"pushall","sequence_id":"1"}})";

/// Every scalar below `patch` at its own path, arrays as one value.
void collect_leaves(const json& patch, const json::json_pointer& at,
                    std::vector<json::json_pointer>& leaves) {
    for (const auto& [key, value] : patch.items()) {
        if (value.is_object())
            collect_leaves(value, at / key, leaves);
        else
            leaves.push_back(at / key);
    }
}

} // namespace

TEST_SUITE("simulated printer") {
    TEST_CASE("every model answers pushall with a full report of its family's keys") {
        for (const auto& model : model_profiles()) {
            CAPTURE(std::string{model.name});
            auto printer = printer_of(model.name);
            CHECK(printer.serial().size() == 15);
            const auto print = ask(printer, pushall).at("print");
            CHECK(print.at("msg") == 0);
            CHECK(print.at("command") == "push_status");
            CHECK(print.at("gcode_state") == "IDLE");
            CHECK(print.at("ams").at("ams").size() == model.units.size());
            CHECK(print.contains("device") == model.newer_protocol);
            CHECK(print.contains("fun") == model.newer_protocol);
            CHECK(print.at("bed_temper").is_number_float() == model.newer_protocol);
            CHECK(print.at("cooling_fan_speed") == "0");
            CHECK(print.size() > 50);
        }
    }

    TEST_CASE("a partial report has only changes, and applied to the old state gives the new one") {
        for (const auto& model : model_profiles()) {
            CAPTURE(std::string{model.name});
            auto printer = printer_of(model.name, 100s);
            auto known = ask(printer, pushall).at("print");
            int partial_reports = 0;
            for (auto now = Uptime{0}; now < 120s; now += 1s) {
                for (const auto& message : printer.advance(now)) {
                    const auto report = print_of(message);
                    if (report.at("msg") == 0) {
                        known = report;
                        continue;
                    }
                    ++partial_reports;
                    std::vector<json::json_pointer> leaves;
                    collect_leaves(report, json::json_pointer{}, leaves);
                    for (const auto& leaf : leaves) {
                        const auto path = leaf.to_string();
                        if (path == "/command" || path == "/msg" || path == "/ams/ams")
                            continue;
                        CHECK_MESSAGE((!known.contains(leaf) || known.at(leaf) != report.at(leaf)), path);
                    }
                    merge_report(known, report);
                }
            }
            CHECK(partial_reports > 60);
            known.erase("command");
            known.erase("msg");
            known.erase("sequence_id");
            CHECK(known == printer.state());
        }
    }

    TEST_CASE("a partial report has the changed parts of the air duct, with their variable fields") {
        auto printer = printer_of("P2S");
        static_cast<void>(printer.advance(1s));
        printer.set_fan(Fan::part, 70);
        const auto report = print_of(printer.advance(2s).back());
        CHECK(report.at("device").at("airduct") ==
              json{{"parts", json::array({{{"func", 0}, {"id", 16}, {"state", 70}}})}});
        const auto& parts = printer.state().at("device").at("airduct").at("parts");
        CHECK(parts.size() == 4);
        CHECK(parts.at(0) == json{{"func", 0}, {"id", 16}, {"range", 6553600}, {"state", 70}});
        CHECK_FALSE(print_of(printer.advance(3s).back()).contains(json::json_pointer{"/device/airduct"}));
    }

    TEST_CASE("a whole print goes through its states in order, heats up, counts and ends") {
        for (const auto& model : model_profiles()) {
            CAPTURE(std::string{model.name});
            auto printer = printer_of(model.name, 200s);
            std::vector<std::string> states;
            std::set<int> stages;
            int percent = 0;
            double hottest = 0;
            for (auto now = Uptime{0}; now < 270s && (states.size() < 5); now += 1s) {
                static_cast<void>(printer.advance(now));
                const auto& state = printer.state();
                const std::string gcode_state = state.at("gcode_state");
                if (states.empty() || states.back() != gcode_state)
                    states.push_back(gcode_state);
                if (gcode_state == "RUNNING") {
                    CHECK(state.at("mc_percent") >= percent);
                    percent = state.at("mc_percent");
                }
                stages.insert(state.at("stg_cur").get<int>());
                hottest = std::max(hottest, state.at("nozzle_temper").get<double>());
                if (gcode_state == "FINISH") {
                    CHECK(state.at("mc_percent") == 100);
                    CHECK(state.at("mc_remaining_time") == 0);
                    CHECK(state.at("layer_num") == state.at("total_layer_num"));
                    CHECK(state.at("nozzle_target_temper") == 0);
                    CHECK(state.at("ams").at("tray_now") == "255");
                }
            }
            CHECK(states == std::vector<std::string>{"IDLE", "PREPARE", "RUNNING", "FINISH", "IDLE"});
            for (const int stage : {0, 1, 2, 4, 13, 14})
                CHECK(stages.contains(stage));
            CHECK(hottest == doctest::Approx(220).epsilon(0.02));
        }
    }

    TEST_CASE("pause, runout, resume and cancel") {
        auto printer = printer_of("P1S");
        printer.start_print({}, 100s);
        static_cast<void>(printer.advance(50s));
        const int layer = printer.state().at("layer_num");
        CHECK(layer > 0);

        printer.pause();
        static_cast<void>(printer.advance(500s));
        CHECK(printer.state().at("gcode_state") == "PAUSE");
        CHECK(printer.state().at("stg_cur") == 16);
        CHECK(printer.state().at("layer_num") == layer);

        printer.resume();
        static_cast<void>(printer.advance(501s));
        CHECK(printer.state().at("gcode_state") == "RUNNING");

        printer.run_out_of_filament();
        static_cast<void>(printer.advance(502s));
        CHECK(printer.state().at("gcode_state") == "PAUSE");
        CHECK(printer.state().at("stg_cur") == 0);
        CHECK(printer.state().at("print_error") == 0x07008011);
        CHECK(printer.state().at("hw_switch_state") == 0);
        const int layer_at_runout = printer.state().at("layer_num");

        printer.cancel();
        const auto last = print_of(printer.advance(503s).back());
        CHECK(last.at("gcode_state") == "FAILED");
        CHECK(last.at("print_error") == 50348044);
        CHECK(printer.state().at("layer_num") == layer_at_runout);
    }

    TEST_CASE("two nozzles: the left one prints from its own spool") {
        auto printer = printer_of("H2D");
        printer.start_print({.trays = {{0, 2}, {254, 0}}}, 100s);
        static_cast<void>(printer.advance(40s));
        const auto& extruder = printer.state().at("device").at("extruder");
        CHECK(extruder.at("state") == 0x002);
        CHECK(extruder.at("info").at(0).at("snow") == 2);
        CHECK(extruder.at("info").at(1).at("snow") == 65279);
        static_cast<void>(printer.advance(80s));
        CHECK(extruder.at("state") == 0x112);
        CHECK(extruder.at("info").at(1).at("snow") == 65024);
        CHECK(extruder.at("info").at(0).at("snow") == 65535);
    }

    TEST_CASE("get_version names the model, its serial and its units") {
        for (const auto& model : model_profiles()) {
            CAPTURE(std::string{model.name});
            auto printer = printer_of(model.name);
            const auto info =
                ask(printer, R"({"info":{"command":"get_version","sequence_id":"7"}})").at("info");
            CHECK(info.at("sequence_id") == "7");
            const auto& modules = info.at("module");
            CHECK(modules.at(0).at("name") == "ota");
            CHECK(modules.at(0).at("product_name") == model.product_name);
            CHECK(modules.at(0).at("sn") == printer.serial());
            for (const auto& unit : model.units)
                CHECK(std::any_of(modules.begin(), modules.end(), [&unit](const json& module) {
                    return module.at("name") == unit_module_name(unit);
                }));
        }
    }

    TEST_CASE("orders from tests: HMS, door, developer mode, units, any key") {
        auto printer = printer_of("H2D");
        static_cast<void>(printer.advance(1s));
        printer.set_hms({{.attribute = 0x03000100, .code = 0x00010003}});
        printer.set_door(true);
        printer.set_developer_mode(false);
        printer.merge({{"nozzle_diameter", "0.6"}, {"upgrade_state", {{"new_version_state", 1}}}});
        printer.document().remove_unit("0");
        const auto report = print_of(printer.advance(2s).back());
        CHECK(report.at("hms").at(0).at("attr") == 0x03000100);
        CHECK((std::stoull(report.at("stat").get<std::string>(), nullptr, 16) >> 23U & 1U) == 1);
        CHECK((std::stoull(report.at("fun").get<std::string>(), nullptr, 16) >> 29U & 1U) == 1);
        CHECK(report.at("nozzle_diameter") == "0.6");
        CHECK(report.at("upgrade_state") == json{{"new_version_state", 1}});
        CHECK(report.at("ams").at("ams").empty());
    }
}

TEST_SUITE("replay") {
    TEST_CASE("messages are split whether on one line or several, and invalid bytes are kept") {
        const std::string odd = "{\"print\":{\"gcode_file\":\"\xF0\x34}\\\"\"}}";
        const auto messages = split_messages("{\"a\":{}}\n{\n  \"b\": \"}\"\n}\n" + odd + "\n{\"cut\":");
        CHECK(messages == std::vector<std::string>{"{\"a\":{}}", "{\n  \"b\": \"}\"\n}", odd, "{\"cut\":"});
    }

    TEST_CASE("a file is played in order and repeated; pushall is answered with the messages played so far") {
        const std::string full =
            R"({"print":{"msg":0,"command":"push_status","ams":{"ams":[{"id":"0","tray":[{"id":"0","k":1}]}],"v":1}}})";
        const std::string partial =
            R"({"print":{"msg":1,"command":"push_status","ams":{"ams":[{"id":"0","tray":[{"id":"0"}]}]},"x":2}})";
        ReplayPrinter printer{
            {.serial = "01P00S000000001",
             .messages = {R"({"info":{"command":"get_version","module":[],"sequence_id":"5"}})", full,
                          R"({"print":{"command":"pause","result":"success","x":9}})", partial}}};
        CHECK(ask(printer, pushall) == json::parse(full));
        CHECK(printer.advance(1s) == std::vector{full});
        CHECK(printer.advance(2s).size() == 1);
        CHECK(printer.advance(3s) == std::vector{partial});
        const auto merged = ask(printer, pushall).at("print");
        CHECK(merged.at("msg") == 0);
        CHECK(merged.at("x") == 2);
        CHECK(merged.at("ams") == json::parse(R"({"ams":[{"id":"0","tray":[{"id":"0"}]}],"v":1})"));
        CHECK(printer.advance(4s) == std::vector{full});
        CHECK(ask(printer, R"({"info":{"command":"get_version","sequence_id":"8"}})")
                  .at("info")
                  .at("sequence_id") == "8");
    }
}
