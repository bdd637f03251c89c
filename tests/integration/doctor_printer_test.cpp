// The command doctor with simulated printers: each fault gives its finding and no other.
#include "integration/doctor_fixture.hpp"
#include "support/vsftpd.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::free_port;
using bambu2mqtt::test_support::Vsftpd;
using nlohmann::json;

namespace {

/// An environment with one X1C whose id is "x".
struct OnePrinter {
    TestEnvironment env{{.models = {"X1C"}}};

    explicit OnePrinter() { configure(with_file_port(env)); }

    void configure(const bambu2mqtt::simulator::FleetPrinter& printer) {
        env.gateway().configure(
            env.config({.printer_lines = {{0, "id = \"x\""}}, .replace = {{0, printer}}}));
    }

    void replace_certificate(const bambu2mqtt::test_support::CertificateOptions& options) {
        env.fleet().replace_certificate(0, options);
        env.fleet().broker().stop();
        env.fleet().broker().start();
    }

    [[nodiscard]] std::string serial() { return env.fleet().printers()[0].serial; }

    [[nodiscard]] bool stored_nothing() const {
        return !std::filesystem::exists(env.directory() / "gateway/state/pins");
    }
};

std::uint64_t milliseconds_now() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

} // namespace

TEST_CASE("doctor finds nothing where nothing is wrong, and stores and leaves nothing") {
    OnePrinter one;
    auto& observer = one.env.observe();
    observer.publish({.topic = "homeassistant/status", .payload = "online", .qos = 1, .retained = true});
    one.env.fleet().with(0, [](auto& printer) { printer.merge({{"t_utc", milliseconds_now()}}); });
    const auto run = run_doctor(one.env);
    CHECK_MESSAGE(run.exit_code == 0, run.text);
    CHECK(run.findings.empty());
    for (const auto* const check :
         {"address", "port", "login", "rights bambu2mqtt/#", "rights homeassistant/#", "home_assistant"}) {
        CAPTURE(check);
        CHECK(run.result("broker", check) == "ok");
    }
    for (const auto* const check : {"address", "port mqtt", "port ftps", "certificate", "login", "reports",
                                    "signature", "storage", "clock"}) {
        CAPTURE(check);
        CHECK(run.result("x", check) == "ok");
    }
    CHECK(run.result("configuration", "file") == "ok");
    CHECK(one.stored_nothing());
    CHECK(one.env.retained() == Retained{{"homeassistant/status", "online"}});
    CHECK(run.text.find(one.env.fleet().printers()[0].access_code) == std::string::npos);

    const auto lines = one.env.gateway().command_request({"doctor", "x"});
    CHECK(lines.exit_code == 0);
    CHECK(lines.output.find("x              login                    ok\n") != std::string::npos);
    const auto unknown = one.env.gateway().command_request({"doctor", "y"});
    CHECK(unknown.exit_code == 2);
    CHECK(unknown.errors.find("no printer 'y'") != std::string::npos);
}

TEST_CASE("doctor opens the real file service's port") {
    if (!Vsftpd::available()) {
        MESSAGE("skipped: vsftpd cannot run here");
        return;
    }
    TestEnvironment env{{.models = {"X1C"}, .file_servers = true}};
    env.gateway().configure(env.config());
    const auto run = run_doctor(env);
    CHECK_MESSAGE(run.findings.empty(), run.text);
}

TEST_CASE("doctor finds a wrong configuration of a printer, each by its finding alone") {
    OnePrinter one;
    auto printer = with_file_port(one.env);
    SUBCASE("access code") {
        printer.access_code = "00000000";
        one.configure(printer);
        check_finding(one.env, "x access_code_refused");
    }
    SUBCASE("serial") {
        printer.serial.back() = printer.serial.back() == '9' ? '8' : '9';
        one.configure(printer);
        check_finding(one.env, "x certificate_of_another");
    }
    SUBCASE("name") {
        printer.host = "printer.invalid";
        one.configure(printer);
        check_finding(one.env, "x printer_name_unknown");
    }
    SUBCASE("no address") {
        printer.host.clear();
        one.configure(printer);
        check_finding(one.env, "x printer_without_address");
    }
    CHECK(one.stored_nothing());
}

