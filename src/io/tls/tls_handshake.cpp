#include <bambu2mqtt/base/read_file.hpp>
#include <bambu2mqtt/base/unique_fd.hpp>
#include <bambu2mqtt/io/tls/tls_handshake.hpp>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

namespace {

struct FreeSsl {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }

    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }

    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

using SslOwner = std::unique_ptr<SSL, FreeSsl>;
using ContextOwner = std::unique_ptr<SSL_CTX, FreeSsl>;
using CertificateOwner = std::unique_ptr<X509, FreeSsl>;

[[nodiscard]] unexpected<Error> unreachable(std::string detail) {
    return failure(Problem::unavailable, std::move(detail));
}

/// The text of the oldest OpenSSL error of this thread; clears the error queue.
[[nodiscard]] std::string openssl_text() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* reason = ERR_reason_error_string(code);
    return reason == nullptr ? std::string() : std::string(reason);
}

constexpr std::string_view closed_text =
    "peer closed the connection during the handshake (is this a TLS port?)";

[[nodiscard]] unexpected<Error> handshake_failure(int kind, int system_error) {
    const bool end_of_file = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    const std::string text = openssl_text();
    const bool reset = system_error == ECONNRESET || system_error == EPIPE;
    if (kind == SSL_ERROR_SYSCALL && system_error != 0 && !reset) {
        return unreachable(system_error_text(system_error) + " during the TLS handshake");
    }
    if (end_of_file || reset || text.empty()) {
        return unreachable(std::string(closed_text));
    }
    return unreachable(fmt::format("TLS handshake failed: {} (is this a TLS port?)", text));
}

} // namespace

struct TlsHandshake::State {
    ProbeTarget target;
    UniqueFd descriptor; // closed after the TLS session is shut down
    short awaited = POLLOUT;
    bool connected = false;
    ContextOwner context;
    SslOwner ssl;
    std::string authorities_problem; ///< why the authorities could not be read

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State();

    [[nodiscard]] expected<void, Error> start_connecting();
    [[nodiscard]] expected<void, Error> start_tls();
    void read_authorities();
    [[nodiscard]] bool set_expectations();
    [[nodiscard]] expected<PeerCertificate, Error> certificate() const;
};

TlsHandshake::State::~State() {
    if (ssl != nullptr) {
        SSL_shutdown(ssl.get());
        ERR_clear_error();
    }
}

expected<void, Error> TlsHandshake::State::start_connecting() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (getaddrinfo(target.address.c_str(), std::to_string(target.port).c_str(), &hints, &found) != 0) {
        return unreachable(fmt::format("'{}' is not a numeric address", target.address));
    }
    descriptor.reset(socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const bool started =
        descriptor.valid() &&
        (connect(descriptor.get(), found->ai_addr, found->ai_addrlen) == 0 || errno == EINPROGRESS);
    const int problem = errno;
    freeaddrinfo(found);
    if (!started) {
        return unreachable(system_error_text(problem));
    }
    return {};
}

expected<void, Error> TlsHandshake::State::start_tls() {
    context.reset(SSL_CTX_new(TLS_client_method()));
    if (context == nullptr) {
        return unreachable("TLS cannot be started: " + openssl_text());
    }
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_security_level(context.get(), 1);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    read_authorities();
    ssl.reset(SSL_new(context.get()));
    if (ssl == nullptr || SSL_set_fd(ssl.get(), descriptor.get()) != 1 || !set_expectations()) {
        return unreachable("TLS cannot be started: " + openssl_text());
    }
    return {};
}

void TlsHandshake::State::read_authorities() {
    if (target.authorities == Authorities::system) {
        SSL_CTX_set_default_verify_paths(context.get());
    }
    if (target.authorities == Authorities::file &&
        SSL_CTX_load_verify_locations(context.get(), target.ca_file.c_str(), nullptr) != 1) {
        authorities_problem = fmt::format("cannot read authorities from '{}'", target.ca_file.string());
        if (const std::string reason = openssl_text(); !reason.empty()) {
            authorities_problem += ": " + reason;
        }
    }
}

bool TlsHandshake::State::set_expectations() {
    // Equivalent to the macro SSL_set_tlsext_host_name, without its cast.
    if (!target.server_name.empty() && SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                                                TLSEXT_NAMETYPE_host_name, target.server_name.data()) != 1) {
        return false;
    }
    if (target.expected_host.empty()) {
        return true;
    }
    X509_VERIFY_PARAM* expectations = SSL_get0_param(ssl.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(expectations, target.expected_host.c_str()) == 1) {
        return true;
    }
    ERR_clear_error();
    return X509_VERIFY_PARAM_set1_host(expectations, target.expected_host.c_str(), 0) == 1;
}

expected<PeerCertificate, Error> TlsHandshake::State::certificate() const {
    const CertificateOwner leaf(SSL_get1_peer_certificate(ssl.get()));
    if (leaf == nullptr) {
        return unreachable("peer presented no certificate");
    }
    expected<PeerCertificate, Error> peer = describe_certificate(*leaf);
    if (!peer) {
        return peer;
    }
    if (target.authorities == Authorities::none) {
        peer->verify_text = "not asked for";
    } else {
        set_chain_verdict(*peer, authorities_problem, SSL_get_verify_result(ssl.get()));
    }
    return peer;
}

TlsHandshake::TlsHandshake(std::unique_ptr<State> state) : state_(std::move(state)) {}

TlsHandshake::~TlsHandshake() = default;

expected<std::unique_ptr<TlsHandshake>, Error> TlsHandshake::begin(ProbeTarget target) {
    auto state = std::make_unique<State>();
    state->target = std::move(target);
    if (auto started = state->start_connecting(); !started) {
        return unexpected(std::move(started).error());
    }
    return std::unique_ptr<TlsHandshake>(new TlsHandshake(std::move(state)));
}

int TlsHandshake::descriptor() const noexcept {
    return state_->descriptor.get();
}

short TlsHandshake::awaited() const noexcept {
    return state_->awaited;
}

std::optional<expected<PeerCertificate, Error>> TlsHandshake::step() {
    State& state = *state_;
    if (!state.connected) {
        int problem = 0;
        socklen_t size = sizeof problem;
        getsockopt(state.descriptor.get(), SOL_SOCKET, SO_ERROR, &problem, &size);
        if (problem != 0) {
            return unreachable(system_error_text(problem));
        }
        state.connected = true;
        if (!state.target.tls) {
            return PeerCertificate{};
        }
        if (auto started = state.start_tls(); !started) {
            return unexpected(std::move(started).error());
        }
    }
    ERR_clear_error();
    errno = 0;
    const int status = SSL_connect(state.ssl.get());
    if (status == 1) {
        return state.certificate();
    }
    const int system_error = errno;
    const int kind = SSL_get_error(state.ssl.get(), status);
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
        state.awaited = kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
        return std::nullopt;
    }
    return handshake_failure(kind, system_error);
}

unexpected<Error> probe_timed_out() {
    return failure(Problem::timed_out,
                   fmt::format("timed out: no complete TLS handshake within {} s", probe_deadline.count()));
}

} // namespace bambu2mqtt
