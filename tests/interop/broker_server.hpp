#pragma once
// A broker of another kind than the usual Mosquitto, as the interoperability tests use it: one or more nodes
// on free ports of 127.0.0.1, started by the test and ended with it. Independent of the program under test.

#include "support/mqtt_observer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace bambu2mqtt::interop {

/// One broker, or a cluster of them.
class BrokerServer {
  public:
    BrokerServer() = default;
    virtual ~BrokerServer() = default;
    BrokerServer(const BrokerServer&) = delete;
    BrokerServer& operator=(const BrokerServer&) = delete;

    /// Product and version: "NATS 2.9.10".
    [[nodiscard]] virtual std::string title() const = 0;

    /// Number of nodes. A client may use any of them.
    [[nodiscard]] virtual std::size_t nodes() const { return 1; }

    /// MQTT port of a node.
    [[nodiscard]] virtual std::uint16_t port(std::size_t node) const = 0;

    /// SIGKILL for a node.
    virtual void kill(std::size_t node) = 0;

    /// Starts a killed node again, with the data it had, and returns when it accepts logins.
    virtual void start(std::size_t node) = 0;

    /// User name and password; empty: anonymous.
    [[nodiscard]] virtual std::string username() const { return {}; }

    [[nodiscard]] virtual std::string password() const { return {}; }

    /// `mqtt://127.0.0.1:PORT` of a node.
    [[nodiscard]] std::string url(std::size_t node = 0) const;

    /// Options of a client at a node.
    [[nodiscard]] test_support::ObserverOptions client(std::size_t node = 0) const;
};

/// The word after the first occurrence of `marker` in a text, for versions in logs; empty without one.
[[nodiscard]] std::string word_after(std::string_view text, std::string_view marker);

/// Waits until a node accepts the login of an MQTT client. Throws std::runtime_error with `log` at the
/// deadline.
void wait_for_login(const BrokerServer& server, std::size_t node, const std::filesystem::path& log);

} // namespace bambu2mqtt::interop
