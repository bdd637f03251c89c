// A printer is found and followed by its announcements: without host, after a change of address, and in spite
// of false announcements.
#include "unit/gateway/bridge_driver.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

using Hosts = std::vector<std::string>;

void announce(BridgeDriver& driver, const std::string& address) {
    driver.give(0, PrinterAnnounced{address});
}

/// The published events printer_online and printer_offline, in order.
Hosts connection_events(const BridgeDriver& driver) {
    Hosts types;
    for (const auto& payload : driver.sent("bambu2mqtt/p1/event")) {
        const auto type = Json::parse(payload)["event_type"].get<std::string>();
        if (type.starts_with("printer_")) {
            types.push_back(type);
        }
    }
    return types;
}

std::string attribute(const BridgeDriver& driver, const char* name) {
    const auto detail = driver.json("bambu2mqtt/p1/connection/attributes");
    return detail[name].is_string() ? detail[name].get<std::string>() : std::string{};
}

bool has_note(const BridgeDriver& driver, std::string_view text) {
    return std::ranges::any_of(
        driver.notes(), [&](const LogLine& note) { return note.text.find(text) != std::string::npos; });
}

/// A period with one report each second.
void stream(BridgeDriver& driver, int seconds) {
    for (int i = 0; i < seconds; ++i) {
        driver.advance(1s);
        driver.report(partial(R"("wifi_signal":"-50dBm")"));
    }
}

} // namespace

