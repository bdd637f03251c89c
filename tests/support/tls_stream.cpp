#include "support/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace bambu2mqtt::test_support {

int listen_on(const std::string& address, std::uint16_t& port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    socklen_t size = sizeof place;
    auto* const generic = reinterpret_cast<sockaddr*>(&place);
    if (::inet_pton(AF_INET, address.c_str(), &place.sin_addr) != 1 ||
        ::bind(descriptor, generic, size) != 0 || ::listen(descriptor, 128) != 0 ||
        ::getsockname(descriptor, generic, &size) != 0) {
        ::close(descriptor);
        throw std::runtime_error{"cannot listen on " + address};
    }
    port = ntohs(place.sin_port);
    return descriptor;
}

int listen_anywhere(std::uint16_t& port) {
    port = 0;
    return listen_on("127.0.0.1", port);
}

int accept_one(int listener, const std::atomic<bool>& stopping) {
    while (!stopping) {
        pollfd waiting{listener, POLLIN, 0};
        if (::poll(&waiting, 1, 20) > 0)
            return ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    }
    return -1;
}

TlsStream::TlsStream(int descriptor, ssl_ctx_st* context, const std::atomic<bool>& stopping)
    : descriptor_{descriptor}, ssl_{SSL_new(context)}, stopping_{stopping} {
    const timeval often{.tv_sec = 0, .tv_usec = 20'000};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &often, sizeof often);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &often, sizeof often);
    SSL_set_fd(ssl_, descriptor_);
}

TlsStream::~TlsStream() {
    SSL_free(ssl_);
    ::close(descriptor_);
}

/// Until it is done, fails, or is to stop.
template <typename CommandRequest>
int TlsStream::again(CommandRequest command_request) {
    while (!stopping_) {
        ERR_clear_error();
        const int result = command_request();
        const int kind = SSL_get_error(ssl_, result);
        if (result > 0 || (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE))
            return result;
    }
    return -1;
}

bool TlsStream::accept() {
    return again([this] { return SSL_accept(ssl_); }) == 1;
}

std::size_t TlsStream::read(char* into, std::size_t most) {
    const int count = again([&] { return SSL_read(ssl_, into, static_cast<int>(most)); });
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool TlsStream::write(std::string_view bytes) {
    return bytes.empty() ||
           again([&] { return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())); }) > 0;
}

void TlsStream::end() {
    SSL_shutdown(ssl_);
}

void TlsStream::reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

} // namespace bambu2mqtt::test_support
