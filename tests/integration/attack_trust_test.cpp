// Attacks on the trust between gateway and printer: an attacker in the network announces the printer at his
// own address, presents his own certificates, and may send commands. All of it stays on loopback.
#include "integration/command_client.hpp"
#include "support/eventually.hpp"
#include "support/pki.hpp"
#include "support/ports.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::free_udp_port;
using bambu2mqtt::test_support::Mosquitto;
using bambu2mqtt::test_support::Pki;
using bambu2mqtt::test_support::read_file;

namespace {

constexpr const char* attackers_address = "127.0.0.77";
constexpr const char* may_trust = "[control]\ntrust_commands = true";

std::map<std::string, std::string> listening_on(std::uint16_t port) {
    return {{"BAMBU2MQTT_ANNOUNCEMENTS", fmt::format("127.0.0.1:{}", port)}};
}

std::string attribute_of(const TestEnvironment& env, const char* name) {
    const auto text = env.seen(0, "connection/attributes");
    const auto all = text.empty() ? json::object() : json::parse(text);
    return all.contains(name) && all[name].is_string() ? all[name].get<std::string>() : std::string{};
}

std::filesystem::path pin_of(TestEnvironment& env) {
    return env.gateway().directory() / "state/pins" / (env.fleet().printers()[0].serial + ".pem");
}

/// The attacker's broker at his own address, on the printer's port. It accepts any login.
class FalsePrinter {
  public:
    FalsePrinter(TestEnvironment& env, const std::string& common_name)
        : pki_(env.directory() / "attacker/ca", "Attacker"),
          leaf_(pki_.issue({.common_name = common_name}, "leaf")),
          broker_({.directory = env.directory() / "attacker/broker",
                   .listeners = {{.port = env.fleet().printers()[0].port,
                                  .address = attackers_address,
                                  .certificate = leaf_.certificate,
                                  .key = leaf_.key}}}) {
        auto notify = env.fleet().announcer().notify(0);
        std::this_thread::sleep_for(500ms); // lets the log entry of the readiness check pass
        before_ = connections();
        notify.address = attackers_address;
        env.fleet().announcer().change(0, notify);
    }

    [[nodiscard]] std::string fingerprint() const {
        return bambu2mqtt::test_support::with_colons(leaf_.sha256);
    }

    /// True if a client connected by TCP.
    [[nodiscard]] bool was_visited() const { return connections() > before_; }

    /// True if the access code was sent to the attacker: then his broker has seen a login with the printer's
    /// user name.
    [[nodiscard]] bool got_a_login() const { return broker_.log().find("u'bblp'") != std::string::npos; }

  private:
    [[nodiscard]] std::size_t connections() const {
        const auto log = broker_.log();
        std::size_t count = 0;
        for (auto at = log.find("New connection from"); at != std::string::npos;
             at = log.find("New connection from", at + 1)) {
            ++count;
        }
        return count;
    }

    Pki pki_;
    bambu2mqtt::test_support::Certificate leaf_;
    Mosquitto broker_;
    std::size_t before_ = 0;
};

} // namespace

TEST_CASE("two-step theft: neither an announcement nor a command makes the gateway trust another machine") {
    for (const bool names_the_serial : {false, true}) {
        CAPTURE(names_the_serial);
        const auto port = free_udp_port();
        TestEnvironment env{{.models = {"X1C"}, .announce_to = {port}}};
        REQUIRE(env.start_gateway({.more_lines = may_trust}, listening_on(port)));
        const auto pin = read_file(pin_of(env));
        REQUIRE_FALSE(pin.empty());
        env.fleet().broker().stop(); // the printer is switched off
        REQUIRE(env.sees(0, "availability", "offline"));

        FalsePrinter attacker{env, names_the_serial ? env.fleet().printers()[0].serial : "attacker.example"};
        CHECK(eventually(test_timeout, [&] { return attacker.was_visited(); })); // searched for, with the pin
        CommandClient client{env};
        const auto outcome = client.ask("trust_certificate", {{"fingerprint", attacker.fingerprint()}});
        CHECK(ending(outcome) == "refused conflict");
        CHECK_FALSE(eventually(3s, [&] { return attacker.got_a_login(); }));
        CHECK(read_file(pin_of(env)) == pin);
        CHECK(attribute_of(env, "fingerprint").empty());

        env.fleet().broker().start();
        CHECK(env.sees(0, "connection", "connected")); // the real printer is not locked out
        CHECK_FALSE(attacker.got_a_login());
    }
}

