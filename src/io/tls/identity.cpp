#include <bambu2mqtt/io/tls/identity.hpp>
#include <bambu2mqtt/io/tls/trust_store.hpp>

#include <utility>

namespace bambu2mqtt {

Identity::Identity(const PrinterConfig& config, const std::string& host, TrustStore& trust)
    : config_(config), trust_(trust), first_use_(config.host.empty() || host == config.host) {}

std::variant<std::optional<Expected>, Untrusted> Identity::known() {
    if (config_.tls == TlsMode::insecure) {
        return std::optional(Expected{.anything = true});
    }
    if (config_.tls == TlsMode::pin) {
        auto pin = trust_.load(config_.serial);
        if (!pin) {
            return Untrusted{pin.error().detail, Doubt::pin};
        }
        pin_ = *std::move(pin);
        if (!pin_ && !first_use_) {
            return Untrusted{"no certificate of this printer is pinned yet, and the first one is trusted at "
                             "the configured host alone",
                             Doubt::place};
        }
        if (!pin_ && config_.host.empty() && trust_.was_damaged(config_.serial)) {
            return Untrusted{"the pinned certificate was damaged and is set aside; without a configured host "
                             "no other one is trusted until the command pin has done so",
                             Doubt::pin};
        }
    }
    return pin_ ? std::optional(Expected{.anchor_pem = pin_->pem}) : std::nullopt;
}

ProbeTarget Identity::probe_target(const std::string& address, std::uint16_t port) const {
    return {.address = address,
            .port = port,
            .server_name = config_.serial,
            .authorities = config_.tls == TlsMode::ca ? Authorities::file : Authorities::none,
            .ca_file = config_.ca_file};
}

std::variant<Expected, Untrusted> Identity::decide(const PeerCertificate& shown) {
    const bool first_use = config_.tls == TlsMode::pin && !pin_;
    if (first_use) { // the printer's other connection may have been quicker
        auto known = this->known();
        if (auto* const untrusted = std::get_if<Untrusted>(&known)) {
            return std::move(*untrusted);
        }
    }
    TrustDecision decision = decide_trust(config_.tls, config_.serial, pin_, shown);
    if (auto* const untrusted = std::get_if<Untrusted>(&decision)) {
        return std::move(*untrusted);
    }
    if (first_use && !pin_) {
        auto stored = trust_.put(config_.serial, shown.pem);
        if (!stored) {
            return Untrusted{"the certificate cannot be remembered: " + stored.error().detail, Doubt::pin};
        }
        pin_ = *std::move(stored);
    }
    return Expected{.anchor_pem = shown.pem};
}

} // namespace bambu2mqtt
