#pragma once
// Stands between a client and a server on 127.0.0.1 and is the network on its bad days: silent, slow, torn.
// Knows bytes, nothing of what they mean.

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

/// How the network is; fine by default.
struct Faults {
    /// False: connections are taken and kept and not a byte passes, as with a cable pulled out. What was sent
    /// meanwhile passes when it is true again, as TCP sends again.
    bool passes = true;
    bool refuses = false;               ///< new connections are reset at once
    std::chrono::milliseconds delay{0}; ///< of each byte, each way
    std::size_t bytes_per_second = 0;   ///< each way of each connection; 0: as fast as it goes
    /// A connection is cut when exactly so many bytes of its client or its server have passed.
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
    /// Throws std::runtime_error when there is no port. The server need not be there yet: without it
    /// connections are taken and closed at once.
    explicit FaultProxy(std::uint16_t server_port);
    ~FaultProxy();
    FaultProxy(const FaultProxy&) = delete;
    FaultProxy& operator=(const FaultProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// From now on, also for connections that stand; `cut_after...` counts from their beginning.
    void behave(const Faults& faults);

    /// The next connections have these, one each, in turn; later ones what behave() said.
    void behave_in_turn(std::deque<Faults> faults);

    /// Breaks all connections off, both sides, with RST.
    void reset();

    /// From now on it is at this address of loopback, on the same port, and nowhere else; all connections
    /// break off. Throws std::runtime_error when another program has that port there.
    void move_to(const std::string& address);

    /// How many connections were taken so far.
    [[nodiscard]] std::size_t taken() const;

    /// How many stand now, and the most that ever stood at once. For the most, one whose client has closed it
    /// counts no more when the next one comes, though its last bytes may still be on their way; it does while
    /// not a byte passes.
    [[nodiscard]] std::size_t standing() const;
    [[nodiscard]] std::size_t most_standing() const;

    /// Of the connection that ended last; of none, nothing.
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
        Clock::time_point next{}; ///< when the next byte may pass, where there is a rate
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