TEST_CASE("a host that takes over the printer's address is not trusted without a certificate that names the "
          "printer") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway({.more_lines = may_trust}));
    const auto pin = read_file(pin_of(env));
    env.fleet().replace_certificate(0, {.common_name = "attacker.example"});
    env.fleet().broker().stop();
    env.fleet().broker().start();
    REQUIRE(env.sees(0, "connection", "tls_untrusted"));
    const auto shown = bambu2mqtt::test_support::with_colons(env.fleet().printers()[0].certificate_sha256);
    REQUIRE(eventually(test_timeout, [&] { return attribute_of(env, "fingerprint") == shown; }));
    CommandClient client{env};
    const auto outcome = client.ask("trust_certificate", {{"fingerprint", shown}});
    CHECK(ending(outcome) == "refused conflict");
    CHECK(says(outcome, "is for 'attacker.example'"));
    CHECK(read_file(pin_of(env)) == pin);

    env.fleet().replace_certificate(0, {.common_name = env.fleet().printers()[0].serial});
    env.fleet().broker().stop();
    env.fleet().broker().start();
    const auto renewed = bambu2mqtt::test_support::with_colons(env.fleet().printers()[0].certificate_sha256);
    CHECK(ending(client.ask("trust_certificate", {{"fingerprint", renewed}})) == "done");
    CHECK(env.sees(0, "connection", "connected"));
}

TEST_CASE("trust_certificate does nothing unless the configuration enables it") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    CommandClient client{env};
    const auto shown = bambu2mqtt::test_support::with_colons(env.fleet().printers()[0].certificate_sha256);
    const auto outcome = client.ask("trust_certificate", {{"fingerprint", shown}});
    CHECK(ending(outcome) == "refused not_allowed");
    CHECK(says(outcome, "control.trust_commands"));
}

TEST_CASE("first contact: with a configured host no other address is contacted, whatever it announces") {
    const auto port = free_udp_port();
    TestEnvironment env{{.models = {"X1C"}, .announce_to = {port}}};
    env.fleet().broker().stop();
    FalsePrinter attacker{env, env.fleet().printers()[0].serial};
    env.observe();
    env.gateway().configure(env.config());
    env.gateway().start(listening_on(port));
    CHECK(env.sees(0, "connection", "unreachable"));
    CHECK(eventually(test_timeout, [&] {
        return attribute_of(env, "hint").find("trusted only at host") != std::string::npos;
    }));
    CHECK_FALSE(eventually(5s, [&] { return attacker.was_visited(); }));
    CHECK_FALSE(std::filesystem::exists(pin_of(env)));

    env.fleet().broker().start();
    CHECK(env.sees(0, "connection", "connected"));
    CHECK_FALSE(attacker.got_a_login());
}

TEST_CASE("pin never contacts an address that was only announced") {
    const auto port = free_udp_port();
    TestEnvironment env{{.models = {"X1C"}, .announce_to = {port}}};
    FalsePrinter attacker{env, env.fleet().printers()[0].serial};
    auto without_host = env.fleet().printers()[0];
    without_host.host.clear();
    env.gateway().configure(env.config({.replace = {{0, without_host}}}));
    const auto pinned =
        env.gateway().command_request({"pin", "--yes", "--force", without_host.serial}, listening_on(port));
    CHECK(pinned.exit_code == 1);
    CHECK(pinned.errors.find("host is not set") != std::string::npos);
    CHECK_FALSE(attacker.was_visited());
    CHECK_FALSE(std::filesystem::exists(pin_of(env)));
}

