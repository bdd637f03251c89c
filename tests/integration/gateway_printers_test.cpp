// Printers have bad days: switched off, with other keys than the bridge knows, at the wrong address.
#include "integration/caller.hpp"
#include "integration/network.hpp"
#include "support/eventually.hpp"
#include "support/pki.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using nlohmann::json;

namespace {

/// Attributes of `connection`.
json connection_detail(const House& house, std::size_t printer) {
    const auto text = house.seen(printer, "connection/attributes");
    return text.empty() ? json::object() : json::parse(text);
}

std::string word(const json& object, const char* key) {
    return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string{};
}

} // namespace

TEST_CASE("a printer that is switched off is seen to be, and to come back") {
    House house{{.models = {"X1C", "P1S"}}};
    REQUIRE(house.start_gateway());
    house.farm().with(0, [](auto& printer) { printer.merge({{"subtask_name", "Boat"}}); });
    REQUIRE(house.sees(0, "task_name", "Boat"));
    const auto from = house.observer().count();
    const auto before = lasting(house.retained());
    house.farm().broker().stop();
    for (std::size_t i = 0; i < house.printers(); ++i) {
        CHECK(house.sees(i, "availability", "offline", 5s));
        CHECK(house.sees(i, "connection", "unreachable", 5s));
    }
    CHECK(eventually(patience, [&] { return word(connection_detail(house, 0), "hint") != ""; }));
    CHECK(word(connection_detail(house, 0), "error") != "");
    auto without = lasting(house.retained());
    for (std::size_t i = 0; i < house.printers(); ++i) {
        without[house.topic(i, "availability")] = "online";
        without[house.topic(i, "connection")] = "connected";
    }
    CHECK(difference(before, without) == "");

    // The second attempt in vain is not told again.
    CHECK(eventually(patience, [&] {
        return word(connection_detail(house, 0), "error").find("refused") != std::string::npos;
    }));
    house.farm().broker().start();
    for (std::size_t i = 0; i < house.printers(); ++i) {
        CHECK(house.sees(i, "connection", "connected", 40s));
        CHECK(house.sees(i, "availability", "online"));
        CHECK(house.history(i, "availability", from) == "offline, online");
    }
    CHECK(house.seen(0, "task_name") == "Boat");
    CHECK(house.history(0, "task_name", from) == "");
    CHECK(eventually(patience, [&] { return word(connection_detail(house, 0), "error") == ""; }));
    CHECK(house.gateway().lines_with("unreachable") == house.printers());
    CHECK(house.gateway().lines_with(": connected again") == house.printers());
}

TEST_CASE("a refused access code is told with a hint, and others are not disturbed") {
    House house{{.models = {"X1C", "P1S"}}};
    auto wrong = house.farm().printers()[0];
    wrong.access_code = "87654321";
    house.gateway().configure(house.config({.replace = {{0, wrong}}}));
    house.observe();
    house.gateway().start();
    CHECK(house.sees(0, "connection", "auth_refused"));
    CHECK(house.sees(0, "availability", "offline"));
    CHECK(house.sees(1, "connection", "connected"));
    CHECK(eventually(patience, [&] {
        return word(connection_detail(house, 0), "error").find("access code") != std::string::npos;
    }));
    CHECK(word(connection_detail(house, 0), "hint").find("access_code") != std::string::npos);
    CHECK(house.gateway().lines_with("auth_refused") == 1);
    // Announced nevertheless, as far as the serial tells what it is.
    CHECK(house.retained().contains(house.discovery_topic(0)));
}

TEST_CASE("another certificate is not trusted until somebody says so") {
    House house{{.models = {"X1C"}}};
    REQUIRE(house.start_gateway());
    const auto serial = house.farm().printers()[0].serial;
    const auto former = bambu2mqtt::test_support::with_colons(house.farm().printers()[0].certificate_sha256);
    house.farm().replace_certificate(0, {.common_name = serial});
    house.farm().broker().stop();
    house.farm().broker().start();
    const auto renewed = bambu2mqtt::test_support::with_colons(house.farm().printers()[0].certificate_sha256);
    REQUIRE(renewed != former);
    CHECK(house.sees(0, "connection", "tls_untrusted"));
    CHECK(house.sees(0, "availability", "offline"));
    CHECK(eventually(patience, [&] {
        return word(connection_detail(house, 0), "error").find(renewed) != std::string::npos;
    }));
    CHECK(word(connection_detail(house, 0), "hint").find("bambu2mqtt pin") != std::string::npos);

    const auto pinned = house.gateway().call({"pin", "--yes", serial});
    CHECK_MESSAGE(pinned.exit_code == 0, pinned.errors);
    CHECK(pinned.output.find(renewed) != std::string::npos);
    CHECK(house.gateway().stop() == 0);
    REQUIRE(house.start_gateway());
    CHECK(house.sees(0, "connection", "connected"));

    house.farm().broker().stop();
    CHECK(house.gateway().call({"pin", serial}).exit_code == 1);
    CHECK(house.gateway().call({"pin", "nobody"}).exit_code == 2);
}

TEST_CASE("trusting the certificate that is trusted already makes no second connection") {
    NetworkedHouse home{{.models = {"X1C"}}};
    auto& house = home.house();
    auto changes = home.changes();
    changes.more_lines = "[control]\ntrust_commands = true";
    REQUIRE(house.start_gateway(changes));
    const auto taken = home.network(0).taken();
    Caller caller{house};
    const auto shown = bambu2mqtt::test_support::with_colons(house.farm().printers()[0].certificate_sha256);
    CHECK(ending(caller.ask("trust_certificate", {{"fingerprint", shown}})) == "done");
    const auto other = caller.ask("trust_certificate", {{"fingerprint", std::string(64, 'a')}});
    CHECK(ending(other) == "refused conflict");
    CHECK(says(other, shown));
    CHECK(home.network(0).taken() == taken);
}

TEST_CASE("where certificates are not trusted one by one, asking for that is refused and not forgotten") {
    House house{{.models = {"X1C"}}};
    REQUIRE(house.start_gateway(
        {.more_lines = "[control]\ntrust_commands = true", .printer_lines = {{0, "tls = \"insecure\""}}}));
    Caller caller{house};
    const auto shown = bambu2mqtt::test_support::with_colons(house.farm().printers()[0].certificate_sha256);
    const auto outcome = caller.ask("trust_certificate", {{"fingerprint", shown}});
    CHECK(ending(outcome) == "refused conflict");
    CHECK(says(outcome, "only \"pin\""));
    const auto pinned = house.gateway().call({"pin", "--yes", house.farm().printers()[0].serial});
    CHECK(pinned.exit_code == 1);
    CHECK(pinned.output.find(shown) != std::string::npos);
    CHECK(pinned.errors.find("not stored") != std::string::npos);
}

TEST_CASE("a certificate for another serial is not trusted at first sight") {
    House house{{.models = {"X1C"}}};
    auto wrong = house.farm().printers()[0];
    wrong.serial = "00M00S000000099";
    house.gateway().configure(house.config({.replace = {{0, wrong}}}));
    auto& observer = house.observe();
    house.gateway().start();
    CHECK(observer.wait_for_latest("bambu2mqtt/x1c_0099/connection", "tls_untrusted", patience));
    CHECK(eventually(patience, [&] {
        const auto detail = observer.latest("bambu2mqtt/x1c_0099/connection/attributes").value_or("");
        return detail.find(house.farm().printers()[0].serial) != std::string::npos;
    }));
    CHECK(connections_to(house.farm().printers()[0].port) == 0);
}
