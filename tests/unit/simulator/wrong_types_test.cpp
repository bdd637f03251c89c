// Requests with invalid fields: every row of the table must handle them.

#include "simulator/commands.hpp"
#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace {

using namespace bambu2mqtt::simulator;
using namespace std::chrono_literals;
using nlohmann::json;

/// All fields that any row reads.
constexpr std::array fields{"param",
                            "err",
                            "url",
                            "subtask_name",
                            "task_id",
                            "ams_mapping",
                            "ams_mapping2",
                            "use_ams",
                            "obj_list",
                            "ctt_val",
                            "temper_check",
                            "modeId",
                            "extruder_index",
                            "mode",
                            "led_node",
                            "led_mode",
                            "led_on_time",
                            "led_off_time",
                            "loop_times",
                            "interval_time",
                            "accessory_type",
                            "nozzle_diameter",
                            "nozzle_type",
                            "name",
                            "action",
                            "ams_id",
                            "slot_id",
                            "tray_id",
                            "target",
                            "curr_temp",
                            "tar_temp",
                            "tray_info_idx",
                            "tray_type",
                            "tray_color",
                            "nozzle_temp_min",
                            "nozzle_temp_max",
                            "filament",
                            "temp",
                            "duration",
                            "close_power_conflict",
                            "filaments",
                            "filament_id",
                            "k_value",
                            "n_coef",
                            "cali_idx",
                            "tray_read_option",
                            "auto_recovery",
                            "air_purification",
                            "module_name",
                            "control",
                            "enable",
                            "halt_print_sensitivity",
                            "sequence_id"};

std::vector<json> values() {
    return {
        nullptr,
        true,
        0,
        -1,
        255,
        4294967296,
        1e300,
        -1e300,
        0.5,
        "",
        "1",
        "enable",
        std::string(100, 'x'),
        "M104 S\nM106 P P P\nM620 R99999999999\nG28 \x01\n;",
        json::array(),
        {1, 2, 3},
        {-1, 128, 254, 255, 1000000},
        json::array({{{"ams_id", "0"}, {"slot_id", 9}}, 7, nullptr}),
        json::array({{{"k_value", "abc"}, {"filament_id", ""}, {"nozzle_diameter", ""}, {"cali_idx", 1e99}}}),
        json::object(),
        {{"a", {{"b", 1}}}}};
}

std::vector<Command> all_commands() {
    std::vector<Command> rows;
    for (const auto part :
         {job_commands(), machine_commands(), filament_commands(), profile_commands(), setting_commands()})
        rows.insert(rows.end(), part.begin(), part.end());
    return rows;
}

json body_of(const Command& command, const json& value) {
    json body;
    for (const auto* const field : fields)
        body[field] = value;
    const std::string name{command.name};
    if (!name.ends_with('.'))
        body["command"] = name.substr(name.find('.') + 1);
    return body;
}

std::string name_space_of(const Command& command) {
    return std::string{command.name.substr(0, command.name.find('.'))};
}

} // namespace

TEST_SUITE("wrong types") {
    TEST_CASE("every request with every kind of value in all its fields") {
        for (const auto& model : model_profiles()) {
            CAPTURE(std::string{model.name});
            for (const bool printing : {false, true}) {
                TestPrinter asked{model.name};
                if (printing)
                    asked.print();
                for (const auto& command : all_commands()) {
                    for (const auto& value : values()) {
                        CAPTURE(std::string{command.name});
                        CAPTURE(value.dump().substr(0, 100));
                        static_cast<void>(asked.send_raw(name_space_of(command), body_of(command, value)));
                    }
                    asked.live(1);
                }
                asked.live(20);
                CHECK(asked.state().at("ams").at("ams").size() == model.units.size());
                CHECK(json::parse(asked.printer.full_report()).at("print").at("msg") == 0);
            }
        }
    }

    TEST_CASE("every request with no field at all, and with a wrong one") {
        TestPrinter asked{"H2D"};
        for (const auto& command : all_commands()) {
            CAPTURE(std::string{command.name});
            const auto name_space = name_space_of(command);
            const auto whole = body_of(command, 0);
            json bare = json::object();
            if (whole.contains("command"))
                bare["command"] = whole.at("command");
            static_cast<void>(asked.send_raw(name_space, bare));
            for (const auto* const field : fields) {
                auto body = whole;
                body[field] = json::object();
                static_cast<void>(asked.send_raw(name_space, body));
            }
            asked.live(1);
        }
        CHECK(asked.state().contains("device"));
    }

    TEST_CASE("a deeply nested message does not exhaust the stack") {
        TestPrinter asked{"P1S"};
        constexpr int depth = 200'000;
        const auto deep = R"({"print":{"command":"pause","sequence_id":"1","param":)" +
                          std::string(depth, '[') + std::string(depth, ']') + "}}";
        const auto answers = asked.printer.answer(deep, 0ms).answers;
        REQUIRE(answers.size() == 1);
        CHECK(answers.front().size() < 1000);
    }

    TEST_CASE("invalid UTF-8 is not a request") {
        TestPrinter asked{"P1S"};
        CHECK(asked.printer.answer("{\"print\":{\"command\":\"pause\",\"param\":\"\xF0\x34\"}}", 0ms)
                  .answers.empty());
    }

    TEST_CASE("row names are unique, and each row is found by its name") {
        std::vector<std::string> names;
        for (const auto& command : all_commands()) {
            CAPTURE(std::string{command.name});
            CHECK((find_command(command.name)->act == command.act));
            CHECK(std::find(names.begin(), names.end(), command.name) == names.end());
            names.emplace_back(command.name);
        }
        CHECK(names.size() == 32);
        CHECK(find_command("print.no_such_command") == nullptr);
    }
}
