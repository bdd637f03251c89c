// Faulty printers: switched off, with other credentials than configured, at the wrong address.
#include "integration/command_client.hpp"
#include "integration/network.hpp"
#include "support/eventually.hpp"
#include "support/pki.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using nlohmann::json;

namespace {

/// Attributes of `connection`.
json connection_detail(const TestEnvironment& env, std::size_t printer) {
    const auto text = env.seen(printer, "connection/attributes");
    return text.empty() ? json::object() : json::parse(text);
}

std::string word(const json& object, const char* key) {
    return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string{};
}

} // namespace

TEST_CASE("a printer that is switched off is shown as offline, and as online when it is back") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    REQUIRE(env.start_gateway());
    env.fleet().with(0, [](auto& printer) { printer.merge({{"subtask_name", "Boat"}}); });
    REQUIRE(env.sees(0, "task_name", "Boat"));
    const auto from = env.observer().count();
    const auto before = lasting(env.result());
    env.fleet().broker().stop();
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CHECK(env.sees(i, "availability", "offline", timeout_factor * 5s));
        CHECK(env.sees(i, "connection", "unreachable", timeout_factor * 5s));
    }
    CHECK(eventually(test_timeout, [&] { return word(connection_detail(env, 0), "hint") != ""; }));
    CHECK(word(connection_detail(env, 0), "error") != "");
    auto without = lasting(env.retained());
    for (std::size_t i = 0; i < env.printers(); ++i) {
        without[env.topic(i, "availability")] = "online";
        without[env.topic(i, "connection")] = "connected";
    }
    auto& devices = without["bambu2mqtt/bridge/devices"];
    auto listed = nlohmann::ordered_json::parse(devices);
    for (auto& device : listed) {
        CHECK(std::exchange(device["connection"], "connected") == "unreachable");
    }
    devices = listed.dump();
    CHECK(difference(before, without) == "");

    // The second failed attempt is not logged again.
    CHECK(eventually(test_timeout, [&] {
        return word(connection_detail(env, 0), "error").find("refused") != std::string::npos;
    }));
    env.fleet().broker().start();
    for (std::size_t i = 0; i < env.printers(); ++i) {
        CHECK(env.sees(i, "connection", "connected"));
        CHECK(env.sees(i, "availability", "online"));
        CHECK(env.history(i, "availability", from) == "offline, online");
    }
    CHECK(env.seen(0, "task_name") == "Boat");
    CHECK(env.history(0, "task_name", from) == "");
    CHECK(eventually(test_timeout, [&] { return word(connection_detail(env, 0), "error") == ""; }));
    CHECK(env.gateway().lines_with("unreachable") == env.printers());
    CHECK(env.gateway().lines_with(": connected again") == env.printers());
}

TEST_CASE("a refused access code is reported with a hint, and other printers are not affected") {
    TestEnvironment env{{.models = {"X1C", "P1S"}}};
    auto wrong = env.fleet().printers()[0];
    wrong.access_code = "87654321";
    env.gateway().configure(env.config({.replace = {{0, wrong}}}));
    env.observe();
    env.gateway().start();
    CHECK(env.sees(0, "connection", "auth_refused"));
    CHECK(env.sees(0, "availability", "offline"));
    CHECK(env.sees(1, "connection", "connected"));
    CHECK(eventually(test_timeout, [&] {
        return word(connection_detail(env, 0), "error").find("access code") != std::string::npos;
    }));
    CHECK(word(connection_detail(env, 0), "hint").find("access_code") != std::string::npos);
    CHECK(env.gateway().lines_with("auth_refused") == 1);
    // Published nevertheless, with the model from the serial.
    CHECK(env.retained().contains(env.discovery_topic(0)));
}

