#pragma once
// Proxy between a client and a server on 127.0.0.1 that simulates network faults: silence, low bandwidth, cut
// connections. Forwards bytes without interpreting them.

#include "support/tls_stream.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace bambu2mqtt::test_support {

/// The state of the network; no faults by default.
struct Faults {
    /// False: connections are accepted and kept and not a byte passes, as with an unplugged cable. Bytes sent
    /// meanwhile pass when it is true again, as with TCP retransmission.
    bool passes = true;
    bool refuses = false;               ///< new connections are reset at once
    std::chrono::milliseconds delay{0}; ///< of each byte, each way
    std::size_t bytes_per_second = 0;   ///< in each direction of each connection; 0: unlimited
    /// A connection is cut when exactly this many bytes of its client or its server have passed.
    std::optional<std::size_t> cut_after_sent{};
    std::optional<std::size_t> cut_after_received{};
    Cut cut = Cut::rudely;
};

/// Bytes of one connection that have passed.
struct Passed {
    std::size_t sent = 0;     ///< by the client
    std::size_t received = 0; ///< by the client
};

/// Relays TCP on a port of its own to a server. One thread, started by the constructor.
class FaultProxy {
  public:
    /// Throws std::runtime_error when there is no port. The server need not run yet: without it connections
    /// are accepted and closed immediately.
    explicit FaultProxy(std::uint16_t server_port);
    ~FaultProxy();
    FaultProxy(const FaultProxy&) = delete;
    FaultProxy& operator=(const FaultProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// From now on, also for open connections; `cut_after...` counts from their beginning.
    void behave(const Faults& faults);

    /// The next connections have these faults, one each, in turn; later ones those of behave().
    void behave_in_turn(std::deque<Faults> faults);

    /// Resets all connections on both sides (RST).
    void reset();

    /// Moves the proxy to this loopback address, on the same port; all connections are reset. Throws
    /// std::runtime_error when another program uses that port there.
    void move_to(const std::string& address);

    /// Number of connections accepted so far.
    [[nodiscard]] std::size_t taken() const;

    /// Number of open connections now, and their maximum so far. For the maximum, a connection whose client
    /// has closed it does not count when the next one is accepted, though its last bytes may still be in
    /// transit; it does count while no byte passes.
    [[nodiscard]] std::size_t standing() const;
    [[nodiscard]] std::size_t most_standing() const;

    /// Counts of the connection that ended last; zero when none has.
    [[nodiscard]] Passed last() const;

    /// Of all connections.
    [[nodiscard]] Passed all() const;

  private:
    using Clock = std::chrono::steady_clock;

    struct Piece {
        Clock::time_point due{};
        std::string bytes{};
    };

    /// One direction.
    struct FieldPath {
        int from = -1;
        int to = -1;
        std::deque<Piece> waiting{};
        std::size_t waiting_bytes = 0;
        std::size_t passed = 0;
        Clock::time_point next{}; ///< when the next byte may pass, where the rate is limited
        bool ended = false;       ///< nothing more comes
    };

    struct Connection {
        FieldPath sent{};
        FieldPath received{};
        std::optional<Faults> own{};
        bool over = false;
    };

    void run();
    void take();
    void move_all();
    void read(FieldPath& way, const Faults& faults) const;
    [[nodiscard]] bool pass(FieldPath& way, const Faults& faults, std::optional<std::size_t> cut_after);
    void move(Connection& connection);
    void close(Connection& connection, Cut how);
    [[nodiscard]] const Faults& faults_of(const Connection& connection) const;
    [[nodiscard]] std::optional<Clock::time_point> next_due() const;
    void wake() const;

    const std::uint16_t server_port_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    int wake_ = -1; ///< eventfd
    mutable std::mutex mutex_;
    Faults faults_{}; // guarded by mutex_, as all until thread_
    std::deque<Faults> in_turn_{};
    std::list<Connection> connections_{};
    std::size_t taken_ = 0;
    std::size_t most_standing_ = 0;
    Passed last_{};
    Passed all_{};
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace bambu2mqtt::test_support