TEST_CASE("pin prints foreign names without terminal escapes and trusts none of them without --force") {
    TestEnvironment env{{.models = {"X1C"}}};
    const auto serial = env.fleet().printers()[0].serial;
    env.fleet().replace_certificate(0, {.common_name = "evil\x1b]0;x\x07\xff" + serial});
    env.fleet().broker().stop();
    env.fleet().broker().start();
    env.gateway().configure(env.config());
    const auto refused = env.gateway().command_request({"pin", "--yes", serial});
    CHECK(refused.exit_code == 1);
    CHECK(refused.output.find("evil?]0;x?") != std::string::npos);
    CHECK(refused.output.find("NOT the serial") != std::string::npos);
    CHECK(refused.errors.find("--force") != std::string::npos);
    for (const auto& text : {refused.output, refused.errors}) {
        CHECK(text.find_first_of("\x1b\x07\xff") == std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(pin_of(env)));
    CHECK(env.gateway().command_request({"pin", "--yes", "--force", serial}).exit_code == 0);
    CHECK(std::filesystem::exists(pin_of(env)));
}

TEST_CASE("pin asks for confirmation on a terminal and requires --yes without one") {
    TestEnvironment env{{.models = {"X1C"}}};
    const auto serial = env.fleet().printers()[0].serial;
    env.gateway().configure(env.config());
    const auto silent = env.gateway().command_request({"pin", serial});
    CHECK(silent.exit_code == 1);
    CHECK(silent.output.find(bambu2mqtt::test_support::with_colons(
              env.fleet().printers()[0].certificate_sha256)) != std::string::npos);
    CHECK(silent.errors.find("--yes") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(pin_of(env)));

    const auto line =
        fmt::format("'{}' --config '{}' pin {}", program(), env.gateway().config_file().string(), serial);
    const auto on_a_terminal = [&](const char* answer) {
        return run_command({"sh", "-c",
                            "(sleep 2; echo " + std::string(answer) + "; sleep 2) | script -qec \"" + line +
                                "\" /dev/null"});
    };
    const auto no = on_a_terminal("n");
    CHECK(no.exit_code == 1);
    CHECK(no.output.find("[y/N]") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(pin_of(env)));
    const auto yes = on_a_terminal("y");
    CHECK(yes.exit_code == 0);
    CHECK(yes.output.find("trusted from now on") != std::string::npos);
    CHECK(std::filesystem::exists(pin_of(env)));

    const auto again =
        env.gateway().command_request({"pin", serial}); // already pinned: no confirmation needed
    CHECK(again.exit_code == 0);
    CHECK(again.output.find("trusted already") != std::string::npos);
}

TEST_CASE(
    "files.directory inside the state directory cannot expose the pins; no other folder in it is accepted") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    REQUIRE(env.local_files() == env.gateway().directory() / "state/files");
    const auto pin = read_file(pin_of(env));
    CommandClient client{env};
    for (const auto& path : {std::string("../pins/") + pin_of(env).filename().string(), pin_of(env).string(),
                             (env.local_files() / ".." / "pins/x").string()}) {
        CAPTURE(path);
        CHECK(ending(client.ask("download_sdcard_file", {{"src", "/x.3mf"}, {"dest", path}})) ==
              "refused not_allowed");
        CHECK(ending(client.ask("upload_sdcard_file", {{"src", path}, {"dest", "/x.3mf"}})) ==
              "refused not_allowed");
    }
    CHECK(read_file(pin_of(env)) == pin);
    CHECK(env.gateway().stop() == 0);

    auto text = env.config();
    const auto files = env.local_files().string();
    text.replace(text.find(files), files.size(), (env.gateway().directory() / "state/pins").string());
    env.gateway().configure(text);
    for (const auto* const command : {"check", "run"}) {
        const auto refused = env.gateway().command_request({command});
        CHECK(refused.exit_code == 2);
        CHECK(refused.errors.find("state/pins', which lies inside state_directory '") != std::string::npos);
    }
}
