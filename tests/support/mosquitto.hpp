#pragma once
// A real Mosquitto broker for a test: its configuration, its process, its faults (stopped, frozen, killed).
// Independent of the messages.

#include "support/process.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bambu2mqtt::test_support {

/// One listener of a broker. Each has its own users (`per_listener_settings`).
struct Listener {
    std::uint16_t port = 0;              ///< 0: a free one is chosen
    std::string address = "127.0.0.1";   ///< on loopback
    std::filesystem::path certificate{}; ///< with `key`: TLS
    std::filesystem::path key{};
    std::filesystem::path client_ca{};     ///< clients must present a certificate of this authority
    std::filesystem::path password_file{}; ///< empty: anonymous logins are allowed
    std::filesystem::path acl_file{};      ///< empty: everything is allowed
    std::string tls_version{};             ///< "tlsv1.2", "tlsv1.3"; empty: negotiated
    std::vector<std::string> more_lines{}; ///< further lines of mosquitto.conf for this port
};

struct MosquittoOptions {
    std::filesystem::path directory{};     ///< for configuration, log and persistence; created if necessary
    std::vector<Listener> listeners{{}};   ///< default: one plain listener without access control
    bool persistence = false;              ///< retained messages and sessions survive stop() and start()
    std::vector<std::string> more_lines{}; ///< further lines of mosquitto.conf, for the top of it
};

/// The broker. Starts in the constructor; ports, once chosen, stay the same over restarts. Create it on a
/// thread that outlives it (see Process).
class Mosquitto {
  public:
    /// Writes the configuration, starts the broker and returns when it accepts connections on all its ports.
    /// Throws std::runtime_error with the broker's log when it does not come up within 30 s.
    explicit Mosquitto(MosquittoOptions options);

    /// Port of a listener, in the order of the options.
    [[nodiscard]] std::uint16_t port(std::size_t listener = 0) const {
        return options_.listeners.at(listener).port;
    }

    /// `mqtt://127.0.0.1:PORT` of a listener (`mqtts` with TLS).
    [[nodiscard]] std::string url(std::size_t listener = 0) const;

    /// Changes the address of a listener from the next start() on.
    void set_address(std::size_t listener, const std::string& address) {
        options_.listeners.at(listener).address = address;
    }

    /// Process id of the broker; -1 while it is stopped.
    [[nodiscard]] pid_t pid() const;

    /// Starts it again after stop() or crash().
    void start();

    /// Stops it regularly: clients see the connection close, persistence is written.
    void stop();

    /// Kills it: clients see the connection break, nothing is written.
    void crash();

    /// SIGSTOP: connections stay open and nothing is answered, as with a hung or unplugged machine.
    void freeze();

    /// SIGCONT: ends freeze().
    void thaw();

    /// SIGHUP: the broker reloads password files, rules and certificates and drops clients that are no longer
    /// allowed. New connections get the new certificate.
    void reload();

    /// Output of the broker since its last start.
    [[nodiscard]] std::string log() const;

  private:
    [[nodiscard]] std::string configuration() const;

    MosquittoOptions options_;
    std::unique_ptr<Process> process_;
};

} // namespace bambu2mqtt::test_support
