// First contact while the gateway's own machine has a problem: a wrong clock, a full or read-only disk.
#include "integration/command_client.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/sanitizers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::Process;
using bambu2mqtt::test_support::write_file;

namespace {

namespace fs = std::filesystem;

std::string attribute(const TestEnvironment& env, const char* name) {
    const auto text = env.seen(0, "connection/attributes");
    const auto all = text.empty() ? json::object() : json::parse(text);
    return all.contains(name) && all[name].is_string() ? all[name].get<std::string>() : std::string{};
}

bool shows(const TestEnvironment& env, const char* name, const std::string& part) {
    return eventually(test_timeout, [&] { return attribute(env, name).find(part) != std::string::npos; });
}

bool printer_saw_a_login(TestEnvironment& env) {
    return env.fleet().broker().log().find("as bambu2mqtt-") != std::string::npos;
}

/// Two years in either direction: outside the printer's validity of ten years that began yesterday, or of one
/// day.
constexpr const char* two_years_slow = "-63072000";
constexpr const char* two_years_fast = "63072000";

} // namespace

TEST_CASE("a clock outside a certificate's validity is reported as such, and the printer connects once the "
          "clock is set") {
    if (bambu2mqtt::test_support::sanitized) {
        MESSAGE("skipped: a sanitizer wants to be loaded first");
        return;
    }
    for (const bool pinned : {false, true}) {
        for (const auto* const wrong_by : {two_years_slow, two_years_fast}) {
            CAPTURE(pinned);
            CAPTURE(wrong_by);
            TestEnvironment env{{.models = {"X1C"}}};
            env.fleet().replace_certificate(
                0, {.common_name = env.fleet().printers()[0].serial, .valid_until = std::chrono::hours{24}});
            env.fleet().broker().stop();
            env.fleet().broker().start();
            const auto clock = env.directory() / "clock";
            const std::map<std::string, std::string> environment{{"LD_PRELOAD", BAMBU2MQTT_SHIFTED_CLOCK},
                                                                 {"BAMBU2MQTT_TEST_CLOCK", clock.string()}};
            env.observe();
            env.gateway().configure(env.config());
            if (pinned) {
                REQUIRE(env.gateway()
                            .command_request({"pin", "--yes", env.fleet().printers()[0].serial})
                            .exit_code == 0);
            }
            write_file(clock, wrong_by);
            env.gateway().start(environment);
            CHECK(env.sees(0, "connection", "tls_untrusted"));
            CHECK(shows(env, "hint", "the clock of this machine"));
            CHECK(shows(env, "error", wrong_by == two_years_slow ? "is not valid yet" : "has expired"));
            CHECK_FALSE(printer_saw_a_login(env));
            write_file(clock, "0");
            CHECK(env.sees(0, "connection", "connected")); // not five minutes later
            CHECK(env.gateway().stop() == 0);
        }
    }
}

TEST_CASE("a certificate that becomes valid is accepted after the usual retry delay") {
    TestEnvironment env{{.models = {"X1C"}}};
    env.fleet().replace_certificate(
        0, {.common_name = env.fleet().printers()[0].serial, .valid_from = std::chrono::seconds{12}});
    env.fleet().broker().stop();
    env.fleet().broker().start();
    env.observe();
    env.gateway().configure(env.config());
    env.gateway().start();
    CHECK(env.sees(0, "connection", "tls_untrusted"));
    CHECK(shows(env, "hint", "set the clock of this machine"));
    CHECK(env.sees(0, "connection", "connected"));
}

TEST_CASE("a read-only disk at first contact is reported as such, and the access code is not sent") {
    TestEnvironment env{{.models = {"X1C"}}};
    fs::create_directories(env.gateway().directory() / "state");
    // Neither root nor others can create files there.
    fs::create_directory_symlink("/proc/sys/net", env.gateway().directory() / "state/pins");
    env.observe();
    env.gateway().configure(env.config());
    env.gateway().start();
    CHECK(env.sees(0, "connection", "pin_unavailable"));
    CHECK(shows(env, "error", "the certificate cannot be stored"));
    CHECK(shows(env, "hint", "state_directory"));
    CHECK(attribute(env, "hint").find("replaced") == std::string::npos);
    CHECK_FALSE(printer_saw_a_login(env));

    fs::remove(env.gateway().directory() / "state/pins");
    CHECK(env.sees(0, "connection", "connected"));
}

TEST_CASE("a full disk at first contact is reported as such, and the printer connects once there is space") {
    const bool root = geteuid() == 0;
    const std::vector<std::string> own_mounts =
        root ? std::vector<std::string>{"unshare", "--mount"}
             : std::vector<std::string>{"unshare", "--map-root-user", "--mount"};
    auto probe = own_mounts;
    probe.insert(probe.end(), {"mount", "-t", "tmpfs", "none", "/mnt"});
    if (run_command(probe).exit_code != 0) {
        MESSAGE("skipped: no disk of a test's own can be mounted here");
        return;
    }
    TestEnvironment env{{.models = {"X1C"}}};
    const auto pins = env.gateway().directory() / "state/pins";
    fs::create_directories(pins);
    env.observe();
    env.gateway().configure(env.config());
    auto command = own_mounts;
    command.insert(command.end(),
                   {"sh", "-c",
                    "mount -t tmpfs -o size=4k none \"$1\" && head -c 4096 /dev/zero > \"$1/full\" && "
                    "exec \"$2\" --config \"$3\"",
                    "sh", pins.string(), program(), env.gateway().config_file().string()});
    Process gateway{{.arguments = command,
                     .output = env.directory() / "gateway.log",
                     .environment = {{"BAMBU2MQTT_ANNOUNCEMENTS", "off"}, {"BAMBU2MQTT_CORE_DUMPS", "1"}}}};
    CHECK(env.sees(0, "connection", "pin_unavailable"));
    CHECK(shows(env, "error", "No space left on device"));
    CHECK(shows(env, "hint", "its disk is not full"));
    CHECK_FALSE(printer_saw_a_login(env));

    const auto inside = fs::path{fmt::format("/proc/{}/root", gateway.pid())} / pins.relative_path();
    std::error_code problem;
    REQUIRE_MESSAGE(fs::remove(inside / "full", problem), problem.message());
    CHECK(env.sees(0, "connection", "connected"));
    CHECK(fs::exists(inside / (env.fleet().printers()[0].serial + ".pem")));
    CHECK(gateway.terminate() == 0);
}
