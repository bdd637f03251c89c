// One TLS handshake that only gets the certificate: it sends no secret and nothing afterwards. Knows a socket
// and OpenSSL, neither threads nor MQTT.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/io/tls/certificate.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace bambu2mqtt {

/// Time limit of one handshake.
inline constexpr std::chrono::seconds probe_deadline{10};

/// Trust anchors for verifying a chain.
enum class Authorities {
    none,   ///< not verified: `verified` stays false
    file,   ///< those of `ca_file`
    system, ///< the system's
};

/// The peer, and the checks.
struct ProbeTarget {
    std::string address{}; ///< numeric
    std::uint16_t port = 0;
    bool tls = true;           ///< false: only check whether the connection is accepted
    std::string server_name{}; ///< sent as SNI; empty: none
    Authorities authorities = Authorities::none;
    std::filesystem::path ca_file{}; ///< PEM, one or more certificates
    std::string expected_host{};     ///< name or address the certificate must be issued for; empty: any
};

/// A non-blocking connection and handshake (TLS 1.2 or newer, security level 1). The certificate is checked
/// but never refused: the caller decides. Needs SIGPIPE ignored, see prepare_tls().
class TlsHandshake {
  public:
    /// Starts connecting. Fails immediately if the system reports an error ("network is unreachable").
    [[nodiscard]] static expected<std::unique_ptr<TlsHandshake>, Error> begin(ProbeTarget target);

    TlsHandshake(const TlsHandshake&) = delete;
    TlsHandshake& operator=(const TlsHandshake&) = delete;
    /// Closes the connection.
    ~TlsHandshake();

    /// For poll(): the socket and what it waits for (POLLIN or POLLOUT).
    [[nodiscard]] int descriptor() const noexcept;
    [[nodiscard]] short awaited() const noexcept;

    /// Continues when the socket is ready. Nothing while it waits for the peer; else the certificate (empty
    /// with `tls` = false) or why there is none: "connection refused", "peer closed the connection ...".
    [[nodiscard]] std::optional<expected<PeerCertificate, Error>> step();

  private:
    struct State;
    explicit TlsHandshake(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Result of a handshake that has not ended by its deadline.
[[nodiscard]] unexpected<Error> probe_timed_out();

} // namespace bambu2mqtt
