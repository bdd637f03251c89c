// The command init: from nothing to a gateway with entities, by options alone and on a terminal.
#include "integration/gateway_fixture.hpp"
#include "support/ports.hpp"
#include "support/terminal.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::simulator::PrinterFleet;
using bambu2mqtt::test_support::free_udp_port;
using bambu2mqtt::test_support::Mosquitto;
using bambu2mqtt::test_support::MqttObserver;
using bambu2mqtt::test_support::read_file;
using bambu2mqtt::test_support::TemporaryDirectory;
using bambu2mqtt::test_support::Terminal;
using bambu2mqtt::test_support::write_file;

namespace {

/// Printers with one port at different addresses, and a broker; nothing is configured.
struct InitEnvironment {
    explicit InitEnvironment(int printers = 1)
        : broker{{.directory = directory / "broker"}}, fleet{{.directory = directory / "printers",
                                                              .printers = printers,
                                                              .models = {"X1C", "P1S"},
                                                              .report_interval = 250ms,
                                                              .announce_to = {announcements},
                                                              .announce_every = 1s,
                                                              .same_port = true}} {
        write_file(directory / "code", fleet.printers()[0].access_code + "\n");
    }

    [[nodiscard]] std::filesystem::path config() const { return directory / "gateway/bambu2mqtt.toml"; }

    [[nodiscard]] std::map<std::string, std::string> environment() const {
        return {{"BAMBU2MQTT_ANNOUNCEMENTS", fmt::format("127.0.0.1:{}", announcements)}};
    }

