// Reads X.509 certificates. Knows OpenSSL; decides nothing.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/base/time.hpp>

#include <string>
#include <string_view>

struct x509_st;

namespace bambu2mqtt {

/// A peer's certificate, and the result of its verification.
struct PeerCertificate {
    std::string pem{};
    std::string fingerprint{}; ///< SHA-256 of the DER form: "AA:BB:..."
    std::string common_name{}; ///< the last one of the subject, unchanged; empty if there is none
    std::string issuer{};      ///< in one line: "CN=...,O=..."
    WallTime not_before{};
    WallTime not_after{};
    bool in_time = false;   ///< not_before <= this machine's clock <= not_after
    bool too_early = false; ///< not in_time, because this machine's clock is before not_before
    bool verified = false; ///< the chain leads to the given authorities, and the host name, if given, matches
    std::string verify_text{};   ///< why not; OpenSSL's text
    bool chain_untimely = false; ///< not verified because by this machine's clock a certificate of the chain
                                 ///< is not valid, and no other error was found before; then in_time is
                                 ///< false, and too_early says which
};

/// A name from a certificate, sanitized for one line of a message or a terminal: characters that are not
/// printable ASCII become "?", and text over 128 bytes is cut.
[[nodiscard]] std::string printable_name(std::string_view text);

/// Everything except `verified` and `verify_text`. Fails as `malformed` if the certificate cannot be encoded.
[[nodiscard]] expected<PeerCertificate, Error> describe_certificate(x509_st& certificate);

/// Sets `verified`, `verify_text`, `chain_untimely` and what goes with it, by OpenSSL's verdict on the chain
/// (X509_V_...). `authorities_problem`: why the authorities could not be read; empty: they could.
void set_chain_verdict(PeerCertificate& peer, const std::string& authorities_problem, long verdict);

/// Reads the first certificate of a PEM text. Fails as `malformed`.
[[nodiscard]] expected<PeerCertificate, Error> parse_certificate(std::string_view pem);

} // namespace bambu2mqtt
