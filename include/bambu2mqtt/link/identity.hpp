// Whom a connection to a printer may reach: the same certificate for MQTT and FTPS, pinned, verified or,
// where the user wants it so, any. Knows the pins and the rule; makes no connection.
#pragma once

#include <bambu2mqtt/app/config.hpp>
#include <bambu2mqtt/core/result.hpp>
#include <bambu2mqtt/link/tls_handshake.hpp>
#include <bambu2mqtt/link/trust.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace bambu2mqtt {

class TrustStore;

/// What the server must show before any secret is sent.
struct Expected {
    bool anything = false;    ///< any certificate will do: tls = "insecure"
    std::string anchor_pem{}; ///< else exactly this one; needs prepare_tls()
};

/// For one connection attempt.
class Identity {
  public:
    /// Both outlive it.
    Identity(const PrinterConfig& config, TrustStore& trust);

    /// What is known without asking the printer; nothing: look at the certificate it shows, see look_at(),
    /// and decide() on it. Fails when the pin cannot be read; connect to nobody then.
    [[nodiscard]] Result<std::optional<Expected>> known();

    /// How to look: one handshake in which nothing is said.
    [[nodiscard]] ProbeTarget look_at(const std::string& address, std::uint16_t port) const;

    /// By decide_trust(). In pin mode without a pin a trusted certificate is remembered; when that fails it
    /// is not trusted.
    [[nodiscard]] std::variant<Expected, Untrusted> decide(const PeerCertificate& shown);

  private:
    const PrinterConfig& config_;
    TrustStore& trust_;
    std::optional<PinnedCertificate> pin_;
};

} // namespace bambu2mqtt
