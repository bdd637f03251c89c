#include <bambu2mqtt/link/trust.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

namespace {

/// A foreign text for a message: control characters and the like are replaced.
[[nodiscard]] std::string printable(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result += c >= ' ' && c <= '~' ? c : '?';
    }
    return result;
}

[[nodiscard]] TrustDecision trusted_if_valid_now(const PeerCertificate& shown) {
    if (shown.in_time) {
        return Trusted{shown.pem};
    }
    return Untrusted{
        fmt::format("the certificate is valid from {} to {} only, and not now by the clock of this machine",
                    rfc3339(shown.not_before), rfc3339(shown.not_after))};
}

[[nodiscard]] TrustDecision decide_by_pin(const PinnedCertificate& pin, const PeerCertificate& shown) {
    if (pin.fingerprint == shown.fingerprint) {
        return trusted_if_valid_now(shown);
    }
    return Untrusted{
        fmt::format("the printer shows certificate {} (for '{}'), trusted is {}; if its certificate was "
                    "renewed on purpose, trust the new one with the command pin",
                    shown.fingerprint, printable(shown.common_name), pin.fingerprint)};
}

} // namespace

TrustDecision decide_trust(TlsMode mode, std::string_view serial, const std::optional<PinnedCertificate>& pin,
                           const PeerCertificate& shown) {
    if (mode == TlsMode::insecure) {
        return Trusted{shown.pem};
    }
    if (mode == TlsMode::pin && pin) {
        return decide_by_pin(*pin, shown);
    }
    if (mode == TlsMode::ca && !shown.verified) {
        return Untrusted{fmt::format("the certificate for '{}', issued by '{}', is not verified: {}",
                                     printable(shown.common_name), printable(shown.issuer),
                                     shown.verify_text)};
    }
    if (shown.common_name != serial) {
        return Untrusted{
            fmt::format("the certificate is for '{}', expected '{}' (another printer at this address?)",
                        printable(shown.common_name), serial)};
    }
    return trusted_if_valid_now(shown);
}

} // namespace bambu2mqtt
