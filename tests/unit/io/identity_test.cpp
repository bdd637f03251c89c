// One identity for all connections to a printer.
#include "support/files.hpp"
#include "support/pki.hpp"
#include <bambu2mqtt/io/tls/identity.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <doctest/doctest.h>

namespace bambu2mqtt {

namespace {

using test_support::Pki;
using test_support::TemporaryDirectory;

constexpr const char* known_serial = "01S00C000000001";
constexpr const char* configured_host = "10.0.0.5";

/// A printer's certificates, and a store for pins.
struct IdentityFixture {
    TemporaryDirectory directory;
    Pki pki{directory / "ca"};
    TrustStore trust{directory / "state"};

    [[nodiscard]] PeerCertificate certificate(const std::string& name = known_serial) {
        return *parse_certificate(
            test_support::read_file(pki.issue({.common_name = name}, "leaf").certificate));
    }

    [[nodiscard]] PrinterConfig config(TlsMode mode) const {
        PrinterConfig config;
        config.serial = known_serial;
        config.host = configured_host;
        config.tls = mode;
        config.ca_file = pki.ca_file();
        return config;
    }
};

/// What is expected before a connection: "nothing", "anything", "untrusted", or one certificate.
[[nodiscard]] std::string knows(Identity& identity) {
    const auto known = identity.known();
    if (!known) {
        return "untrusted";
    }
    const auto& peer = *known;
    return !peer ? "nothing" : peer->anything ? "anything" : peer->anchor_pem;
}

[[nodiscard]] std::string why_not(const expected<TrustedPeer, Untrusted>& decision) {
    return decision ? "" : decision.error().why;
}

} // namespace

TEST_CASE(
    "on first use no certificate is known; the one trusted then is expected by every later connection") {
    IdentityFixture printer;
    const auto config = printer.config(TlsMode::pin);
    const auto shown = printer.certificate();
    Identity first(config, configured_host, printer.trust);
    CHECK(knows(first) == "nothing");
    const auto decision = first.decide(shown);
    REQUIRE(why_not(decision).empty());
    CHECK(decision->anchor_pem == shown.pem);
    CHECK_FALSE(decision->anything);

    Identity second(config, configured_host, printer.trust);
    CHECK(knows(second) == shown.pem);
}

TEST_CASE("of two connections on first use the faster one decides for both") {
    IdentityFixture printer;
    const auto config = printer.config(TlsMode::pin);
    Identity slow(config, configured_host, printer.trust);
    CHECK(knows(slow) == "nothing");
    Identity quick(config, configured_host, printer.trust);
    CHECK(knows(quick) == "nothing");
    const auto genuine = printer.certificate();
    CHECK(why_not(quick.decide(genuine)).empty());
    CHECK_FALSE(why_not(slow.decide(printer.certificate())).empty());
    CHECK(printer.trust.get(known_serial)->fingerprint == genuine.fingerprint);
    CHECK(why_not(slow.decide(genuine)).empty());
}

TEST_CASE("a check in the middle of a handshake stores nothing; the decision after it does") {
    IdentityFixture printer;
    const auto config = printer.config(TlsMode::pin);
    const auto genuine = printer.certificate();
    Identity identity(config, configured_host, printer.trust);
    CHECK(identity.check(genuine).has_value());
    CHECK_FALSE(printer.trust.get(known_serial).has_value());
    CHECK_FALSE(identity.check(printer.certificate("01S00C000000002")).has_value());
    CHECK(identity.decide(genuine).has_value());
    CHECK(printer.trust.get(known_serial)->fingerprint == genuine.fingerprint);
    CHECK(identity.check(genuine).has_value());
    CHECK_FALSE(identity.check(printer.certificate()).has_value()); // the same name, another certificate
}

TEST_CASE("an untrusted certificate is not stored") {
    IdentityFixture printer;
    const auto config = printer.config(TlsMode::pin);
    Identity identity(config, configured_host, printer.trust);
    CHECK_FALSE(why_not(identity.decide(printer.certificate("01S00C000000002"))).empty());
    CHECK_FALSE(printer.trust.get(known_serial).has_value());
}

TEST_CASE("when a pin cannot be written or read no certificate is trusted") {
    IdentityFixture printer;
    test_support::write_file(printer.directory / "state", "a file where the folder should be");
    const auto config = printer.config(TlsMode::pin);
    Identity unwritable(config, configured_host, printer.trust);
    const auto decision = unwritable.decide(printer.certificate());
    CHECK(why_not(decision).find("cannot be stored") != std::string::npos);
    CHECK(decision.error().doubt == Doubt::pin);

    IdentityFixture other;
    std::filesystem::create_directories(other.directory / "state/pins");
    test_support::write_file(other.directory / "state/pins/01S00C000000001.pem", "no certificate");
    Identity unreadable(config, configured_host, other.trust);
    CHECK(knows(unreadable) == "untrusted");
}

TEST_CASE("with a configured host the first certificate is trusted only there") {
    IdentityFixture printer;
    auto config = printer.config(TlsMode::pin);
    const auto genuine = printer.certificate();
    Identity announced(config, "10.0.0.66", printer.trust);
    CHECK(knows(announced) == "untrusted");
    const auto decision = announced.decide(printer.certificate()); // it names the serial
    CHECK(decision.error().doubt == Doubt::place);
    CHECK_FALSE(printer.trust.get(known_serial).has_value());

    Identity at_host(config, configured_host, printer.trust);
    REQUIRE(why_not(at_host.decide(genuine)).empty());
    Identity moved(config, "10.0.0.9", printer.trust);
    CHECK(knows(moved) == genuine.pem); // with a pin it may be at any address

    IdentityFixture other;
    config.host.clear();
    Identity found(config, "10.0.0.66", other.trust);
    CHECK(knows(found) == "nothing");
    CHECK(why_not(found.decide(genuine)).empty());
    config.host = configured_host;
    config.tls = TlsMode::ca;
    Identity verified(config, "10.0.0.66", other.trust);
    CHECK(knows(verified) == "nothing"); // the authority decides, at any address
}

TEST_CASE("a damaged pin is replaced at the configured host only, never where a printer is announced") {
    IdentityFixture printer;
    auto config = printer.config(TlsMode::pin);
    const auto damage = [&] {
        std::filesystem::create_directories(printer.directory / "state/pins");
        test_support::write_file(printer.directory / "state/pins/01S00C000000001.pem", "no certificate");
        Identity first(config, configured_host, printer.trust);
        CHECK(knows(first) == "untrusted"); // which sets it aside
    };
    const auto shown = printer.certificate(); // it names the serial

    config.host.clear();
    damage();
    Identity announced(config, "10.0.0.66", printer.trust);
    CHECK(knows(announced) == "untrusted");
    const auto decision = announced.decide(shown);
    CHECK(decision.error().doubt == Doubt::pin);
    CHECK_FALSE(printer.trust.get(known_serial).has_value());
    REQUIRE(printer.trust.put(known_serial, shown.pem)); // as the command pin does
    Identity pinned(config, "10.0.0.66", printer.trust);
    CHECK(knows(pinned) == shown.pem);

    config.host = configured_host;
    damage();
    Identity at_host(config, configured_host, printer.trust);
    CHECK(knows(at_host) == "nothing");
    CHECK(why_not(at_host.decide(shown)).empty());
    CHECK_FALSE(printer.trust.was_damaged(known_serial));
}

TEST_CASE("mode ca checks each time and stores nothing; mode insecure accepts anything") {
    IdentityFixture printer;
    const auto by_authority = printer.config(TlsMode::ca);
    Identity verified(by_authority, configured_host, printer.trust);
    CHECK(knows(verified) == "nothing");
    auto shown = printer.certificate();
    CHECK(why_not(verified.decide(shown)).find("is not verified") != std::string::npos);
    shown.verified = true;
    CHECK(verified.decide(shown)->anchor_pem == shown.pem);
    CHECK_FALSE(printer.trust.get(known_serial).has_value());
    CHECK(verified.probe_target("127.0.0.1", 990).authorities == Authorities::file);

    const auto insecure = printer.config(TlsMode::insecure);
    Identity anything(insecure, configured_host, printer.trust);
    CHECK(knows(anything) == "anything");
}

} // namespace bambu2mqtt
