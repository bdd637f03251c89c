// The command doctor with real brokers: each fault gives its finding and no other.
#include "integration/doctor_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <string>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::free_port;
using bambu2mqtt::test_support::Mosquitto;
using bambu2mqtt::test_support::MqttObserver;
using bambu2mqtt::test_support::ObserverOptions;
using bambu2mqtt::test_support::write_file;

namespace {

const std::string broker_password = "canary-broker-5120";

/// The configuration with one printer, at this broker.
void use_broker(TestEnvironment& env, std::uint16_t port, const std::string& lines = {}) {
    env.gateway().configure(
        env.config({.broker_lines = lines, .replace = {{0, with_file_port(env)}}, .broker_port = port}));
}

std::string login_lines(const std::string& password) {
    return "username = \"gateway\"\npassword = \"" + password + "\"";
}

} // namespace

TEST_CASE("doctor finds a broker that refuses the password, and never shows the password") {
    TestEnvironment env{{.models = {"X1C"}, .password = broker_password}};
    use_broker(env, env.broker().port(), login_lines("canary-wrong-5121"));
    check_finding(env, "broker broker_login_refused");
    const auto run = run_doctor(env);
    CHECK(run.text.find("canary") == std::string::npos);
    use_broker(env, env.broker().port(), login_lines(broker_password));
    CHECK(run_doctor(env).findings.empty());
}

TEST_CASE("doctor finds missing rights below each prefix, reading and writing apart") {
    struct Row {
        std::string rights;
        std::string check;
        std::string finding;
    };

    const std::vector<Row> rows{
        {"topic read bambu2mqtt/#\ntopic readwrite homeassistant/#\n", "rights bambu2mqtt/#",
         "broker broker_publish_refused"},
        {"topic write bambu2mqtt/#\ntopic readwrite homeassistant/#\n", "rights bambu2mqtt/#",
         "broker broker_subscribe_refused"},
        {"topic readwrite bambu2mqtt/#\ntopic read homeassistant/#\n", "rights homeassistant/#",
         "broker broker_publish_refused"},
        {"topic readwrite bambu2mqtt/#\ntopic write homeassistant/#\n", "rights homeassistant/#",
         "broker broker_subscribe_refused"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.rights);
        const bambu2mqtt::test_support::TemporaryDirectory directory;
        write_file(directory / "acl", "user gateway\n" + row.rights);
        TestEnvironment env{{.models = {"X1C"}, .password = broker_password, .rights = directory / "acl"}};
        use_broker(env, env.broker().port(), login_lines(broker_password));
        check_finding(env, row.finding);
        CHECK(run_doctor(env).result("broker", row.check) == "finding");
    }
}

TEST_CASE("doctor finds a broker that is not there, and one that is full") {
    TestEnvironment env{{.models = {"X1C"}}};
    use_broker(env, free_port());
    check_finding(env, "broker broker_unreachable");

    Mosquitto full{
        {.directory = env.directory() / "full", .listeners = {{.more_lines = {"max_connections 1"}}}}};
    std::array<std::optional<MqttObserver>, 2> clients; // Mosquitto 2.0.11 accepts one more than the limit.
    for (auto& client : clients) {
        REQUIRE(eventually(test_timeout, [&] {
            try {
                client.emplace(ObserverOptions{.port = full.port(), .topics = {"#"}});
            } catch (const std::exception&) { // it still counts the connection that asked whether it listens
            }
            return client.has_value();
        }));
    }
    use_broker(env, full.port());
    check_finding(env, "broker broker_full");
}

TEST_CASE("doctor finds that Home Assistant is offline, and says nothing where it has no status") {
    TestEnvironment env{{.models = {"X1C"}}};
    use_broker(env, env.broker().port());
    CHECK(run_doctor(env).result("broker", "home_assistant") == "skipped");
    env.observe().publish(
        {.topic = "homeassistant/status", .payload = "offline", .qos = 1, .retained = true});
    check_finding(env, "broker home_assistant_offline");
}

TEST_CASE("doctor reports a configuration that cannot be used, and tries nothing") {
    TestEnvironment env{{.models = {"X1C"}}};
    env.gateway().configure("[broker]\nurl = \"http://x\"\n");
    const auto run = run_doctor(env);
    CHECK(run.exit_code == 1);
    CHECK(run.findings.count("configuration configuration_invalid") == run.checks.size());
    CHECK(run.text.find("broker.url") != std::string::npos);
}
