// Trust in a printer's certificate: the first contact, trusting commands, certificates that wait for the
// clock, and pins that cannot be stored.
#include "unit/gateway/bridge_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

using Attempts = std::vector<std::string>;

const CommandPolicy may_trust{.trust_commands = true};

std::string trust_command() {
    return R"({"command":"trust_certificate","fingerprint":")" + std::string(64, 'a') + "\"}";
}

std::string detail(const BridgeDriver& driver, const char* name) {
    const auto all = driver.json("bambu2mqtt/p1/connection/attributes");
    return all[name].is_string() ? all[name].get<std::string>() : std::string{};
}

void untrusted(BridgeDriver& driver, const std::string& fingerprint) {
    driver.give(0, PrinterDown{.failure = LinkFailure::tls_untrusted,
                               .detail = "another certificate",
                               .fingerprint = fingerprint});
}

void say_where(BridgeDriver& driver, const std::string& address) {
    driver.give(0, PrinterAnnounced{address});
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_SUITE("gateway/first_contact") {
    TEST_CASE("the hint asks for serial and host where another printer answers, else for the command pin") {
        BridgeDriver driver{{.host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        driver.give(0, PrinterDown{.failure = LinkFailure::wrong_name, .detail = "for another serial"});
        CHECK(driver.state("connection") == "tls_untrusted");
        CHECK(has(detail(driver, "hint"), "check serial and host"));
        CHECK_FALSE(has(detail(driver, "hint"), "pin"));
        untrusted(driver, "AA");
        driver.advance(10s);
        CHECK(has(detail(driver, "hint"), "bambu2mqtt pin p1 "));
        CHECK(has(detail(driver, "hint"), "ca_file")); // not cut
    }

    TEST_CASE("trust_certificate is refused unless the configuration enables it") {
        for (const auto& policy :
             {CommandPolicy{}, CommandPolicy{.allow = ControlLevel::safe, .trust_commands = true}}) {
            BridgeDriver driver{{.host = "10.0.0.5", .policy = policy}};
            driver.start();
            driver.broker_up();
            untrusted(driver, "AA");
            driver.command(trust_command());
            CHECK(driver.trusts().empty());
            REQUIRE(driver.responses().size() == 1);
            CHECK(driver.responses()[0]["code"] == "not_allowed");
        }
    }

    TEST_CASE("trust_certificate uses the configured host, wherever the printer is announced") {
        BridgeDriver driver{{.host = "10.0.0.5", .policy = may_trust}};
        driver.start();
        driver.broker_up();
        driver.printer_down(LinkFailure::unreachable, "switched off");
        say_where(driver, "10.0.0.66");
        REQUIRE(driver.hosts().back() == "10.0.0.66"); // tried with the pin
        untrusted(driver, "EE");
        driver.command(trust_command());
        REQUIRE(driver.trusts().size() == 1);
        CHECK(driver.trusts()[0].host == "10.0.0.5");
        driver.give(0, TrustDone{driver.trusts()[0].ticket, ""});
        CHECK(driver.hosts().back() == "10.0.0.5");
    }

    TEST_CASE(
        "a certificate that the command pin has stored beside the gateway leads to an attempt at once") {
        BridgeDriver driver{{.host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        untrusted(driver, "EE");
        driver.advance(10s);
        const auto attempts = driver.hosts().size();
        driver.give(0, TrustDone{});
        CHECK(driver.hosts().size() == attempts + 1);
        CHECK(driver.hosts().back() == "10.0.0.5");
        CHECK(driver.responses().empty());
        // Also where it is connected meanwhile, or closed: nothing.
        driver.go_live();
        driver.give(0, TrustDone{});
        driver.command(R"({"command":"quit"})");
        driver.give(0, TrustDone{});
        CHECK(driver.hosts().size() == attempts + 1);
    }

    TEST_CASE("without host trust_certificate uses the last address that worked, not an announced one") {
        BridgeDriver driver{{.host = "", .policy = may_trust}};
        driver.start();
        driver.broker_up();
        say_where(driver, "10.0.0.66");
        untrusted(driver, "EE");
        driver.advance(2s);
        CHECK(has(detail(driver, "hint"), "set host"));
        driver.command(trust_command());
        CHECK(driver.trusts().empty());
        REQUIRE(driver.responses().size() == 1);
        CHECK(driver.responses()[0]["code"] == "conflict");

        BridgeDriver known{{.saved = {Json{{"address", "10.0.0.5"}}}, .host = "", .policy = may_trust}};
        known.start();
        known.broker_up();
        known.printer_down(LinkFailure::unreachable, "switched off");
        say_where(known, "10.0.0.66");
        untrusted(known, "EE");
        known.command(trust_command());
        REQUIRE(known.trusts().size() == 1);
        CHECK(known.trusts()[0].host == "10.0.0.5");
    }

    TEST_CASE("the fingerprint that is shown never comes from an address that was only announced") {
        BridgeDriver driver{{.host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        untrusted(driver, "AA");
        driver.advance(2s);
        REQUIRE(detail(driver, "fingerprint") == "AA");
        say_where(driver, "10.0.0.66");
        REQUIRE(driver.hosts().back() == "10.0.0.66");
        untrusted(driver, "EE");
        driver.advance(400s);
        untrusted(driver, "AA");
        driver.advance(2s);
        CHECK(driver.state("connection") == "tls_untrusted");
        CHECK(detail(driver, "fingerprint") == "AA");
        for (const auto& sent : driver.sent("bambu2mqtt/p1/connection/attributes")) {
            CHECK_FALSE(has(sent, "EE"));
        }
    }

    TEST_CASE("with host the first contact is made there only, and logged") {
        BridgeDriver driver{
            {.saved = {Json{{"address", "10.0.0.9"}}}, .host = "10.0.0.5", .first_contact = true}};
        driver.start();
        driver.broker_up();
        for (int i = 0; i < 20; ++i) {
            driver.printer_down(LinkFailure::unreachable, "timed out");
            say_where(driver, "10.0.0.66");
            say_where(driver, "10.0.0.9");
            driver.advance(40s);
        }
        CHECK(driver.hosts().size() > 10);
        CHECK(std::ranges::count(driver.hosts(), "10.0.0.5") == std::ssize(driver.hosts()));
        CHECK(has(detail(driver, "hint"), "the first certificate is trusted only at host"));

        driver.go_live(); // from now on there is a pin
        driver.printer_down(LinkFailure::lost, "the connection was lost");
        driver.advance(2s);
        driver.printer_down(LinkFailure::unreachable, "timed out");
        say_where(driver, "10.0.0.9");
        driver.advance(10s);
        CHECK(driver.hosts().back() == "10.0.0.9");
    }

    TEST_CASE("a certificate not yet valid is retried with the usual backoff, and immediately when the clock "
              "is set") {
        for (const auto failure : {LinkFailure::not_yet_valid, LinkFailure::expired}) {
            BridgeDriver driver{{.host = "10.0.0.5"}};
            driver.start();
            driver.broker_up();
            std::size_t attempts = 0;
            for (int i = 0; i < 12; ++i) {
                driver.printer_down(failure, "by the clock of this machine");
                attempts = driver.hosts().size();
                driver.advance(39s); // the longest of the usual waits
                CHECK(driver.hosts().size() == attempts + 1);
            }
            CHECK(driver.state("connection") == "tls_untrusted");
            CHECK(has(detail(driver, "hint"), "clock of this machine"));
            CHECK_FALSE(has(detail(driver, "hint"), "replaced"));
            driver.printer_down(failure, "by the clock of this machine");
            attempts = driver.hosts().size();
            driver.advance(6s);
            REQUIRE(driver.hosts().size() == attempts);
            driver.set_clock(failure == LinkFailure::expired ? -86400s : 86400s);
            driver.advance(1s);
            CHECK(driver.hosts().size() == attempts + 1);
            driver.go_live();
            CHECK(driver.state("connection") == "connected");
            CHECK(detail(driver, "hint").empty());
        }
    }

    TEST_CASE(
        "a clock change retries only what waits for it, and a jumping clock causes no flood of attempts") {
        BridgeDriver driver{{.host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        untrusted(driver, "AA");
        driver.set_clock(86400s);
        driver.advance(60s);
        CHECK(driver.hosts().size() == 1);

        BridgeDriver restless{{.host = "10.0.0.5"}};
        restless.start();
        restless.broker_up();
        for (int i = 0; i < 100; ++i) {
            if (restless.asked().size() > 0) {
                restless.printer_down(LinkFailure::not_yet_valid, "by the clock of this machine");
            }
            restless.set_clock(i % 2 == 0 ? 3600s : -3600s);
            restless.advance(1s);
        }
        CHECK(restless.hosts().size() <= 100 / 5 + 10);
    }

    TEST_CASE("a pin that cannot be stored is a separate state, retried with the usual backoff") {
        BridgeDriver driver{{.host = "10.0.0.5", .first_contact = true}};
        driver.start();
        driver.broker_up();
        for (int i = 0; i < 12; ++i) {
            driver.printer_down(LinkFailure::pin_unavailable, "the certificate cannot be stored: no space");
            const auto attempts = driver.hosts().size();
            driver.advance(39s);
            CHECK(driver.hosts().size() == attempts + 1);
        }
        CHECK(driver.state("connection") == "pin_unavailable");
        CHECK(has(detail(driver, "error"), "no space"));
        CHECK(has(detail(driver, "hint"), "state_directory"));
        CHECK_FALSE(has(detail(driver, "hint"), "replaced"));
        CHECK(driver.count_notes(Level::warning, "p1") == 1);
        driver.go_live();
        CHECK(driver.state("connection") == "connected");
    }
}
