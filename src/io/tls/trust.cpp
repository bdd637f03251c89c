#include <bambu2mqtt/io/tls/trust.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

namespace {

[[nodiscard]] TrustDecision trusted_if_valid_now(const PeerCertificate& shown) {
    if (shown.in_time) {
        return {};
    }
    return unexpected(Untrusted{
        fmt::format("according to the clock of this machine the certificate {}: it is valid from {} to {}",
                    shown.too_early ? "is not valid yet" : "has expired", rfc3339(shown.not_before),
                    rfc3339(shown.not_after)),
        shown.too_early ? Doubt::not_yet_valid : Doubt::expired});
}

[[nodiscard]] TrustDecision decide_by_pin(const PinnedCertificate& pin, std::string_view serial,
                                          const PeerCertificate& shown) {
    if (pin.fingerprint == shown.fingerprint) {
        return trusted_if_valid_now(shown);
    }
    // A pin with another name was forced: the name says nothing about this printer.
    const bool another_printer = pin.common_name == serial && !names_serial(shown, serial);
    return unexpected(
        Untrusted{fmt::format("the printer presents certificate {} (for '{}'), trusted is {}",
                              shown.fingerprint, printable_name(shown.common_name), pin.fingerprint),
                  another_printer ? Doubt::name : Doubt::identity,
                  another_printer
                      ? "check serial and host"
                      : "if its certificate was renewed on purpose, trust the new one with the command pin"});
}

} // namespace

bool names_serial(const PeerCertificate& shown, std::string_view serial) {
    return shown.common_name == serial;
}

std::string not_for_serial(const PeerCertificate& shown, std::string_view serial) {
    return fmt::format("the certificate is for '{}', expected '{}'", printable_name(shown.common_name),
                       serial);
}

TrustDecision decide_trust(TlsMode mode, std::string_view serial, const std::optional<PinnedCertificate>& pin,
                           const PeerCertificate& shown) {
    if (mode == TlsMode::insecure) {
        return {};
    }
    if (mode == TlsMode::pin && pin) {
        return decide_by_pin(*pin, serial, shown);
    }
    if (mode == TlsMode::ca && !shown.verified && !shown.chain_untimely) {
        return unexpected(Untrusted{
            fmt::format("the certificate for '{}', issued by '{}', is not verified: {}",
                        printable_name(shown.common_name), printable_name(shown.issuer), shown.verify_text)});
    }
    if (!names_serial(shown, serial)) {
        return unexpected(Untrusted{not_for_serial(shown, serial), Doubt::name});
    }
    return trusted_if_valid_now(shown);
}

} // namespace bambu2mqtt
