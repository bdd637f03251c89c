// Decides on the certificate of an FTP server inside the handshake that libcurl makes. Knows OpenSSL's
// callbacks; what is trusted the FtpsServer says.
#pragma once

#include <bambu2mqtt/io/ftps/ftps_session.hpp>

#include <optional>
#include <string>

struct ssl_ctx_st;
struct x509_store_ctx_st;

namespace bambu2mqtt {

/// For all connections of one session; outlives them.
class PeerCheck {
  public:
    /// `server` outlives it.
    explicit PeerCheck(const FtpsServer& server) : server_(server) {}

    /// libcurl's SSL_CTX_FUNCTION, before each handshake; `self` is a PeerCheck. From then on
    /// FtpsServer::check decides, and the handshake fails when it says no. libcurl itself does not say why a
    /// handshake on a data connection failed: it tries PASV, takes the answer to the transfer for the answer
    /// to that, and says "Bad PASV/EPSV response".
    static CURLcode install(CURL* easy, void* tls_context, void* self);

    /// After a handshake and before the login: FtpsServer::accept with the certificate that was checked last,
    /// unless it has been accepted already. False when it says no.
    [[nodiscard]] bool accept();

    /// Why a certificate was refused since the last call of forget_refusal().
    [[nodiscard]] const std::optional<std::string>& refusal() const { return refusal_; }

    void forget_refusal() { refusal_.reset(); }

  private:
    static int on_certificate(x509_store_ctx_st* context, void* self);
    [[nodiscard]] bool prepare(ssl_ctx_st& context);
    [[nodiscard]] bool is_trusted(x509_store_ctx_st& context);

    const FtpsServer& server_;
    std::string authorities_problem_{};          ///< why FtpsServer::ca_file could not be read
    std::optional<PeerCertificate> to_accept_{}; ///< checked, not accepted yet
    std::string accepted_{};                     ///< fingerprint
    std::optional<std::string> refusal_{};
};

} // namespace bambu2mqtt
