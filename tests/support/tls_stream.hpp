#pragma once
// Sockets of small servers in tests: a listening port, a TLS connection to one client. Waits for peers, but
// not when stopped. Knows no protocol.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace bambu2mqtt::test_support {

/// How a connection is cut.
enum class Cut {
    politely, ///< closed regularly, as if the data were complete
    rudely,   ///< reset
};

/// Listens on a port of a loopback address; 0: on a free one, which is returned. Throws std::runtime_error on
/// failure.
[[nodiscard]] int listen_on(const std::string& address, std::uint16_t& port);

/// Listens on a free port of 127.0.0.1. Throws std::runtime_error when there is none.
[[nodiscard]] int listen_anywhere(std::uint16_t& port);

/// Accepts a client of a listening socket; -1 when stopped.
[[nodiscard]] int accept_one(int listener, const std::atomic<bool>& stopping);

/// The server's side of one connection, for one thread.
class TlsStream {
  public:
    /// Takes ownership of the descriptor.
    TlsStream(int descriptor, ssl_ctx_st* context, const std::atomic<bool>& stopping);
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;
    ~TlsStream();

    /// The handshake.
    [[nodiscard]] bool accept();

    /// Bytes read; 0 at the end.
    [[nodiscard]] std::size_t read(char* into, std::size_t most);

    /// Writes all of it; false on failure.
    bool write(std::string_view bytes);

    /// Sends close_notify.
    void end();

    /// The destructor will reset the connection.
    void reset();

  private:
    template <typename CommandRequest>
    [[nodiscard]] int again(CommandRequest command_request);

    int descriptor_;
    ssl_st* ssl_;
    const std::atomic<bool>& stopping_;
};

} // namespace bambu2mqtt::test_support
