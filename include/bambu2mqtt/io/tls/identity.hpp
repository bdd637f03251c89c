// The expected server of a connection to a printer: the same certificate for MQTT and FTPS, pinned, verified
// or, if configured so, any. Knows the pins and the rule; makes no connection.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/tls/tls_handshake.hpp>
#include <bambu2mqtt/io/tls/trust.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace bambu2mqtt {

class TrustStore;

/// The certificate that the server must present before any secret is sent.
struct TrustedPeer {
    bool anything = false;    ///< any certificate: tls = "insecure"
    std::string anchor_pem{}; ///< else exactly this one; needs prepare_tls()
};

/// For one connection attempt.
class Identity {
  public:
    /// `config` and `trust` must outlive it. `host`: the address of this attempt, as chosen by the session.
    /// If a host is configured, the first certificate is trusted only at that host, not at announced
    /// addresses; if none is, a certificate that replaces a damaged pin is not trusted at all.
    Identity(const PrinterConfig& config, const std::string& host, TrustStore& trust);

    /// What is known without asking the printer; nothing: it depends on the certificate that it shows, see
    /// check() and decide(). Fails when the pin cannot be read (Doubt::pin) or a first certificate would not
    /// be trusted here (Doubt::place); connect to nobody then.
    [[nodiscard]] expected<std::optional<TrustedPeer>, Untrusted> known();

    /// How to get the certificate: one handshake without sending data.
    [[nodiscard]] ProbeTarget probe_target(const std::string& address, std::uint16_t port) const;

    /// Whether the certificate is trusted, by decide_trust(); remembers nothing. For the middle of a
    /// handshake, when the peer has not proved yet that it holds the key.
    [[nodiscard]] TrustDecision check(const PeerCertificate& shown);

    /// The same after a handshake: in pin mode without a pin a trusted certificate is remembered; when that
    /// fails (Doubt::pin) it is not trusted.
    [[nodiscard]] expected<TrustedPeer, Untrusted> decide(const PeerCertificate& shown);

    /// The fingerprint of the pin that was used; empty: none, or none is used.
    [[nodiscard]] std::string pinned() const { return pin_ ? pin_->fingerprint : std::string(); }

  private:
    /// In pin mode without a pin: whether the printer's other connection has been quicker.
    [[nodiscard]] TrustDecision look_for_pin();

    const PrinterConfig& config_;
    TrustStore& trust_;
    const bool first_use_; ///< a first certificate may be trusted here
    std::optional<PinnedCertificate> pin_;
};

} // namespace bambu2mqtt
