#include "support/files.hpp"
#include "support/pki.hpp"
#include <bambu2mqtt/io/tls/tls_probe.hpp>
#include <bambu2mqtt/io/tls/trust.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <string>

namespace bambu2mqtt {

namespace {

using test_support::CertificateOptions;
using test_support::Pki;
using test_support::read_file;
using test_support::TemporaryDirectory;
using test_support::write_file;

constexpr std::string_view serial = "01S00C000000001";

[[nodiscard]] PeerCertificate shown_certificate(std::string name = std::string(serial)) {
    return {.pem = "PEM",
            .fingerprint = "AA:BB",
            .common_name = std::move(name),
            .issuer = "CN=Any",
            .in_time = true,
            .verified = true};
}

[[nodiscard]] std::string why_not(const TrustDecision& decision) {
    return decision ? "" : decision.error().why;
}

[[nodiscard]] bool trusted(const TrustDecision& decision) {
    return decision.has_value();
}

[[nodiscard]] std::string upper_with_colons(const std::string& digits) {
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && i % 2 == 0) {
            text += ':';
        }
        text += static_cast<char>(std::toupper(static_cast<unsigned char>(digits[i])));
    }
    return text;
}

[[nodiscard]] std::string issue_pem(Pki& pki, const CertificateOptions& options) {
    return read_file(pki.issue(options, "leaf").certificate);
}

} // namespace

TEST_CASE("pin mode without a pin trusts a certificate that names the serial exactly") {
    CHECK(trusted(decide_trust(TlsMode::pin, serial, {}, shown_certificate())));
    for (const std::string& name :
         {std::string("01S00C000000002"), std::string("01s00c000000001"), std::string(),
          std::string(serial) + '\0' + ".example", std::string(serial) + " "}) {
        const auto decision = decide_trust(TlsMode::pin, serial, {}, shown_certificate(name));
        CHECK(why_not(decision).find("expected '01S00C000000001'") != std::string::npos);
    }
}

TEST_CASE("pin mode with a pin trusts that certificate only, whatever it names") {
    const PinnedCertificate same{"PEM", "AA:BB"};
    const PinnedCertificate other{"OTHER", "CC:DD"};
    CHECK(trusted(decide_trust(TlsMode::pin, serial, same, shown_certificate())));
    CHECK(trusted(decide_trust(TlsMode::pin, serial, same, shown_certificate("another name"))));
    const std::string why = why_not(decide_trust(TlsMode::pin, serial, other, shown_certificate()));
    CHECK(why.find("AA:BB") != std::string::npos);
    CHECK(why.find("CC:DD") != std::string::npos);
}

TEST_CASE("ca mode requires a verified chain and the serial") {
    CHECK(trusted(decide_trust(TlsMode::ca, serial, {}, shown_certificate())));
    CHECK_FALSE(trusted(decide_trust(TlsMode::ca, serial, {}, shown_certificate("01S00C000000002"))));
    PeerCertificate unverified = shown_certificate();
    unverified.verified = false;
    unverified.verify_text = "unable to get local issuer certificate";
    const std::string why = why_not(decide_trust(TlsMode::ca, serial, {}, unverified));
    CHECK(why.find("unable to get local issuer certificate") != std::string::npos);
}

TEST_CASE("a certificate outside its validity is not trusted, except in insecure mode") {
    PeerCertificate expired = shown_certificate();
    expired.in_time = false;
    const PinnedCertificate same{"PEM", "AA:BB"};
    CHECK(why_not(decide_trust(TlsMode::pin, serial, {}, expired)).find("clock") != std::string::npos);
    CHECK(why_not(decide_trust(TlsMode::pin, serial, same, expired)).find("clock") != std::string::npos);
    CHECK_FALSE(trusted(decide_trust(TlsMode::ca, serial, {}, expired)));
    CHECK(trusted(decide_trust(TlsMode::insecure, serial, {}, expired)));
}

