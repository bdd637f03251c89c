// bridge/request/printers and bridge/request/reload: what they do, and what nobody may do with them. Requests
// cannot name a port, so the printers added here are at the real one, 8883, on loopback.
#include "integration/command_client.hpp"
#include "support/eventually.hpp"
#include "support/pki.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::simulator::FleetOptions;
using bambu2mqtt::simulator::PrinterFleet;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::Mosquitto;
using bambu2mqtt::test_support::ObservedMessage;
using bambu2mqtt::test_support::Pki;
using bambu2mqtt::test_support::read_file;

namespace {

constexpr std::uint16_t real_port = 8883;
constexpr const char* attackers_host = "127.0.0.78";
constexpr const char* may_manage = "[control]\nmanage_printers = true";
constexpr const char* managed_id = "p1s_0001";

/// A configured printer, and one that is not: `added` is empty if its port is in use on this machine.
struct ManagedEnvironment {
    TestEnvironment env{{.models = {"X1C"}}};
    std::optional<PrinterFleet> added;

    explicit ManagedEnvironment(const std::string& control = may_manage) {
        try {
            added.emplace(FleetOptions{.directory = env.directory() / "added",
                                       .models = {"P1S"},
                                       .report_interval = 250ms,
                                       .same_port = true,
                                       .at_port = real_port});
        } catch (const std::runtime_error& error) {
            MESSAGE("skipped: port 8883 is in use: ", error.what());
            return;
        }
        REQUIRE(env.start_gateway({.more_lines = control}));
    }

    [[nodiscard]] std::string serial() const { return added->printers()[0].serial; }

    [[nodiscard]] std::string code() const { return added->printers()[0].access_code; }

    [[nodiscard]] json printer() const {
        return {{"serial", serial()}, {"host", added->printers()[0].host}, {"access_code", code()}};
    }

    /// Sends a request and returns its outcome.
    json ask(const std::string& name, json arguments = json::object()) {
        const auto id = fmt::format("r{}", ++requests_);
        arguments["request_id"] = id;
        const auto from = env.observer().count();
        env.observer().publish(
            {.topic = "bambu2mqtt/bridge/request/" + name, .payload = arguments.dump(), .qos = 1});
        const auto answer = env.observer().wait_for(
            [&](const ObservedMessage& message) {
                return message.topic == "bambu2mqtt/bridge/response/" + name &&
                       message.payload.find('"' + id + '"') != std::string::npos;
            },
            test_timeout, from);
        return answer ? json::parse(answer->payload) : json();
    }

    json manage(const std::string& action, const json& keys) {
        return ask("printers", {{"action", action}, {"printer", keys}});
    }

    [[nodiscard]] bool becomes(const std::string& availability) {
        return eventually(test_timeout, [&] {
            return env.observer()
                       .latest(fmt::format("bambu2mqtt/{}/availability", managed_id))
                       .value_or("") == availability;
        });
    }

    [[nodiscard]] std::filesystem::path file() { return env.gateway().directory() / "state/printers.toml"; }

  private:
    int requests_ = 0;
};

} // namespace

