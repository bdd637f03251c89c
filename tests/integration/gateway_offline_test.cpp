// The commands that need neither a printer nor a broker, run as a user runs them.
#include "integration/gateway_fixture.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::read_file;
using bambu2mqtt::test_support::TemporaryDirectory;
using bambu2mqtt::test_support::write_file;
using nlohmann::json;

namespace {

constexpr const char* report =
    R"({"print":{"command":"push_status","msg":0,"gcode_state":"RUNNING","nozzle_temper":219.9,
"bed_temper":60.0,"bed_target_temper":60,"nozzle_target_temper":220,"subtask_name":"Cube","mc_percent":42}})";

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("check reports all problems of a configuration together") {
    const TemporaryDirectory directory;
    const auto file = (directory / "broken.toml").string();
    write_file(file, "[broker]\nurl = \"http://127.0.0.1\"\nusernam = \"me\"\n\n"
                     "[log]\nlevel = 3\n\n"
                     "[[printer]]\nserial = \"01P00A000000001\"\nhost = \"127.0.0.1\"\nmqtt_port = 99999\n");
    const auto result = run_program({"--config", file, "check"});
    CHECK(result.exit_code == 2);
    CHECK(result.output == "");
    for (const auto* part :
         {"broken.toml:2: broker.url", "broken.toml:3: broker.usernam", "username",
          "broken.toml:6: log.level", "broken.toml:11: printer[1].mqtt_port", "printer[1].access_code"}) {
        CAPTURE(part);
        CHECK_MESSAGE(has(result.errors, part), result.errors);
    }
    CHECK(run_program({"--config", file}).exit_code == 2);
    CHECK(run_program({"--config", (directory / "nowhere.toml").string(), "check"}).exit_code == 2);

    write_file(file, "[broker]\nurl = \"mqtt://127.0.0.1\"\n\n[[printer]]\nserial = \"01P00A000000001\"\n"
                     "host = \"127.0.0.1\"\naccess_code = \"12345678\"\n");
    const auto good = run_program({"--config", file, "check"});
    CHECK(good.exit_code == 0);
    CHECK(good.errors == "");
}

TEST_CASE("decode turns recorded messages into values") {
    const auto result = run_program({"decode", "-"}, report);
    CHECK(result.exit_code == 0);
    const auto values = json::parse(result.output);
    CHECK(values["print_status"] == "running");
    CHECK(values["nozzle_temperature"] == 220);
    CHECK(values["print_progress"] == 42);
    CHECK(values["task_name"] == "Cube");

    const auto each =
        run_program({"decode", "--each", "-"}, std::string{report} + R"({"print":{"mc_percent":43}})");
    CHECK(each.exit_code == 0);
    const auto second_line = each.output.substr(each.output.find('\n') + 1);
    CHECK(json::parse(second_line) == json{{"print_progress", 43}});
}

TEST_CASE("decode reports file and byte of unreadable input") {
    const TemporaryDirectory directory;
    const auto file = (directory / "broken.json").string();
    const std::string good = R"({"print":{"mc_percent":1}})";
    write_file(file, good + "\n{\"print\":{\"mc_percent\":}}\n");
    const auto result = run_program({"decode", file});
    CHECK(result.exit_code == 2);
    CHECK(json::parse(result.output)["print_progress"] == 1);
    CHECK_MESSAGE(has(result.errors, "broken.json: byte 50:"), result.errors);

    const auto missing = run_program({"decode", (directory / "nowhere.json").string()});
    CHECK(missing.exit_code == 2);
    CHECK(has(missing.errors, "nowhere.json"));
    CHECK(run_program({"decode"}).exit_code == 2);
    CHECK(run_program({"decode", "--model", "X9", file}).exit_code == 2);
}

TEST_CASE("discovery prints what would be retained on the broker") {
    const auto result = run_program(
        {"discovery", "--model", "P1S", "--serial", "01P00A000000042", "--id", "workshop", "-"}, report);
    CHECK(result.exit_code == 0);
    CHECK(discovery_complaints_of_lines(result.output) == "");
    Retained messages;
    std::istringstream lines{result.output};
    for (std::string line; std::getline(lines, line);) {
        const auto message = json::parse(line);
        CHECK(message["retain"] == true);
        messages[message["topic"]] = message["payload"].get<std::string>();
    }
    CHECK(messages.at("bambu2mqtt/workshop/print_status") == "running");
    CHECK(messages.at("bambu2mqtt/workshop/availability") == "online");
    CHECK(messages.at("bambu2mqtt/bridge/state") == "online");
    CHECK(messages.contains("homeassistant/device/bambu2mqtt_01P00A000000042/config"));
}

TEST_CASE("entities prints the list of entities") {
    const auto table = run_program({"entities", "--markdown"});
    CHECK(table.exit_code == 0);
    CHECK(has(table.output, "| print_status | sensor | enum |"));
    CHECK(has(table.output, "| door | binary_sensor | door |"));
    const auto of_a1 = run_program({"entities", "--model", "a1mini", "--markdown"});
    CHECK(of_a1.exit_code == 0);
    CHECK(has(of_a1.output, "| print_status | sensor | enum |"));
    CHECK_FALSE(has(of_a1.output, "| chamber_fan |"));
    const auto lines = run_program({"entities"});
    CHECK(json::parse(lines.output.substr(0, lines.output.find('\n'))).contains("component"));
}

TEST_CASE("command line mistakes exit with 2, help and version with 0") {
    CHECK(run_program({"--version"}).exit_code == 0);
    CHECK(has(run_program({"--help"}).output, "decode"));
    const auto unknown = run_program({"decod", "x"});
    CHECK(unknown.exit_code == 2);
    CHECK(unknown.output == "");
    CHECK(unknown.errors != "");
}