TEST_CASE("a validity problem has its own reason, and only where everything else is fine") {
    const auto doubt = [](TlsMode mode, const PeerCertificate& shown,
                          const std::optional<PinnedCertificate>& pin = {}) {
        return decide_trust(mode, serial, pin, shown).error().doubt;
    };
    PeerCertificate late = shown_certificate();
    late.in_time = false;
    PeerCertificate early = late;
    early.too_early = true;
    const PinnedCertificate same{"PEM", "AA:BB"};
    const PinnedCertificate other{"OTHER", "CC:DD"};
    CHECK(doubt(TlsMode::pin, early) == Doubt::not_yet_valid);
    CHECK(doubt(TlsMode::pin, early, same) == Doubt::not_yet_valid);
    CHECK(doubt(TlsMode::ca, early) == Doubt::not_yet_valid);
    CHECK(doubt(TlsMode::pin, late) == Doubt::expired);
    CHECK(doubt(TlsMode::pin, late, same) == Doubt::expired);
    CHECK(doubt(TlsMode::pin, early, other) == Doubt::identity);
    early.common_name = "another";
    CHECK(doubt(TlsMode::pin, early) == Doubt::name);
    CHECK(doubt(TlsMode::ca, early) == Doubt::name);

    PeerCertificate chain = shown_certificate(); // as the chain check reports a wrong clock
    chain.verified = false;
    chain.chain_untimely = true;
    chain.in_time = false;
    chain.too_early = true;
    CHECK(doubt(TlsMode::ca, chain) == Doubt::not_yet_valid);
    chain.chain_untimely = false;
    CHECK(doubt(TlsMode::ca, chain) == Doubt::identity);
}

TEST_CASE("another printer at the address is distinguished from a renewed certificate") {
    const auto untrusted = [](const PeerCertificate& shown, const PinnedCertificate& pin) {
        return decide_trust(TlsMode::pin, serial, pin, shown).error();
    };
    const PinnedCertificate named{"OTHER", "CC:DD", std::string{serial}};
    const PinnedCertificate forced{"OTHER", "CC:DD", "any"};
    CHECK(untrusted(shown_certificate(), named).doubt == Doubt::identity);
    CHECK(untrusted(shown_certificate(), named).advice.find("command pin") != std::string::npos);
    CHECK(untrusted(shown_certificate("01S00C000000002"), named).doubt == Doubt::name);
    CHECK(untrusted(shown_certificate("01S00C000000002"), named).advice == "check serial and host");
    CHECK(untrusted(shown_certificate("01S00C000000002"), forced).doubt == Doubt::identity);
}

TEST_CASE("insecure mode trusts everything") {
    PeerCertificate any = shown_certificate("other");
    any.verified = false;
    CHECK(trusted(decide_trust(TlsMode::insecure, serial, PinnedCertificate{"OTHER", "CC:DD"}, any)));
}

TEST_CASE("names from a certificate appear in messages without control characters") {
    const auto decision = decide_trust(TlsMode::pin, serial, {}, shown_certificate("bad\x1b[31m\nname"));
    CHECK(why_not(decision).find("'bad?[31m?name'") != std::string::npos);
}

TEST_CASE("a certificate is described: name, issuer, fingerprint, times") {
    const TemporaryDirectory directory;
    Pki pki(directory.path(), "Test CA");
    const auto issued = pki.issue({.common_name = std::string(serial)}, "leaf");
    const auto certificate = parse_certificate(read_file(issued.certificate));
    REQUIRE(certificate);
    CHECK(certificate->common_name == serial);
    CHECK(certificate->issuer.find("CN=Test CA") != std::string::npos);
    CHECK(certificate->fingerprint == upper_with_colons(issued.sha256));
    CHECK(certificate->in_time);
    CHECK(certificate->not_before < certificate->not_after);
    CHECK(parse_certificate(certificate->pem)->fingerprint == certificate->fingerprint);
}

TEST_CASE("a long name is truncated") {
    CHECK(printable_name(std::string(5000, 'x')) == std::string(128, 'x') + "...");
    CHECK(printable_name("\xC2\x9B"
                         "31m \xFF") == "??31m ?");
}

