// Relay in front of a real broker that makes it behave like one without MQTT 5. Knows only the first bytes of
// CONNECT.
#pragma once

#include "links_fixture.hpp"

#include <poll.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <string_view>
#include <thread>

namespace bambu2mqtt::links_test {

/// How a broker refuses MQTT 5.
enum class TurnsAway {
    with_connack, ///< return code 1, as MQTT 3.1.1 requires
    by_hanging_up,
};

/// One connection at a time, on a port of 127.0.0.1.
class OldBrokerRelay {
  public:
    OldBrokerRelay(std::uint16_t broker_port, TurnsAway how)
        : broker_port_(broker_port), how_(how), thread_([this] { run(); }) {}

    OldBrokerRelay(const OldBrokerRelay&) = delete;
    OldBrokerRelay& operator=(const OldBrokerRelay&) = delete;

    ~OldBrokerRelay() {
        stopping_ = true;
        thread_.join();
    }

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

    /// Number of attempts with MQTT 5.
    [[nodiscard]] int turned_away() const { return turned_away_; }

  private:
    static constexpr int poll_milliseconds = 20;

    [[nodiscard]] static bool readable(int descriptor) {
        pollfd waiting{descriptor, POLLIN, 0};
        return poll(&waiting, 1, poll_milliseconds) > 0;
    }

    void run() {
        while (!stopping_) {
            if (readable(server_.descriptor())) {
                const int client = accept4(server_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC);
                serve(client);
                close(client);
            }
        }
    }

    void serve(int client) {
        std::array<char, 4096> bytes{};
        while (!stopping_ && !readable(client)) {
        }
        const ssize_t size = recv(client, bytes.data(), bytes.size(), 0);
        if (size <= 0) {
            return; // a client that only checked whether the port is open
        }
        const std::string_view packet(bytes.data(), static_cast<std::size_t>(size));
        const std::size_t name = packet.find("MQTT");
        if (name != std::string_view::npos && packet[name + 4] == 5) {
            ++turned_away_;
            if (how_ == TurnsAway::with_connack) {
                constexpr std::string_view refusal("\x20\x02\x00\x01", 4);
                send(client, refusal.data(), refusal.size(), MSG_NOSIGNAL);
            }
            return;
        }
        const int broker = connect_to_broker();
        send(broker, packet.data(), packet.size(), MSG_NOSIGNAL);
        while (!stopping_ && enqueue_transient(client, broker) && enqueue_transient(broker, client)) {
        }
        close(broker);
    }

    [[nodiscard]] int connect_to_broker() const {
        const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(broker_port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address);
        return descriptor;
    }

    /// False when `from` is closed.
    [[nodiscard]] static bool enqueue_transient(int from, int to) {
        if (!readable(from)) {
            return true;
        }
        std::array<char, 4096> bytes{};
        const ssize_t size = recv(from, bytes.data(), bytes.size(), 0);
        return size > 0 && send(to, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
    }

    SilentServer server_;
    const std::uint16_t broker_port_;
    const TurnsAway how_;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> turned_away_ = 0;
    std::thread thread_;
};

} // namespace bambu2mqtt::links_test
