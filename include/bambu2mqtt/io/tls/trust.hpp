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

/// A previously trusted certificate.
struct PinnedCertificate {
    std::string pem{};
    std::string fingerprint{}; ///< SHA-256: "AA:BB:..."
    std::string common_name{}; ///< the serial, unless another one was forced with the command pin
};

/// Why a certificate is not trusted.
enum class Doubt : std::uint8_t {
    identity,      ///< its identity: only a person can help
    name,          ///< the same, and it names another serial: probably another printer
    not_yet_valid, ///< only this machine's clock, which is before its validity
    expired,       ///< only this machine's clock, which is after its validity
    pin,           ///< the pin cannot be read or written
    place,         ///< nothing is pinned yet, and this is not the configured host: see Identity
};

/// Do not connect.
struct Untrusted {
    std::string why{}; ///< for people
    Doubt doubt = Doubt::identity;
    std::string advice{}; ///< what to do, for texts without a hint; may be empty
};

/// Success: connect, and to exactly this certificate. In pin mode it is also the one to remember.
using TrustDecision = expected<void, Untrusted>;

/// True if the common name is exactly the serial: printers have no subject alternative names.
[[nodiscard]] bool names_serial(const PeerCertificate& shown, std::string_view serial);

/// The message if it is not.
[[nodiscard]] std::string not_for_serial(const PeerCertificate& shown, std::string_view serial);

/// pin without a pin: the certificate must name the serial. pin with a pin: it must be that certificate,
/// whatever it names. ca: its chain must be verified and it must name the serial. insecure: any certificate.
/// In pin and ca mode it must also be valid now. "Names the serial": see names_serial(). Validity doubts are
/// reported only if the certificate is otherwise correct.
[[nodiscard]] TrustDecision decide_trust(TlsMode mode, std::string_view serial,
                                         const std::optional<PinnedCertificate>& pin,
                                         const PeerCertificate& shown);

} // namespace bambu2mqtt