TEST_CASE("expired and version 1 certificates are described too") {
    const TemporaryDirectory directory;
    Pki pki(directory.path());
    using std::chrono::hours;
    const auto expired = parse_certificate(issue_pem(
        pki, {.common_name = std::string(serial), .valid_from = hours(-48), .valid_until = hours(-24)}));
    REQUIRE(expired);
    CHECK_FALSE(expired->in_time);
    CHECK_FALSE(expired->too_early);
    const auto future = parse_certificate(issue_pem(
        pki, {.common_name = std::string(serial), .valid_from = hours(24), .valid_until = hours(48)}));
    REQUIRE(future);
    CHECK_FALSE(future->in_time);
    CHECK(future->too_early);
    const auto old =
        parse_certificate(issue_pem(pki, {.common_name = std::string(serial), .version_1 = true}));
    REQUIRE(old);
    CHECK(old->common_name == serial);
}

TEST_CASE("anything that is not a certificate is an error") {
    for (const std::string_view text :
         {"", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
        CHECK_FALSE(parse_certificate(text).has_value());
    }
}

TEST_CASE("a trusted certificate is stored in a private file and replaces the previous one") {
    const TemporaryDirectory directory;
    Pki pki(directory / "ca");
    const std::string first = issue_pem(pki, {.common_name = std::string(serial)});
    const std::string second = issue_pem(pki, {.common_name = std::string(serial)});
    const auto state = directory / "state";
    TrustStore store(state);
    CHECK_FALSE(store.get(serial).has_value());
    const auto stored = store.put(serial, first);
    REQUIRE(stored);
    CHECK(store.get(serial)->fingerprint == stored->fingerprint);

    TrustStore after_restart(state);
    CHECK(after_restart.get(serial)->pem == stored->pem);
    CHECK_FALSE(after_restart.get("01S00C000000002").has_value());
    REQUIRE(after_restart.put(serial, second));
    CHECK(store.get(serial)->fingerprint == parse_certificate(second)->fingerprint);

    struct stat status {};

    const auto file = state / "pins" / (std::string(serial) + ".pem");
    REQUIRE(stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    CHECK(std::distance(std::filesystem::directory_iterator(state / "pins"), {}) == 1);
}

TEST_CASE("a corrupt pin is set aside and reported once, and then there is none") {
    const TemporaryDirectory directory;
    TrustStore store(directory.path());
    std::filesystem::create_directories(directory / "pins");
    const auto file = directory / "pins/01S00C000000001.pem";
    write_file(file, "not a certificate");
    CHECK_FALSE(store.get(serial).has_value()); // which leaves the pin unchanged
    const auto loaded = store.load(serial);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().problem == Problem::malformed);
    CHECK(read_file(file.string() + ".corrupt") == "not a certificate");
    const auto again = store.load(serial);
    REQUIRE(again);
    CHECK_FALSE(again->has_value());
}

TEST_CASE("a certificate that cannot be stored is an error") {
    const TemporaryDirectory directory;
    Pki pki(directory / "ca");
    const std::string pem = issue_pem(pki, {.common_name = std::string(serial)});
    write_file(directory / "file", "in the way");
    TrustStore store(directory / "file");
    CHECK(store.put(serial, pem).error().problem == Problem::unavailable);
    CHECK(store.put(serial, "no certificate").error().problem == Problem::malformed);
}

TEST_CASE("only a certificate that names the serial is stored, unless forced") {
    const TemporaryDirectory directory;
    Pki pki(directory / "ca");
    TrustStore store(directory / "state");
    const auto own = issue_pem(pki, {.common_name = std::string(serial)});
    REQUIRE(store.put(serial, own));
    for (const auto& name :
         {std::string("attacker.example"), std::string("01s00c000000001"), std::string(serial) + " "}) {
        const auto refused = store.put(serial, issue_pem(pki, {.common_name = name}));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().problem == Problem::refused);
    }
    CHECK(store.get(serial)->common_name == serial);
    REQUIRE(store.put(serial, issue_pem(pki, {.common_name = "attacker.example"}), Naming::anything));
    CHECK(store.get(serial)->common_name == "attacker.example");
}

TEST_CASE("a serial cannot escape the folder of pins") {
    const TemporaryDirectory directory;
    Pki pki(directory / "ca");
    TrustStore store(directory / "state");
    REQUIRE(store.put("../../escape", issue_pem(pki, {.common_name = "x"}), Naming::anything));
    CHECK(std::filesystem::exists(directory / "state/pins/______escape.pem"));
}

} // namespace bambu2mqtt
