#include "io/ftps/peer_check.hpp"

#include <bambu2mqtt/io/thread/guard.hpp>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <utility>

namespace bambu2mqtt {

namespace {

struct FreeStore {
    void operator()(X509_STORE* store) const noexcept { X509_STORE_free(store); }
};

} // namespace

CURLcode PeerCheck::install(CURL* /*easy*/, void* tls_context, void* self) {
    bool prepared = false;
    guard("TLS with a file server",
          [&] { prepared = static_cast<PeerCheck*>(self)->prepare(*static_cast<SSL_CTX*>(tls_context)); });
    return prepared ? CURLE_OK : CURLE_ABORTED_BY_CALLBACK;
}

bool PeerCheck::prepare(ssl_ctx_st& context) {
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(&context, &PeerCheck::on_certificate, this);
    if (server_.ca_file.empty()) {
        return true;
    }
    const std::unique_ptr<X509_STORE, FreeStore> authorities(X509_STORE_new());
    if (authorities == nullptr) {
        return false;
    }
    authorities_problem_.clear();
    if (X509_STORE_load_file(authorities.get(), server_.ca_file.c_str()) != 1) {
        authorities_problem_ = fmt::format("cannot read authorities from '{}'", server_.ca_file.string());
        ERR_clear_error();
    }
    return SSL_CTX_set1_verify_cert_store(&context, authorities.get()) == 1;
}

int PeerCheck::on_certificate(x509_store_ctx_st* context, void* self) {
    bool trusted = false;
    guard("certificate of a file server",
          [&] { trusted = static_cast<PeerCheck*>(self)->is_trusted(*context); });
    X509_STORE_CTX_set_error(context, trusted ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
    return trusted ? 1 : 0;
}

bool PeerCheck::is_trusted(x509_store_ctx_st& context) {
    X509* const leaf = X509_STORE_CTX_get0_cert(&context);
    auto shown = leaf == nullptr
                     ? expected<PeerCertificate, Error>(failure(Problem::malformed, "no certificate"))
                     : describe_certificate(*leaf);
    if (!shown) {
        refusal_ = std::move(shown).error().detail;
        return false;
    }
    if (!server_.ca_file.empty()) {
        const bool verified = X509_verify_cert(&context) == 1;
        set_chain_verdict(*shown, authorities_problem_,
                          verified ? X509_V_OK : X509_STORE_CTX_get_error(&context));
        ERR_clear_error();
    }
    const auto trusted = server_.check ? server_.check(*shown) : unexpected(Untrusted{"nothing is trusted"});
    if (!trusted) {
        const auto& [why, doubt, advice] = trusted.error();
        refusal_ = advice.empty() ? why : fmt::format("{}; {}", why, advice);
        return false;
    }
    if (shown->fingerprint != accepted_) {
        to_accept_ = std::move(*shown);
    }
    return true;
}

bool PeerCheck::accept() {
    const auto shown = std::exchange(to_accept_, std::nullopt);
    if (!shown) {
        return true;
    }
    if (server_.accept) {
        if (const auto accepted = server_.accept(*shown); !accepted) {
            refusal_ = accepted.error().why;
            return false;
        }
    }
    accepted_ = shown->fingerprint;
    return true;
}

} // namespace bambu2mqtt
