// Printer links with a real broker configured like a printer's.

#include "integration/refusing_printer.hpp"
#include "links_fixture.hpp"
#include "support/eventually.hpp"
#include <bambu2mqtt/io/mqtt/printer_link.hpp>
#include <bambu2mqtt/io/tls/tls_probe.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <thread>

namespace bambu2mqtt::links_test {

namespace {

using test_support::eventually;
using test_support::MqttObserver;

constexpr const char* report_topic = "device/01S00C000000001/report";

/// A link, its services and its events, as target 0.
struct Linked {
    explicit Linked(const PrinterBroker& printer, PrinterConfig given)
        : config(std::move(given)), services(printer.state_directory()),
          link(std::make_unique<PrinterLink>(0, config, inbox.queue, services)) {}

    explicit Linked(const PrinterBroker& printer, TlsMode mode = TlsMode::pin)
        : Linked(printer, printer.config(mode)) {}

    [[nodiscard]] bool up() {
        link->connect(config.host);
        return inbox.next<PrinterUp>(0).has_value();
    }

    [[nodiscard]] PrinterDown down() {
        link->connect(config.host);
        return inbox.next<PrinterDown>(0).value_or(PrinterDown{.detail = "no event"});
    }

    PrinterConfig config;
    Inbox inbox;
    LinkServices services;
    std::unique_ptr<PrinterLink> link;
};

[[nodiscard]] bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("pin on first use, reports in, requests out, and the pin is enforced afterwards") {
    PrinterBroker printer;
    Linked linked(printer);
    REQUIRE(linked.up());
    CHECK(linked.services.trust().get(PrinterBroker::serial)->fingerprint == printer.fingerprint());

    auto options = printer.observer();
    options.topics = {"device/+/request"};
    MqttObserver observer(options);
    observer.publish({.topic = report_topic, .payload = R"({"print":{}})", .qos = 1});
    CHECK(linked.inbox.next<ReportArrived>(0).value_or(ReportArrived{}).payload == R"({"print":{}})");
    CHECK(linked.link->request(R"({"pushing":{}})"));
    CHECK(observer.wait_for_latest("device/01S00C000000001/request", R"({"pushing":{}})", test_timeout));

    printer.broker().crash();
    const auto lost = linked.inbox.next<PrinterDown>(0);
    REQUIRE(lost.has_value());
    CHECK(lost->failure == LinkFailure::lost);
    CHECK_FALSE(linked.link->request("{}"));
    printer.broker().start();
    CHECK(linked.up());
    CHECK(linked.inbox.passed.empty());
}

TEST_CASE("a changed certificate is refused before the login, and both fingerprints are reported") {
    PrinterBroker printer;
    Linked linked(printer);
    REQUIRE(linked.up());
    const std::string before = printer.fingerprint();
    linked.link->disconnect();
    printer.change_certificate();
    const PrinterDown down = linked.down();
    CHECK(down.failure == LinkFailure::tls_untrusted);
    CHECK(down.fingerprint == printer.fingerprint());
    CHECK(contains(down.detail, before));
    CHECK(contains(down.detail, printer.fingerprint()));
    CHECK_FALSE(contains(printer.broker().log(), "New client connected"));
    CHECK(linked.services.trust().get(PrinterBroker::serial)->fingerprint == before);

    const auto shown = probe_certificate("localhost", linked.config.mqtt_port, PrinterBroker::serial, {});
    REQUIRE(shown);
    REQUIRE(linked.services.trust().put(PrinterBroker::serial, shown->pem));
    CHECK(linked.up());
}

TEST_CASE("on first use the certificate must name the serial") {
    PrinterBroker printer({.common_name = "01S00C000000002"});
    Linked linked(printer);
    const PrinterDown down = linked.down();
    CHECK(down.failure == LinkFailure::wrong_name);
    CHECK(down.fingerprint == printer.fingerprint());
    CHECK(contains(down.detail, "is for '01S00C000000002'"));
    CHECK_FALSE(linked.services.trust().get(PrinterBroker::serial).has_value());
}

TEST_CASE("ca mode: chain and name must be valid") {
    PrinterBroker printer;
    CHECK(Linked(printer, TlsMode::ca).up());

    SUBCASE("a re-issued certificate of the same authority is accepted") {
        printer.change_certificate();
        CHECK(Linked(printer, TlsMode::ca).up());
    }
    SUBCASE("another printer of the same authority is not") {
        printer.change_certificate({.common_name = "01S00C000000002"});
        const PrinterDown down = Linked(printer, TlsMode::ca).down();
        CHECK(down.failure == LinkFailure::wrong_name);
        CHECK(contains(down.detail, "01S00C000000002"));
    }
    SUBCASE("another authority is not") {
        const test_support::Pki other(printer.path("other"));
        PrinterConfig config = printer.config(TlsMode::ca);
        config.ca_file = other.ca_file();
        const PrinterDown down = Linked(printer, config).down();
        CHECK(down.failure == LinkFailure::tls_untrusted);
        CHECK(contains(down.detail, "unable to get local issuer certificate"));
        CHECK(down.fingerprint == printer.fingerprint());
    }
    SUBCASE("an authority file that cannot be read is reported") {
        PrinterConfig config = printer.config(TlsMode::ca);
        config.ca_file = printer.path("none.pem");
        const PrinterDown down = Linked(printer, config).down();
        CHECK(down.failure == LinkFailure::tls_untrusted);
        CHECK(contains(down.detail, "none.pem"));
    }
}

TEST_CASE("an expired certificate is reported as such, with and without a pin") {
    PrinterBroker printer({.common_name = PrinterBroker::serial,
                           .valid_from = std::chrono::hours(-48),
                           .valid_until = std::chrono::hours(-24)});
    Linked linked(printer);
    CHECK(contains(linked.down().detail, "clock"));
    const auto shown = probe_certificate("127.0.0.1", linked.config.mqtt_port, PrinterBroker::serial, {});
    REQUIRE(shown);
    REQUIRE(linked.services.trust().put(PrinterBroker::serial, shown->pem));
    const PrinterDown down = linked.down();
    CHECK(down.failure == LinkFailure::expired);
    CHECK(contains(down.detail, "clock"));
    CHECK(contains(down.detail, "has expired"));
    CHECK_FALSE(contains(printer.broker().log(), "New client connected"));
}

TEST_CASE(
    "a certificate that is not yet valid is reported as such, with a pin, without one, and in mode ca") {
    PrinterBroker printer({.common_name = PrinterBroker::serial,
                           .valid_from = std::chrono::hours(24),
                           .valid_until = std::chrono::hours(48)});
    Linked linked(printer);
    CHECK(linked.down().failure == LinkFailure::not_yet_valid);
    CHECK_FALSE(linked.services.trust().get(PrinterBroker::serial).has_value());
    const auto shown = probe_certificate("127.0.0.1", linked.config.mqtt_port, PrinterBroker::serial, {});
    REQUIRE(shown);
    REQUIRE(linked.services.trust().put(PrinterBroker::serial, shown->pem));
    const PrinterDown down = linked.down();
    CHECK(down.failure == LinkFailure::not_yet_valid);
    CHECK(contains(down.detail, "not valid yet"));
    CHECK(Linked(printer, TlsMode::ca).down().failure == LinkFailure::not_yet_valid);
    CHECK_FALSE(contains(printer.broker().log(), "New client connected"));
}

TEST_CASE("insecure mode takes any certificate") {
    PrinterBroker printer({.common_name = "other"});
    CHECK(Linked(printer, TlsMode::insecure).up());
}

TEST_CASE("a wrong access code is reported as such, and the next attempt with the right one succeeds") {
    PrinterBroker printer;
    PrinterConfig config = printer.config();
    config.access_code = Secret("87654321");
    const PrinterDown down = Linked(printer, config).down();
    CHECK(down.failure == LinkFailure::auth_refused);
    CHECK_FALSE(contains(down.detail, "87654321"));
    CHECK(Linked(printer).up());
}

TEST_CASE("a host that is not a printer is unreachable, with the reason") {
    PrinterBroker printer;
    Linked known(printer);
    REQUIRE(known.up()); // from now on there is a pin
    PrinterConfig config = printer.config();
    SUBCASE("with a pin") {}
    SUBCASE("without one") {
        config.serial = "01S00C000000009";
    }
    SUBCASE("insecure") {
        config.tls = TlsMode::insecure;
    }
    config.mqtt_port = test_support::free_port();
    PrinterDown down = Linked(printer, config).down();
    CHECK(down.failure == LinkFailure::unreachable);
    CHECK(contains(down.detail, "connection refused"));

    const test_support::Mosquitto plain({.directory = printer.path("plain")});
    config.mqtt_port = plain.port();
    down = Linked(printer, config).down();
    CHECK(down.failure == LinkFailure::unreachable);
    CHECK(contains(down.detail, "is this a TLS port?"));

    config.host = "no-such-host.invalid";
    down = Linked(printer, config).down();
    CHECK(down.failure == LinkFailure::unreachable);
    CHECK(contains(down.detail, "'no-such-host.invalid' does not resolve"));
}

TEST_CASE("a host name works like an address") {
    PrinterBroker printer;
    PrinterConfig config = printer.config();
    config.host = "localhost";
    CHECK(Linked(printer, config).up());
}

TEST_CASE("a silent peer is given up in time while another printer's reports keep arriving") {
    PrinterBroker printer;
    const SilentServer silent;
    Linked healthy(printer);
    REQUIRE(healthy.up());
    PrinterConfig pinned = printer.config(); // connects directly
    pinned.mqtt_port = silent.port();
    PrinterConfig unpinned = pinned; // checks the certificate first
    unpinned.serial = "01S00C000000009";
    PrinterLink with_pin(1, pinned, healthy.inbox.queue, healthy.services);
    PrinterLink without_pin(2, unpinned, healthy.inbox.queue, healthy.services);

    MqttObserver observer(printer.observer());
    const auto begin = std::chrono::steady_clock::now();
    with_pin.connect(pinned.host);
    without_pin.connect(unpinned.host);
    int down = 0;
    auto slowest = 0ms;
    while (down < 2 && std::chrono::steady_clock::now() - begin < timeout_factor * 25s) {
        const auto sent = std::chrono::steady_clock::now();
        observer.publish({.topic = report_topic, .payload = "x", .qos = 1});
        REQUIRE(healthy.inbox.next<ReportArrived>(0, timeout_factor * 5s).has_value());
        slowest = std::max(slowest, std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now() - sent));
        healthy.inbox.next<ReportsLost>(0, 20ms); // no loss expected: only waits
        for (const Event& event : healthy.inbox.passed) {
            REQUIRE(std::holds_alternative<PrinterDown>(event.body));
            CHECK(std::get<PrinterDown>(event.body).failure == LinkFailure::unreachable);
            CHECK(contains(std::get<PrinterDown>(event.body).detail, "timed out"));
            ++down;
        }
        healthy.inbox.passed.clear();
    }
    CHECK(down == 2);
    CHECK(std::chrono::steady_clock::now() - begin < timeout_factor * 17s);
    CHECK(slowest < timeout_factor * 2s);
    CHECK(healthy.inbox.silent());
}

TEST_CASE("a packet of 1 MiB is read; one byte more ends the session with both sizes in the reason") {
    PrinterBroker printer;
    Linked linked(printer);
    REQUIRE(linked.up());
    MqttObserver observer(printer.observer());
    constexpr std::size_t largest = 1024 * 1024;
    const std::size_t beside =
        2 + std::string_view(report_topic).size() + 2; // size of the topic, topic, packet id
    observer.publish({.topic = report_topic, .payload = std::string(largest - beside, 'y'), .qos = 1});
    const auto report = linked.inbox.next<ReportArrived>(0);
    REQUIRE(report.has_value());
    CHECK(report->payload.size() == largest - beside);
    observer.publish({.topic = report_topic, .payload = std::string(largest + 1, 'x'), .qos = 1});
    const auto down = linked.inbox.next<PrinterDown>(0);
    REQUIRE(down.has_value());
    CHECK(down->detail.find("arrived, at most 1 MiB are read") != std::string::npos);
    CHECK(linked.up());
}

TEST_CASE("connecting again and again leaves one connection and one event") {
    PrinterBroker printer;
    Linked linked(printer);
    for (int i = 0; i < 30; ++i) {
        linked.link->connect(linked.config.host);
        std::this_thread::yield();
        if (i % 3 == 0) {
            linked.link->disconnect();
        }
    }
    REQUIRE(linked.up());
    CHECK(linked.inbox.passed.empty());
    CHECK(linked.inbox.silent());
    MqttObserver observer(printer.observer());
    observer.publish({.topic = report_topic, .payload = "once", .qos = 1});
    CHECK(linked.inbox.next<ReportArrived>(0).has_value());
    CHECK(linked.inbox.silent());
}

TEST_CASE("after disconnect no event of the old connection arrives") {
    PrinterBroker printer;
    Linked linked(printer);
    REQUIRE(linked.up());
    MqttObserver observer(printer.observer());
    observer.publish({.topic = report_topic, .payload = "seen", .qos = 1});
    REQUIRE(linked.inbox.next<ReportArrived>(0).has_value());
    for (int i = 0; i < 50; ++i) {
        observer.publish({.topic = report_topic, .payload = "x", .qos = 1});
    }
    linked.link->disconnect();
    CHECK(linked.inbox.silent());
    CHECK(eventually(test_timeout,
                     [&] { return contains(printer.broker().log(), "-01S00C000000001 disconnected."); }));
}

TEST_CASE("a link can be destroyed at any moment") {
    PrinterBroker printer;
    Linked linked(printer);
    for (int i = 0; i < 40; ++i) {
        PrinterLink link(5, linked.config, linked.inbox.queue, linked.services);
        link.connect(linked.config.host);
        linked.inbox.next<PrinterUp>(5, std::chrono::milliseconds(i));
    }
    CHECK(linked.inbox.silent());
    CHECK(linked.up());
}

TEST_CASE("a corrupt pin is reported once and set aside") {
    PrinterBroker printer;
    Linked linked(printer);
    std::filesystem::create_directories(printer.state_directory() / "pins");
    test_support::write_file(printer.state_directory() / "pins/01S00C000000001.pem", "broken");
    const PrinterDown down = linked.down();
    CHECK(down.failure == LinkFailure::pin_unavailable);
    CHECK(contains(down.detail, "set aside"));
    CHECK(linked.up());
}

TEST_CASE("a subscription that is refused after a pause ends the connection, and the next one works") {
    PrinterBroker pinned; // for its folders and certificates
    const auto leaf = pinned.pki().issue({.common_name = PrinterBroker::serial}, "refusing");
    RefusingPrinter printer(leaf.certificate, leaf.key);
    auto config = pinned.config();
    config.mqtt_port = printer.port();
    Linked linked(pinned, config);
    REQUIRE(linked.up());
    linked.link->subscribe_reports(false);
    linked.link->subscribe_reports(true);
    const auto down = linked.inbox.next<PrinterDown>(0);
    REQUIRE(down);
    CHECK(down->failure == LinkFailure::lost);
    CHECK(contains(down->detail, "refused the subscription"));
    CHECK(printer.refused() == 1);
    CHECK(linked.inbox.passed.empty()); // no second PrinterUp
    CHECK(linked.up());
}

TEST_CASE("a printer that grants its subscription after a pause stays connected") {
    PrinterBroker printer;
    Linked linked(printer);
    REQUIRE(linked.up());
    linked.link->subscribe_reports(false);
    linked.link->subscribe_reports(true);
    MqttObserver observer(printer.observer());
    REQUIRE(eventually(test_timeout, [&] {
        observer.publish({.topic = report_topic, .payload = "x", .qos = 1});
        return linked.inbox.next<ReportArrived>(0, 200ms).has_value();
    }));
    CHECK(std::ranges::none_of(linked.inbox.passed, [](const Event& event) {
        return std::holds_alternative<PrinterUp>(event.body) ||
               std::holds_alternative<PrinterDown>(event.body);
    }));
}

TEST_CASE("a certificate that cannot be stored is not trusted") {
    PrinterBroker printer;
    test_support::write_file(printer.state_directory(), "a file where the folder should be");
    Linked linked(printer);
    const PrinterDown down = linked.down();
    CHECK(down.failure == LinkFailure::pin_unavailable);
    CHECK(contains(down.detail, "cannot be stored"));
}

} // namespace bambu2mqtt::links_test