TEST_SUITE("gateway/follow") {
    TEST_CASE("without host and announcement: unreachable, with a hint, and no attempt") {
        BridgeDriver driver{{.host = "", .policy = {.trust_commands = true}}};
        driver.start();
        driver.broker_up();
        driver.advance(1h);
        CHECK(driver.hosts().empty());
        CHECK(driver.state("connection") == "unreachable");
        CHECK(driver.state("availability") == "offline");
        CHECK(attribute(driver, "error").find("host is not set") != std::string::npos);
        CHECK(attribute(driver, "hint").find("container") != std::string::npos);
        CHECK(driver.count_notes(Level::warning, "p1") == 1);
        CHECK(connection_events(driver).empty());
        driver.command(R"({"command":"trust_certificate","fingerprint":")" + std::string(64, 'a') + "\"}");
        CHECK(driver.trusts().empty());
        REQUIRE(driver.responses().size() == 1);
        CHECK(driver.responses()[0]["code"] == "offline");
    }

    TEST_CASE(
        "without host: connected after the first announcement, and to the same address after a restart") {
        BridgeDriver driver{{.host = ""}};
        driver.start();
        driver.broker_up();
        announce(driver, "10.0.0.5");
        CHECK(driver.hosts() == Hosts{"10.0.0.5"});
        driver.advance(1s);
        CHECK_FALSE(driver.saved().contains("address")); // so far it was only announced
        driver.go_live();
        CHECK(driver.state("connection") == "connected");
        CHECK(has_note(driver, "found at 10.0.0.5"));
        REQUIRE(driver.saved().contains("address"));
        CHECK(driver.saved()["address"] == "10.0.0.5");

        BridgeDriver next{{.saved = {driver.saved()}, .host = ""}};
        next.start();
        CHECK(next.hosts() == Hosts{"10.0.0.5"});
        next.broker_up();
        next.go_live();
        CHECK_FALSE(has_note(next, "found at"));
    }

    TEST_CASE("an invalid remembered address is ignored") {
        for (const auto* const text : {R"({"address":5})", R"({"address":"evil.example"})", R"([1])"}) {
            BridgeDriver driver{{.saved = {Json::parse(text)}, .host = ""}};
            driver.start();
            CHECK(driver.hosts().empty());
        }
    }

    TEST_CASE("a changed address is followed: one offline event, one online event, and it is remembered") {
        BridgeDriver driver{{.serials = {x1c}, .host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        announce(driver, "10.0.0.5");
        driver.forget_log();
        driver.printer_down(LinkFailure::lost, "the connection was lost");
        driver.advance(3s);
        driver.printer_down(LinkFailure::unreachable, "timed out");
        driver.advance(100ms);
        announce(driver, "10.0.0.9");
        CHECK(driver.hosts() == Hosts{"10.0.0.5", "10.0.0.5", "10.0.0.9"});
        const auto lines = driver.notes().size();
        driver.go_live();
        CHECK(driver.state("connection") == "connected");
        CHECK(driver.notes().size() == lines + 1); // an outage is two lines, also with a new address
        CHECK(connection_events(driver) == Hosts{"printer_offline", "printer_online"});
        CHECK(has_note(driver, "found at 10.0.0.9, not at its configured host 10.0.0.5"));
        CHECK(driver.saved()["address"] == "10.0.0.9");

        // After a restart the configured host comes first, then the last address that worked.
        BridgeDriver next{{.serials = {x1c}, .saved = {driver.saved()}, .host = "10.0.0.5"}};
        next.start();
        next.broker_up();
        next.printer_down(LinkFailure::unreachable, "timed out");
        next.advance(3s);
        CHECK(next.hosts() == Hosts{"10.0.0.5", "10.0.0.9"});
        // Back at the configured host: nothing is saved.
        next.printer_down(LinkFailure::unreachable, "timed out");
        next.advance(5s);
        CHECK(next.hosts().back() == "10.0.0.5");
        next.go_live();
        CHECK_FALSE(next.saved().contains("address"));
    }

    TEST_CASE("an announcement during an attempt is used when the attempt has failed") {
        BridgeDriver driver{{.host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        announce(driver, "10.0.0.9");
        driver.advance(1s);
        CHECK(driver.hosts() == Hosts{"10.0.0.5"});
        driver.printer_down(LinkFailure::unreachable, "timed out");
        CHECK(driver.hosts() == Hosts{"10.0.0.5", "10.0.0.9"});
    }

    TEST_CASE("announcing another address cannot end a working session") {
        BridgeDriver driver{{.serials = {x1c}, .host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        (void)driver.asked();
        for (int i = 0; i < 60; ++i) {
            announce(driver, "10.0.0." + std::to_string(100 + i % 50));
            stream(driver, 1);
        }
        CHECK(driver.hosts() == Hosts{"10.0.0.5"});
        CHECK(driver.asked().empty());
        CHECK(driver.state("connection") == "connected");
        CHECK(connection_events(driver).empty());
    }

    TEST_CASE("a lost session is restored in spite of false announcements") {
        BridgeDriver driver{{.serials = {x1c}, .host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        announce(driver, "10.0.0.66");
        driver.printer_down(LinkFailure::lost, "the connection was lost");
        CHECK(driver.hosts().back() == "10.0.0.66");
        driver.give(0, PrinterDown{.failure = LinkFailure::wrong_name,
                                   .detail = "names another serial",
                                   .fingerprint = "AA"});
        driver.advance(3s);
        CHECK(driver.hosts().back() == "10.0.0.5"); // and not five minutes later
        CHECK(driver.state("connection") == "unreachable");
        CHECK(attribute(driver, "error").find("not at its announced address: names another") == 0);
        CHECK(attribute(driver, "fingerprint").empty());
        driver.go_live();
        CHECK(driver.state("connection") == "connected");
        CHECK_FALSE(driver.saved().contains("address"));
    }

    TEST_CASE("a flood of announcements does not cause a flood of attempts") {
        BridgeDriver driver{{.host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        driver.printer_down(LinkFailure::unreachable, "timed out");
        for (int second = 0; second < 300; ++second) {
            const auto before = driver.hosts().size();
            announce(driver, "10.0.1." + std::to_string(second % 250 + 1));
            if (driver.hosts().size() > before) {
                driver.printer_down(LinkFailure::unreachable, "refused");
            }
            driver.advance(1s);
            if (driver.hosts().size() > before + 1) {
                driver.printer_down(LinkFailure::unreachable, "refused");
            }
        }
        CHECK(driver.hosts().size() < 300 / 4);
        CHECK(std::ranges::count(driver.hosts(), "10.0.0.5") > 0);
    }

    TEST_CASE("a silent session moves to the announced address as soon as it is stale") {
        BridgeDriver driver{{.serials = {x1c}, .host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.advance(10s);
        announce(driver, "10.0.0.9");
        driver.advance(10s);
        CHECK(driver.hosts().size() == 1); // it may only be slow
        (void)driver.asked();
        driver.advance(12s);
        CHECK(driver.state("connection") == "stale");
        CHECK(driver.hosts() == Hosts{"10.0.0.5", "10.0.0.9"});
        CHECK(driver.asked() == Hosts{"disconnect", "connect"});

        // Immediately if it is already stale.
        driver.go_live();
        driver.advance(40s);
        REQUIRE(driver.state("connection") == "stale");
        announce(driver, "10.0.0.13");
        CHECK(driver.hosts().back() == "10.0.0.13");
    }

    TEST_CASE("another printer at the configured address: the announced address is tried") {
        BridgeDriver driver{{.host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        driver.give(0, PrinterDown{.failure = LinkFailure::wrong_name,
                                   .detail = "names another serial",
                                   .fingerprint = "AA"});
        driver.advance(20s);
        CHECK(driver.state("connection") == "tls_untrusted");
        CHECK(driver.hosts().size() == 1);
        announce(driver, "10.0.0.9");
        CHECK(driver.hosts().back() == "10.0.0.9");
        // An address that does not answer does not hide the error from the other one.
        driver.printer_down(LinkFailure::unreachable, "timed out");
        driver.advance(2s);
        CHECK(driver.state("connection") == "tls_untrusted");
        CHECK(attribute(driver, "fingerprint") == "AA");
        CHECK(driver.hosts().back() == "10.0.0.9");
        driver.go_live();
        CHECK(driver.state("connection") == "connected");
    }

    TEST_CASE("a refused access code is retried slowly and keeps its state") {
        BridgeDriver driver{{.host = ""}};
        driver.start();
        driver.broker_up();
        announce(driver, "10.0.0.5");
        driver.printer_down(LinkFailure::auth_refused, "the printer refused the access code");
        for (int i = 0; i < 20; ++i) {
            driver.advance(10s);
            announce(driver, "10.0.0.5");
        }
        CHECK(driver.hosts().size() == 1);
        CHECK(driver.state("connection") == "auth_refused");
        driver.advance(200s);
        CHECK(driver.hosts().size() == 2);
    }

    TEST_CASE("files use the address of the session") {
        BridgeDriver driver{{.host = ""}};
        driver.start();
        driver.broker_up();
        announce(driver, "10.0.0.5");
        driver.go_live();
        driver.command(R"({"command":"get_sdcard_contents"})");
        REQUIRE(driver.jobs().size() == 1);
        CHECK(driver.jobs()[0].host == "10.0.0.5");
    }

    TEST_CASE("a paused printer is not connected, and is found when resumed") {
        BridgeDriver driver{{.host = ""}};
        driver.start();
        driver.broker_up();
        announce(driver, "10.0.0.5");
        driver.go_live();
        driver.command(R"({"command":"quit"})");
        driver.advance(1s);
        CHECK(driver.state("connection") == "paused");
        announce(driver, "10.0.0.9");
        driver.advance(60s);
        CHECK(driver.hosts().size() == 1);
        driver.command(R"({"command":"start_session"})");
        CHECK(driver.hosts().back() == "10.0.0.9");
    }

    TEST_CASE("the gateway reconnects to the last address that worked, whatever is announced meanwhile") {
        BridgeDriver driver{{.host = "10.0.0.5"}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        announce(driver, "10.0.0.66");
        for (int i = 0; i < 4; ++i) {
            driver.command(R"({"command":"get_version"})");
            driver.report(version());
        }
        stream(driver, 60); // enough commands for a planned reconnect
        REQUIRE(driver.hosts().size() == 2);
        CHECK(driver.hosts().back() == "10.0.0.5");
    }

    TEST_CASE("announcements are ignored in mode insecure") {
        BridgeDriver driver{{.saved = {Json{{"address", "10.0.0.9"}}}, .host = "10.0.0.5", .follows = false}};
        driver.start();
        driver.broker_up();
        for (int i = 0; i < 10; ++i) {
            driver.printer_down(LinkFailure::unreachable, "timed out");
            announce(driver, "10.0.0.66");
            driver.advance(40s);
        }
        CHECK(std::ranges::count(driver.hosts(), "10.0.0.5") == std::ssize(driver.hosts()));
    }
}