    /// The command line without the program; doctor only opens the port for files.
    [[nodiscard]] std::vector<std::string> arguments(const std::vector<std::string>& more = {}) const {
        const auto port = std::to_string(fleet.printers()[0].port);
        std::vector<std::string> all{"--config", config().string(), "init",
                                     "--broker", broker.url(),      "--mqtt-port",
                                     port,       "--ftps-port",     port};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    [[nodiscard]] CommandResult init(const std::vector<std::string>& more) const {
        auto all = arguments(more);
        all.emplace_back("--non-interactive");
        return run_program(all, {}, environment());
    }

    [[nodiscard]] std::vector<std::string> by_options() const {
        return {"--serial", fleet.printers()[0].serial, "--access-code-file", (directory / "code").string()};
    }

    /// Starts a gateway with the written file, in a state directory of the test, and waits for the printers.
    [[nodiscard]] bool gateway_works(std::vector<std::string> ids) {
        MqttObserver observer{{.port = broker.port(), .topics = {"#"}}};
        GatewayRun gateway{config().parent_path()};
        const auto state = (directory / "state").string();
        gateway.configure(fmt::format("state_directory = \"{0}\"\n{1}\n[files]\ndirectory = \"{0}/files\"\n",
                                      state, read_file(config())));
        gateway.start();
        bool online = true;
        for (const auto& id : ids) {
            online = observer.wait_for_latest("bambu2mqtt/" + id + "/availability", "online", test_timeout) &&
                     online;
        }
        return gateway.stop() == 0 && online;
    }

    TemporaryDirectory directory;
    std::uint16_t announcements = free_udp_port();
    Mosquitto broker;
    PrinterFleet fleet;
};

bool has_part(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("init by options alone writes a private file with which the gateway works") {
    InitEnvironment env;
    const auto result = env.init(env.by_options());
    REQUIRE_MESSAGE(result.exit_code == 0, (result.output + result.errors));

    struct stat status {};

    REQUIRE(stat(env.config().c_str(), &status) == 0);
    CHECK((status.st_mode & 0007U) == 0);
    CHECK_FALSE(has_part(result.output + result.errors, env.fleet.printers()[0].access_code));
    CHECK(has_part(read_file(env.config()), "name = \"Simulated X1C 1\""));
    CHECK(env.gateway_works({"x1c_0001"}));
}

TEST_CASE("init overwrites nothing without --force, which keeps the file as .bak") {
    InitEnvironment env;
    std::filesystem::create_directories(env.config().parent_path());
    write_file(env.config(), "mine");
    auto options = env.by_options();
    const auto refused = env.init(options);
    CHECK(refused.exit_code == 1);
    CHECK(has_part(refused.errors, "--force"));
    CHECK(read_file(env.config()) == "mine");
    options.emplace_back("--force");
    CHECK(env.init(options).exit_code == 0);
    CHECK(read_file(env.config().string() + ".bak") == "mine");
    CHECK(has_part(read_file(env.config()), env.fleet.printers()[0].serial));
}

TEST_CASE("init names what is missing or wrong, and writes nothing") {
    InitEnvironment env;
    const auto none = run_program({"--config", env.config().string(), "init", "--non-interactive"});
    CHECK(none.exit_code == 2);
    CHECK(has_part(none.errors, "--broker URL and --access-code-file FILE"));

    const auto no_terminal = run_program({"--config", env.config().string(), "init"});
    CHECK(no_terminal.exit_code == 2);
    CHECK(has_part(no_terminal.errors, "--non-interactive"));

    auto options = env.by_options();
    options.back() = (env.directory / "none").string();
    const auto no_file = env.init(options);
    CHECK(no_file.exit_code == 2);
    CHECK(has_part(no_file.errors, "--access-code-file"));

    write_file(env.directory / "code", "00000000");
    const auto refused = env.init(env.by_options());
    CHECK(refused.exit_code == 1);
    CHECK(has_part(refused.output, "access_code_refused"));
    CHECK(has_part(refused.errors, "nothing is written"));

    const auto wrong_url =
        run_program({"--config", env.config().string(), "init", "--non-interactive", "--broker", "http://x",
                     "--serial", env.fleet.printers()[0].serial, "--host", "127.0.0.1", "--access-code-file",
                     (env.directory / "code").string()});
    CHECK(wrong_url.exit_code == 2);
    CHECK(has_part(wrong_url.errors, "broker.url"));
    CHECK_FALSE(std::filesystem::exists(env.config()));
}

TEST_CASE("init on a terminal: typing two access codes, one of them wrong at first, leads to entities") {
    InitEnvironment env{2};
    auto arguments = env.arguments();
    arguments.insert(arguments.begin(), program());
    Terminal terminal{arguments, env.environment()};
    for (const auto& printer : env.fleet.printers()) {
        REQUIRE_MESSAGE(terminal.wait_for("Simulated", test_timeout), terminal.output());
        CHECK(has_part(terminal.output(), printer.serial.substr(0, 3)));
    }
    terminal.type("");
    std::map<std::string, std::string> codes;
    for (const auto& printer : env.fleet.printers()) {
        codes[printer.serial] = printer.access_code;
    }
    std::string corrected;
    for (int asked = 0; asked < 2; ++asked) {
        REQUIRE_MESSAGE(terminal.wait_for("Access code of ", test_timeout), terminal.output());
        REQUIRE(terminal.wait_for(" (on its screen", test_timeout));
        const auto shown = terminal.output();
        const auto at = shown.rfind("Access code of ") + std::string_view{"Access code of "}.size();
        const auto serial = shown.substr(at, shown.find(' ', at) - at);
        CHECK_FALSE(terminal.echoes());
        if (asked == 0) {
            corrected = codes[serial];
            terminal.type("00000000");
        } else {
            terminal.type(codes[serial]);
        }
    }
    REQUIRE_MESSAGE(terminal.wait_for("access_code_refused", test_timeout), terminal.output());
    REQUIRE(terminal.wait_for("Access code of ", test_timeout));
    REQUIRE(terminal.wait_for(": ", test_timeout));
    terminal.type(corrected);
    const auto code = terminal.wait(test_timeout);
    REQUIRE_MESSAGE(code == 0, terminal.output());
    for (const auto& [serial, access_code] : codes) {
        CHECK_FALSE(has_part(terminal.output(), access_code));
    }
    CHECK(env.gateway_works({"x1c_0001", "p1s_0002"}));
}

TEST_CASE("a signal during a hidden question restores the terminal") {
    InitEnvironment env;
    auto arguments = env.arguments({"--serial", env.fleet.printers()[0].serial});
    arguments.insert(arguments.begin(), program());
    Terminal terminal{arguments, env.environment()};
    REQUIRE_MESSAGE(terminal.wait_for("Access code of ", test_timeout), terminal.output());
    CHECK_FALSE(terminal.echoes());
    terminal.signal(SIGINT);
    CHECK(terminal.wait(test_timeout) == 128 + SIGINT);
    CHECK_FALSE(std::filesystem::exists(env.config()));
}
