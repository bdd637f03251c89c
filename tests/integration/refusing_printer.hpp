#pragma once
// A printer that takes any login and grants a client's first subscription only.

#include "support/mqtt_packet.hpp"
#include "support/tls_stream.hpp"

#include <openssl/ssl.h>

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <thread>

namespace bambu2mqtt::links_test {

class RefusingPrinter {
  public:
    /// Listens on a free port of 127.0.0.1 with this certificate (PEM).
    RefusingPrinter(const std::filesystem::path& certificate, const std::filesystem::path& key)
        : context_{SSL_CTX_new(TLS_server_method()), SSL_CTX_free} {
        if (SSL_CTX_use_certificate_file(context_.get(), certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
            throw std::runtime_error{"no certificate for a printer"};
        }
        listener_ = test_support::listen_anywhere(port_);
        thread_ = std::thread{[this] {
            for (int client = -1; (client = test_support::accept_one(listener_, stopping_)) >= 0;) {
                serve(client);
            }
        }};
    }

    RefusingPrinter(const RefusingPrinter&) = delete;
    RefusingPrinter& operator=(const RefusingPrinter&) = delete;

    ~RefusingPrinter() {
        stopping_ = true;
        thread_.join();
        ::close(listener_);
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// How many subscriptions it refused.
    [[nodiscard]] int refused() const { return refused_; }

  private:
    void serve(int client) {
        using namespace test_support;
        constexpr unsigned char failure = 0x80;
        TlsStream stream{client, context_.get(), stopping_};
        if (!stream.accept()) {
            return;
        }
        MqttPacket packet;
        for (bool first = true; read_packet(stream, packet);) {
            if (packet.type() == connect_packet) {
                stream.write(connack());
            } else if (packet.type() == unsubscribe_packet) {
                stream.write(unsuback(packet));
            } else if (packet.type() == subscribe_packet) {
                refused_ += first ? 0 : 1;
                stream.write(suback(packet, first ? 0 : failure));
                first = false;
            }
        }
    }

    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<int> refused_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

} // namespace bambu2mqtt::links_test
