// Whether a printer's certificate is trusted. Pure: no files, no network, no OpenSSL.
#pragma once

#include <bambu2mqtt/app/config.hpp>
#include <bambu2mqtt/link/certificate.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace bambu2mqtt {

/// A certificate trusted before.
struct PinnedCertificate {
    std::string pem{};
    std::string fingerprint{}; ///< SHA-256: "AA:BB:..."
};

/// Connect, with exactly this certificate as the only trust anchor. In pin mode it is also the one to
/// remember.
struct Trusted {
    std::string pem{};
};

/// Do not connect.
struct Untrusted {
    std::string why{}; ///< for people
};

using TrustDecision = std::variant<Trusted, Untrusted>;

/// pin without a pin: the certificate must name the serial. pin with a pin: it must be that certificate,
/// whatever it names. ca: its chain must be verified and it must name the serial. insecure: any certificate.
/// In pin and ca mode it must also be valid now. "Names the serial" means that the common name is the serial
/// byte for byte: printers have no subject alternative names.
[[nodiscard]] TrustDecision decide_trust(TlsMode mode, std::string_view serial,
                                         const std::optional<PinnedCertificate>& pin,
                                         const PeerCertificate& shown);

} // namespace bambu2mqtt