TEST_CASE("a changed certificate is not trusted until it is confirmed") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway());
    const auto serial = env.fleet().printers()[0].serial;
    const auto former = bambu2mqtt::test_support::with_colons(env.fleet().printers()[0].certificate_sha256);
    env.fleet().replace_certificate(0, {.common_name = serial});
    env.fleet().broker().stop();
    env.fleet().broker().start();
    const auto renewed = bambu2mqtt::test_support::with_colons(env.fleet().printers()[0].certificate_sha256);
    REQUIRE(renewed != former);
    CHECK(env.sees(0, "connection", "tls_untrusted"));
    CHECK(env.sees(0, "availability", "offline"));
    CHECK(eventually(test_timeout, [&] {
        return word(connection_detail(env, 0), "error").find(renewed) != std::string::npos;
    }));
    CHECK(word(connection_detail(env, 0), "hint").find("bambu2mqtt pin") != std::string::npos);

    auto in_small_letters = serial;
    std::ranges::transform(in_small_letters, in_small_letters.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto pinned = env.gateway().command_request({"pin", "--yes", in_small_letters});
    CHECK_MESSAGE(pinned.exit_code == 0, pinned.errors);
    CHECK(pinned.output.find(renewed) != std::string::npos);
    // The running gateway notices it, long before its next attempt would be due.
    CHECK(env.sees(0, "connection", "connected"));
    CHECK(env.gateway().stop() == 0);
    REQUIRE(env.start_gateway());
    CHECK(env.sees(0, "connection", "connected"));

    env.fleet().broker().stop();
    CHECK(env.gateway().command_request({"pin", serial}).exit_code == 1);
    CHECK(env.gateway().command_request({"pin", "nobody"}).exit_code == 2);
}

TEST_CASE("trusting the current certificate again makes no second connection") {
    NetworkedEnvironment home{{.models = {"X1C"}}};
    auto& env = home.env();
    auto changes = home.changes();
    changes.more_lines = "[control]\ntrust_commands = true";
    REQUIRE(env.start_gateway(changes));
    const auto taken = home.network(0).taken();
    CommandClient client{env};
    const auto shown = bambu2mqtt::test_support::with_colons(env.fleet().printers()[0].certificate_sha256);
    CHECK(ending(client.ask("trust_certificate", {{"fingerprint", shown}})) == "done");
    const auto other = client.ask("trust_certificate", {{"fingerprint", std::string(64, 'a')}});
    CHECK(ending(other) == "refused conflict");
    CHECK(says(other, shown));
    CHECK(home.network(0).taken() == taken);
}

TEST_CASE("trust_certificate is refused in modes without pins, and has no later effect") {
    TestEnvironment env{{.models = {"X1C"}}};
    REQUIRE(env.start_gateway(
        {.more_lines = "[control]\ntrust_commands = true", .printer_lines = {{0, "tls = \"insecure\""}}}));
    CommandClient client{env};
    const auto shown = bambu2mqtt::test_support::with_colons(env.fleet().printers()[0].certificate_sha256);
    const auto outcome = client.ask("trust_certificate", {{"fingerprint", shown}});
    CHECK(ending(outcome) == "refused conflict");
    CHECK(says(outcome, "certificates are pinned only with tls = \"pin\""));
    const auto pinned = env.gateway().command_request({"pin", "--yes", env.fleet().printers()[0].serial});
    CHECK(pinned.exit_code == 1);
    CHECK(pinned.output.find(shown) != std::string::npos);
    CHECK(pinned.errors.find("not stored") != std::string::npos);
}

TEST_CASE("a certificate for another serial is not trusted on first use") {
    TestEnvironment env{{.models = {"X1C"}}};
    auto wrong = env.fleet().printers()[0];
    wrong.serial = "00M00S000000099";
    env.gateway().configure(env.config({.replace = {{0, wrong}}}));
    auto& observer = env.observe();
    env.gateway().start();
    CHECK(observer.wait_for_latest("bambu2mqtt/x1c_0099/connection", "tls_untrusted", test_timeout));
    CHECK(eventually(test_timeout, [&] {
        const auto detail = observer.latest("bambu2mqtt/x1c_0099/connection/attributes").value_or("");
        return detail.find(env.fleet().printers()[0].serial) != std::string::npos;
    }));
    CHECK(connections_to(env.fleet().printers()[0].port) == 0);
}
