// Whether a printer's certificate is trusted. Pure: no files, no network, no OpenSSL.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/tls/certificate.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// A certificate trusted before.
struct PinnedCertificate {
    std::string pem{};
    std::string fingerprint{}; ///< SHA-256: "AA:BB:..."
    std::string common_name{}; ///< the serial, unless somebody forced another one with the command pin
};

/// What stands in the way of trusting a certificate.
enum class Doubt : std::uint8_t {
    identity,      ///< whose it is: only a person can help
    not_yet_valid, ///< nothing but this machine's clock, which is before its validity
    expired,       ///< nothing but this machine's clock, which is after its validity
    pin,           ///< the pin cannot be read or written
    place,         ///< nothing is pinned yet, and this is not the configured host: see Identity
};

/// Do not connect.
struct Untrusted {
    std::string why{}; ///< for people
    Doubt doubt = Doubt::identity;
};

/// Success: connect, and to exactly this certificate. In pin mode it is also the one to remember.
using TrustDecision = expected<void, Untrusted>;

/// Whether the common name is the serial, byte for byte: printers have no subject alternative names.
[[nodiscard]] bool names_serial(const PeerCertificate& shown, std::string_view serial);

/// What to say when it is not.
[[nodiscard]] std::string not_for_serial(const PeerCertificate& shown, std::string_view serial);

/// pin without a pin: the certificate must name the serial. pin with a pin: it must be that certificate,
/// whatever it names. ca: its chain must be verified and it must name the serial. insecure: any certificate.
/// In pin and ca mode it must also be valid now. "Names the serial": see names_serial(). Doubts about the
/// time are told only of a certificate that is right otherwise.
[[nodiscard]] TrustDecision decide_trust(TlsMode mode, std::string_view serial,
                                         const std::optional<PinnedCertificate>& pin,
                                         const PeerCertificate& shown);

} // namespace bambu2mqtt
