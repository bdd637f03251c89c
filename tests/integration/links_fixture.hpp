// Shared by the tests of the two links: an inbox for events, a printer-like broker, misbehaving peers.
#pragma once

#include "support/eventually.hpp"
#include "support/files.hpp"
#include "support/mosquitto.hpp"
#include "support/mqtt_observer.hpp"
#include "support/pki.hpp"
#include "support/ports.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/io/thread/services.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt::links_test {

using namespace std::chrono_literals;
using test_support::test_timeout;
using test_support::timeout_factor;

/// Takes events out of a queue as the core would.
class Inbox {
  public:
    EventQueue queue;

    /// The next event of this kind for this target; other events before it are put into `passed`.
    template <typename Body>
    std::optional<Body> next(std::size_t target, std::chrono::milliseconds limit = test_timeout) {
        const Instant deadline = std::chrono::steady_clock::now() + limit;
        while (const auto event = queue.pop_until(deadline)) {
            if (event->target == target && std::holds_alternative<Body>(event->body)) {
                return std::get<Body>(event->body);
            }
            passed.push_back(*event);
        }
        return std::nullopt;
    }

    /// True if no event arrives for a while.
    [[nodiscard]] bool silent(std::chrono::milliseconds time = 300ms) {
        return !queue.pop_until(std::chrono::steady_clock::now() + time).has_value();
    }

    std::vector<Event> passed;
};

/// A broker with TLS and a password, like a printer's.
class PrinterBroker {
  public:
    static constexpr const char* serial = "01S00C000000001";

    explicit PrinterBroker(const test_support::CertificateOptions& leaf = {.common_name = serial})
        : pki_(directory_ / "ca"), leaf_(pki_.issue(leaf, "leaf")), broker_(options()) {
        prepare_tls();
    }

    /// Presents another certificate from now on.
    void change_certificate(const test_support::CertificateOptions& leaf = {.common_name = serial}) {
        broker_.stop();
        leaf_ = pki_.issue(leaf, "leaf");
        broker_.start();
    }

    [[nodiscard]] PrinterConfig config(TlsMode mode = TlsMode::pin) const {
        PrinterConfig config;
        config.serial = serial;
        config.host = "127.0.0.1";
        config.access_code = Secret("12345678");
        config.tls = mode;
        config.ca_file = pki_.ca_file();
        config.mqtt_port = broker_.port();
        return config;
    }

    /// The fingerprint of the current certificate, as "AA:BB:...".
    [[nodiscard]] std::string fingerprint() const {
        std::string text;
        for (std::size_t i = 0; i < leaf_.sha256.size(); ++i) {
            const char digit = leaf_.sha256[i];
            text += i > 0 && i % 2 == 0 ? ":" : "";
            text += digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
        }
        return text;
    }

    [[nodiscard]] test_support::ObserverOptions observer() const {
        return {
            .port = broker_.port(), .username = "bblp", .password = "12345678", .ca_file = pki_.ca_file()};
    }

    [[nodiscard]] test_support::Mosquitto& broker() { return broker_; }

    [[nodiscard]] std::filesystem::path state_directory() const { return directory_ / "state"; }

    [[nodiscard]] test_support::Pki& pki() { return pki_; }

    [[nodiscard]] std::filesystem::path path(std::string_view name) const { return directory_ / name; }

  private:
    [[nodiscard]] test_support::MosquittoOptions options() const {
        test_support::write_file(directory_ / "passwords",
                                 test_support::password_entry("bblp", "12345678") + "\n");
        test_support::Listener listener;
        listener.certificate = leaf_.certificate;
        listener.key = leaf_.key;
        listener.password_file = directory_ / "passwords";
        return {.directory = directory_ / "broker", .listeners = {listener}};
    }

    test_support::TemporaryDirectory directory_;
    test_support::Pki pki_;
    test_support::Certificate leaf_;
    test_support::Mosquitto broker_;
};

/// Accepts TCP connections on 127.0.0.1 (the kernel does) and never sends a byte.
class SilentServer {
  public:
    SilentServer() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (bind(descriptor_, generic, size) != 0 || listen(descriptor_, 16) != 0 ||
            getsockname(descriptor_, generic, &size) != 0) {
            throw std::runtime_error("no listening socket");
        }
        port_ = ntohs(address.sin_port);
    }

    SilentServer(const SilentServer&) = delete;
    SilentServer& operator=(const SilentServer&) = delete;

    ~SilentServer() { close(descriptor_); }

    [[nodiscard]] std::uint16_t port() const { return port_; }

    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
    std::uint16_t port_ = 0;
};

} // namespace bambu2mqtt::links_test
