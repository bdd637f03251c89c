#include <bambu2mqtt/io/tls/identity.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <utility>

namespace bambu2mqtt {

Identity::Identity(const PrinterConfig& config, const std::string& host, TrustStore& trust)
    : config_(config), trust_(trust), first_use_(config.host.empty() || host == config.host) {}

expected<std::optional<TrustedPeer>, Untrusted> Identity::known() {
    if (config_.tls == TlsMode::insecure) {
        return std::optional(TrustedPeer{.anything = true});
    }
    if (config_.tls == TlsMode::pin) {
        auto pin = trust_.load(config_.serial);
        if (!pin) {
            return unexpected(Untrusted{pin.error().detail, Doubt::pin});
        }
        pin_ = *std::move(pin);
        if (!pin_ && !first_use_) {
            return unexpected(
                Untrusted{"no certificate of this printer is pinned yet, and the first one is trusted at "
                          "the configured host alone",
                          Doubt::place});
        }
        if (!pin_ && config_.host.empty() && trust_.was_damaged(config_.serial)) {
            return unexpected(
                Untrusted{"the pinned certificate was damaged and is set aside; without a configured host "
                          "no other one is trusted until the command pin has done so",
                          Doubt::pin});
        }
    }
    return pin_ ? std::optional(TrustedPeer{.anchor_pem = pin_->pem}) : std::nullopt;
}

ProbeTarget Identity::probe_target(const std::string& address, std::uint16_t port) const {
    return {.address = address,
            .port = port,
            .server_name = config_.serial,
            .authorities = config_.tls == TlsMode::ca ? Authorities::file : Authorities::none,
            .ca_file = config_.ca_file};
}

TrustDecision Identity::look_for_pin() {
    if (config_.tls == TlsMode::pin && !pin_) {
        if (auto found = known(); !found) {
            return unexpected(std::move(found).error());
        }
    }
    return {};
}

TrustDecision Identity::check(const PeerCertificate& shown) {
    if (auto looked = look_for_pin(); !looked) {
        return looked;
    }
    return decide_trust(config_.tls, config_.serial, pin_, shown);
}

expected<TrustedPeer, Untrusted> Identity::decide(const PeerCertificate& shown) {
    if (auto checked = check(shown); !checked) {
        return unexpected(std::move(checked).error());
    }
    if (config_.tls == TlsMode::pin && !pin_) {
        auto stored = trust_.put(config_.serial, shown.pem);
        if (!stored) {
            return unexpected(
                Untrusted{"the certificate cannot be stored: " + stored.error().detail, Doubt::pin});
        }
        pin_ = *std::move(stored);
    }
    return TrustedPeer{.anchor_pem = shown.pem};
}

} // namespace bambu2mqtt