TEST_CASE("doctor tells a printer that is off from a blocked port") {
    OnePrinter one;
    auto printer = with_file_port(one.env);
    const auto open = printer.port;
    printer.port = free_port();
    one.configure(printer);
    check_finding(one.env, "x mqtt_port_blocked");
    printer.ftps_port = free_port();
    one.configure(printer);
    check_finding(one.env, "x printer_unreachable");
    printer.port = open;
    one.configure(printer);
    check_finding(one.env, "x ftps_port_blocked");
}

TEST_CASE("doctor compares the certificate with the pin, and with the clock") {
    OnePrinter one;
    one.replace_certificate({.common_name = one.serial(), .valid_until = std::chrono::hours{-1}});
    check_finding(one.env, "x certificate_expired");
    one.replace_certificate({.common_name = one.serial(), .valid_from = std::chrono::hours{1}});
    check_finding(one.env, "x clock_behind");
    one.replace_certificate({.common_name = one.serial()});
    REQUIRE(one.env.gateway().command_request({"pin", "--yes", "x"}).exit_code == 0);
    CHECK(run_doctor(one.env).findings.empty());
    one.replace_certificate({.common_name = one.serial()});
    check_finding(one.env, "x certificate_changed");
    one.replace_certificate({.common_name = "01S00C000000099"});
    check_finding(one.env, "x certificate_of_another");
}

TEST_CASE("doctor finds a printer that sends nothing") {
    OnePrinter one;
    one.env.fleet().driver().set_mute(0, true);
    check_finding(one.env, "x no_reports");
}

TEST_CASE("doctor finds what a printer's reports say") {
    OnePrinter one;
    SUBCASE("signed commands") {
        one.env.fleet().with(0, [](auto& printer) { printer.set_developer_mode(false); });
        check_finding(one.env, "x signature_needed");
    }
    SUBCASE("no storage") {
        one.env.fleet().with(0, [](auto& printer) {
            printer.merge({{"sdcard", false}, {"home_flag", 0}, {"aux", "0"}});
        });
        check_finding(one.env, "x storage_missing");
    }
    SUBCASE("clock") {
        one.env.fleet().with(0, [](auto& printer) {
            printer.merge({{"t_utc", milliseconds_now() - 561'600'000}}); // 6.5 days
        });
        check_finding(one.env, "x printer_clock_wrong");
    }
}

TEST_CASE("beside a running gateway doctor opens no session") {
    OnePrinter one;
    one.env.observe();
    one.env.gateway().start();
    REQUIRE(one.env.observer().wait_for_latest("bambu2mqtt/x/availability", "online", test_timeout));
    const auto sessions = one.env.fleet().driver().newest_session(0);
    const auto run = run_doctor(one.env);
    CHECK_MESSAGE(run.exit_code == 0, run.text);
    CHECK(run.result("gateway", "running") == "ok");
    CHECK(run.result("broker", "session") == "ok");
    for (const auto* const check : {"session", "signature", "storage"}) {
        CAPTURE(check);
        CHECK(run.result("x", check) == "ok");
    }
    CHECK(one.env.fleet().driver().newest_session(0) == sessions);
    const auto socket = one.env.gateway().directory() / "state/gateway.sock";
    CHECK(std::filesystem::status(socket).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));

    one.env.fleet().change_access_code(0, "00000000");
    REQUIRE(one.env.observer().wait_for_latest("bambu2mqtt/x/connection", "auth_refused", test_timeout));
    check_finding(one.env, "x access_code_refused");
    std::filesystem::remove(socket);
    check_finding(one.env, "gateway gateway_running");
    CHECK(one.env.gateway().stop() == 0);
    check_finding(one.env, "x access_code_refused");
}
