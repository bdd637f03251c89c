#pragma once
// The sockets of small servers in tests: a port that listens, a TLS connection to one client. Waits for
// peers, but not when it is to stop. Knows no protocol.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace bambu2mqtt::test_support {

/// How a connection ends before its time.
enum class Cut {
    politely, ///< closed in order, as if that was all
    rudely,   ///< reset
};

/// Listens on a port of an address of loopback; 0: on a free one, which is told. Throws std::runtime_error
/// when that cannot be.
[[nodiscard]] int listen_on(const std::string& address, std::uint16_t& port);

/// Listens on a free port of 127.0.0.1. Throws std::runtime_error when there is none.
[[nodiscard]] int listen_anywhere(std::uint16_t& port);

/// A client on a listening socket, or -1 when it is to stop.
[[nodiscard]] int accept_one(int listener, const std::atomic<bool>& stopping);

/// The server's side of one connection, for one thread.
class TlsStream {
  public:
    /// Owns the descriptor.
    TlsStream(int descriptor, ssl_ctx_st* context, const std::atomic<bool>& stopping);
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;
    ~TlsStream();

    /// The handshake.
    [[nodiscard]] bool accept();

    /// Bytes read; 0 at the end.
    [[nodiscard]] std::size_t read(char* into, std::size_t most);

    /// Writes all of it, or is false.
    bool write(std::string_view bytes);

    /// Ends TLS in order.
    void end();

    /// The destructor will break the connection off.
    void reset();

  private:
    template <typename CommandRequest>
    [[nodiscard]] int again(CommandRequest command_request);

    int descriptor_;
    ssl_st* ssl_;
    const std::atomic<bool>& stopping_;
};

} // namespace bambu2mqtt::test_support
