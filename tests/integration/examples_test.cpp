// Runs the command lines from the documents unchanged against the whole gateway.
#include "integration/command_client.hpp"
#include "integration/file_samples.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::ObservedMessage;
using bambu2mqtt::test_support::read_file;
using bambu2mqtt::test_support::write_file;

namespace {

const std::filesystem::path source = bambu2mqtt::test::source_directory();

/// The lines of a document that begin with a program's name, within code blocks.
std::vector<std::string> lines_of(const char* document, const std::string& program) {
    std::istringstream text{read_file(source / document)};
    std::vector<std::string> lines;
    bool code = false;
    for (std::string line; std::getline(text, line);) {
        code = line.starts_with("```") ? !code : code;
        if (code && line.starts_with(program + " ")) {
            lines.push_back(line);
        }
    }
    return lines;
}

/// An environment whose printer is `garage`, and a shell in which the clients find its broker.
class Garage {
  public:
    explicit Garage(EnvironmentOptions options) : env(std::move(options)) {
        std::filesystem::create_directories(env.directory() / "clients");
        for (const char* const program : {"mosquitto_pub", "mosquitto_sub", "mosquitto_rr"}) {
            write_file(env.directory() / "clients" / program,
                       "-h 127.0.0.1\n-p " + std::to_string(env.broker().port()) + "\n");
        }
        write_file(env.local_files() / "cube.gcode.3mf", sliced());
        env.observe();
        env.gateway().configure(env.config({.printer_lines = {{0, "id = \"garage\""}}}));
        env.gateway().start();
        if (!env.observer().wait_for_latest("bambu2mqtt/garage/availability", "online", test_timeout)) {
            throw std::runtime_error{"the printer is not connected"};
        }
    }

    [[nodiscard]] CommandResult run(const std::string& line) {
        return run_command(
            {"env", "XDG_CONFIG_HOME=" + (env.directory() / "clients").string(), "sh", "-c", line});
    }

    /// Runs a line that publishes a command; returns its outcome.
    [[nodiscard]] json outcome_of(const std::string& line) {
        const auto from = env.observer().count();
        const auto result = run(line);
        CHECK(result.exit_code == 0);
        CHECK(result.errors == "");
        const auto answer = env.observer().wait_for(
            [](const ObservedMessage& message) {
                return message.topic == "bambu2mqtt/garage/response" &&
                       message.payload.find("\"progress\"") == std::string::npos;
            },
            test_timeout, from);
        return answer ? json::parse(answer->payload) : json();
    }

    void finish_printing() {
        env.fleet().with(0, [](auto& printer) { printer.finish(); });
        REQUIRE(env.observer().wait_for_latest("bambu2mqtt/garage/print_status", "finish", test_timeout));
    }

    void print() {
        env.fleet().with(0, [](auto& printer) { printer.start_print({.name = "Boat"}, 60s); });
        REQUIRE(env.observer().wait_for_latest("bambu2mqtt/garage/print_status", "running", test_timeout));
    }

    TestEnvironment env;
};

} // namespace

TEST_CASE("every line of examples/shell.md does what its heading says") {
    if (no_vsftpd()) {
        return;
    }
    Garage garage{{.models = {"X1C"}, .durations = {.print = 60s}, .file_servers = true}};
    const auto lines = lines_of("examples/shell.md", "mosquitto_pub");
    REQUIRE(lines.size() == 5);
    garage.print();
    std::vector<std::string> endings;
    for (const auto& line : lines) {
        CAPTURE(line);
        if (line.find("upload_sdcard_file") != std::string::npos) {
            garage.finish_printing();
        }
        const auto outcome = garage.outcome_of(line);
        CAPTURE(outcome.dump());
        endings.push_back(ending(outcome));
        CHECK(endings.back() == (endings.size() == 5 ? "done" : "effective"));
    }
    CHECK(garage.env.observer().latest("bambu2mqtt/garage/task_name") == "cube");
    CHECK(garage.env.observer().latest("bambu2mqtt/garage/bed_target_temperature").has_value());

    const auto asks = lines_of("examples/shell.md", "mosquitto_rr");
    REQUIRE(asks.size() == 1);
    const auto answer = garage.run(asks[0]);
    CHECK(answer.exit_code == 0);
    CHECK(ending(json::parse(answer.output, nullptr, false)) == "done");
}

TEST_CASE("the command lines in the other documents are valid") {
    Garage garage{{.models = {"X1C"}, .durations = {.print = 60s, .filament_change = 500ms}}};
    garage.print();
    std::size_t count = 0;
    for (const char* const document : {"README.md", "docs/commands.md", "docs/control.md"}) {
        for (const auto& line : lines_of(document, "mosquitto_pub")) {
            CAPTURE(document);
            CAPTURE(line);
            if (line.find("load_filament") != std::string::npos) {
                garage.finish_printing();
            }
            const auto outcome = garage.outcome_of(line);
            CAPTURE(outcome.dump());
            const auto end = ending(outcome);
            CHECK(end != "nothing");
            CHECK(end != "refused invalid_argument");
            CHECK(end != "refused unknown_command");
            CHECK(end != "refused not_supported");
            ++count;
        }
    }
    CHECK(count >= 5);
}
