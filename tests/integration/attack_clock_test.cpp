// First contact on a bad day of the gateway's own machine: its clock is wrong, its disk is full or read-only.
#include "integration/caller.hpp"
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

std::string told(const House& house, const char* name) {
    const auto text = house.seen(0, "connection/attributes");
    const auto all = text.empty() ? json::object() : json::parse(text);
    return all.contains(name) && all[name].is_string() ? all[name].get<std::string>() : std::string{};
}

bool tells(const House& house, const char* name, const std::string& part) {
    return eventually(patience, [&] { return told(house, name).find(part) != std::string::npos; });
}

bool printer_saw_a_login(House& house) {
    return house.farm().broker().log().find("as bambu2mqtt-") != std::string::npos;
}

/// Two years in either direction: outside of a printer's ten years that began yesterday, or of its one day.
constexpr const char* two_years_slow = "-63072000";
constexpr const char* two_years_fast = "63072000";

} // namespace

TEST_CASE("a clock before or after a certificate's validity is told as that, and over as soon as it is set") {
    if (bambu2mqtt::test_support::sanitized) {
        MESSAGE("skipped: a sanitizer wants to be loaded first");
        return;
    }
    for (const bool pinned : {false, true}) {
        for (const auto* const wrong_by : {two_years_slow, two_years_fast}) {
            CAPTURE(pinned);
            CAPTURE(wrong_by);
            House house{{.models = {"X1C"}}};
            house.farm().replace_certificate(
                0, {.common_name = house.farm().printers()[0].serial, .valid_until = std::chrono::hours{24}});
            house.farm().broker().stop();
            house.farm().broker().start();
            const auto clock = house.directory() / "clock";
            const std::map<std::string, std::string> environment{{"LD_PRELOAD", BAMBU2MQTT_SHIFTED_CLOCK},
                                                                 {"BAMBU2MQTT_TEST_CLOCK", clock.string()}};
            house.observe();
            house.gateway().configure(house.config());
            if (pinned) {
                REQUIRE(house.gateway().call({"pin", "--yes", house.farm().printers()[0].serial}).exit_code ==
                        0);
            }
            write_file(clock, wrong_by);
            house.gateway().start(environment);
            CHECK(house.sees(0, "connection", "tls_untrusted"));
            CHECK(tells(house, "hint", "the clock of this machine"));
            CHECK(tells(house, "error", wrong_by == two_years_slow ? "is not valid yet" : "has expired"));
            CHECK_FALSE(printer_saw_a_login(house));
            write_file(clock, "0");
            CHECK(house.sees(0, "connection", "connected")); // not five minutes later
            CHECK(house.gateway().stop() == 0);
        }
    }
}

TEST_CASE("a certificate that becomes valid is taken after the usual wait") {
    House house{{.models = {"X1C"}}};
    house.farm().replace_certificate(
        0, {.common_name = house.farm().printers()[0].serial, .valid_from = std::chrono::seconds{12}});
    house.farm().broker().stop();
    house.farm().broker().start();
    house.observe();
    house.gateway().configure(house.config());
    house.gateway().start();
    CHECK(house.sees(0, "connection", "tls_untrusted"));
    CHECK(tells(house, "hint", "set the clock of this machine"));
    CHECK(house.sees(0, "connection", "connected", 60s));
}

TEST_CASE("a disk that is read-only at the first contact is told as that, and the access code stays here") {
    House house{{.models = {"X1C"}}};
    fs::create_directories(house.gateway().directory() / "state");
    // Neither root nor others can make files there.
    fs::create_directory_symlink("/proc/sys/net", house.gateway().directory() / "state/pins");
    house.observe();
    house.gateway().configure(house.config());
    house.gateway().start();
    CHECK(house.sees(0, "connection", "pin_unavailable"));
    CHECK(tells(house, "error", "the certificate cannot be remembered"));
    CHECK(tells(house, "hint", "state_directory"));
    CHECK(told(house, "hint").find("replaced") == std::string::npos);
    CHECK_FALSE(printer_saw_a_login(house));

    fs::remove(house.gateway().directory() / "state/pins");
    CHECK(house.sees(0, "connection", "connected", 60s));
}

TEST_CASE("a disk that is full at the first contact is told as that, and over when there is room") {
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
    House house{{.models = {"X1C"}}};
    const auto pins = house.gateway().directory() / "state/pins";
    fs::create_directories(pins);
    house.observe();
    house.gateway().configure(house.config());
    auto command = own_mounts;
    command.insert(command.end(),
                   {"sh", "-c",
                    "mount -t tmpfs -o size=4k none \"$1\" && head -c 4096 /dev/zero > \"$1/full\" && "
                    "exec \"$2\" --config \"$3\"",
                    "sh", pins.string(), program(), house.gateway().config_file().string()});
    Process gateway{{.arguments = command,
                     .output = house.directory() / "gateway.log",
                     .environment = {{"BAMBU2MQTT_ANNOUNCEMENTS", "off"}, {"BAMBU2MQTT_CORE_DUMPS", "1"}}}};
    CHECK(house.sees(0, "connection", "pin_unavailable"));
    CHECK(tells(house, "error", "No space left on device"));
    CHECK(tells(house, "hint", "its disk is not full"));
    CHECK_FALSE(printer_saw_a_login(house));

    const auto inside = fs::path{fmt::format("/proc/{}/root", gateway.pid())} / pins.relative_path();
    std::error_code problem;
    REQUIRE_MESSAGE(fs::remove(inside / "full", problem), problem.message());
    CHECK(house.sees(0, "connection", "connected", 60s));
    CHECK(fs::exists(inside / (house.farm().printers()[0].serial + ".pem")));
    CHECK(gateway.terminate() == 0);
}