TEST_CASE("a printer is added, changed and removed by requests; it stays over a restart, its pin for ever") {
    ManagedEnvironment managed;
    if (!managed.added) {
        return;
    }
    auto& env = managed.env;
    const auto added = managed.manage("add", managed.printer());
    CHECK(ending(added) == "done");
    CHECK(added["data"]["added"] == json{managed_id});
    CHECK(managed.becomes("online"));
    CHECK((std::filesystem::status(managed.file()).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK(ending(managed.manage("add", managed.printer())) == "refused conflict");

    CHECK(env.gateway().stop() == 0);
    env.gateway().start();
    CHECK(managed.becomes("online"));
    const auto sessions = managed.added->driver().newest_session(0);
    const auto changed =
        managed.manage("change", {{"serial", managed.serial()}, {"name", "Attic"}, {"groups", {"pla"}}});
    CHECK(ending(changed) == "done");
    CHECK(changed["data"]["changed"] == json{managed_id});
    CHECK(eventually(test_timeout, [&] {
        return env.observer().latest("bambu2mqtt/bridge/devices").value_or("").find("\"Attic\"") !=
               std::string::npos;
    }));
    CHECK(managed.added->driver().newest_session(0) == sessions);
    CHECK(ending(managed.ask("reload")) == "done");

    const auto removed = managed.manage("remove", {{"serial", managed.serial()}});
    CHECK(ending(removed) == "done");
    CHECK(eventually(test_timeout, [&] {
        for (const auto& message : env.retained()) {
            if (message.first.find(managed_id) != std::string::npos ||
                message.first.find(managed.serial()) != std::string::npos) {
                return false;
            }
        }
        return true;
    }));
    CHECK(std::filesystem::exists(env.gateway().directory() / "state/pins" / (managed.serial() + ".pem")));
    CHECK(env.seen(0, "availability") == "online");
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE(
    "requests for printers cannot reach files, the environment, identity checks or configured printers") {
    ManagedEnvironment managed;
    if (!managed.added) {
        return;
    }
    auto& env = managed.env;
    const auto with = [&](const std::string& key, const json& value) {
        auto keys = managed.printer();
        keys[key] = value;
        return keys;
    };
    for (const std::string key : {"tls", "ca_file", "access_code_file", "username", "allow", "mqtt_port"}) {
        CAPTURE(key);
        CHECK(ending(managed.manage("add", with(key, "insecure"))) == "refused not_allowed");
    }
    CHECK(ending(managed.manage("add", with("access_code", "${HOME}"))) == "refused not_allowed");
    CHECK(ending(managed.manage("add", with("host", "http://x"))) == "refused invalid_argument");
    CHECK(ending(managed.manage("add", with("id", "bridge"))) == "refused invalid_argument");
    CHECK(ending(managed.manage("add", with("groups", {"all"}))) == "refused invalid_argument");
    CHECK(ending(managed.manage("add", with("name", std::string(1000, 'x')))) == "refused invalid_argument");
    CHECK(ending(managed.manage("destroy", managed.printer())) == "refused invalid_argument");
    for (const std::string action : {"add", "change", "remove"}) {
        CAPTURE(action);
        CHECK(ending(managed.manage(action, with("serial", env.fleet().printers()[0].serial))) ==
              "refused conflict");
    }
    CHECK_FALSE(std::filesystem::exists(managed.file()));
    CHECK(managed.added->driver().newest_session(0) == 0);
    CHECK(env.seen(0, "availability") == "online");
}

TEST_CASE(
    "a removed printer that is added again at an attacker's host keeps its pin: no access code is sent") {
    ManagedEnvironment managed;
    if (!managed.added) {
        return;
    }
    auto& env = managed.env;
    REQUIRE(ending(managed.manage("add", managed.printer())) == "done");
    REQUIRE(managed.becomes("online"));
    Pki pki{env.directory() / "attacker/ca", "Attacker"};
    const auto leaf = pki.issue({.common_name = managed.serial()}, "leaf");
    const Mosquitto attacker{{.directory = env.directory() / "attacker/broker",
                              .listeners = {{.port = real_port,
                                             .address = attackers_host,
                                             .certificate = leaf.certificate,
                                             .key = leaf.key}}}};
    CHECK(ending(managed.manage("change", {{"serial", managed.serial()}, {"host", attackers_host}})) ==
          "refused not_allowed");
    REQUIRE(ending(managed.manage("remove", {{"serial", managed.serial()}})) == "done");
    auto there = managed.printer();
    there["host"] = attackers_host;
    REQUIRE(ending(managed.manage("add", there)) == "done");
    CHECK(managed.becomes("offline"));
    CHECK(eventually(test_timeout, [&] {
        return env.observer().latest(fmt::format("bambu2mqtt/{}/connection", managed_id)).value_or("") ==
               "tls_untrusted";
    }));
    CHECK(attacker.log().find("u'bblp'") == std::string::npos);

    // Nothing the gateway has published or logged has the access code.
    for (const auto& message : env.observer().messages()) {
        if (!message.topic.ends_with("/bridge/request/printers")) {
            CAPTURE(message.topic);
            CHECK(message.payload.find(managed.code()) == std::string::npos);
        }
    }
    CHECK(env.gateway().log().find(managed.code()) == std::string::npos);
}

TEST_CASE("requests for printers need control.manage_printers and control.allow; retained ones are cleared") {
    for (const std::string control :
         {"[control]\nallow = \"full\"", "[control]\nmanage_printers = true\nallow = \"safe\""}) {
        CAPTURE(control);
        ManagedEnvironment managed{control};
        if (!managed.added) {
            return;
        }
        CHECK(ending(managed.manage("add", managed.printer())) == "refused not_allowed");
        CHECK_FALSE(std::filesystem::exists(managed.file()));
    }
    ManagedEnvironment managed;
    auto& env = managed.env;
    const std::string topic = "bambu2mqtt/bridge/request/printers";
    const json retained{{"action", "add"}, {"printer", managed.printer()}};
    CHECK(env.gateway().stop() == 0);
    env.observer().publish({.topic = topic, .payload = retained.dump(), .qos = 1, .retained = true});
    REQUIRE(eventually(test_timeout, [&] { return env.retained().contains(topic); }));
    env.gateway().start();
    CHECK(eventually(test_timeout, [&] { return !env.retained().contains(topic); }));
    CHECK(env.sees(0, "availability", "online"));
    CHECK_FALSE(std::filesystem::exists(managed.file()));
    CHECK(managed.added->driver().newest_session(0) == 0);
}
