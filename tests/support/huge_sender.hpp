#pragma once
// A printer that accepts any login and subscription and, when asked to, answers each subscription with one
// MQTT message that is too large. Implements just enough MQTT for that; only its TLS is real.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

struct ssl_ctx_st;

namespace bambu2mqtt::test_support {

class HugeSender {
  public:
    /// Listens on a free port of 127.0.0.1 with this certificate (PEM). `topic`: of the message. Throws
    /// std::runtime_error when the certificate is invalid.
    HugeSender(const std::filesystem::path& certificate, const std::filesystem::path& key, std::string topic);
    ~HugeSender();
    HugeSender(const HugeSender&) = delete;
    HugeSender& operator=(const HugeSender&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// From now on every subscription is answered with a message of `size` bytes, also on the open
    /// connection; 0: with none.
    void send(std::uint32_t size) { size_ = size; }

    /// Number of such messages begun.
    [[nodiscard]] int begun() const { return begun_; }

    /// Bytes of them written to the socket.
    [[nodiscard]] std::uint64_t sent() const { return sent_; }

  private:
    void serve();
    void serve_one(int client);

    std::string topic_;
    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<std::uint32_t> size_ = 0;
    std::atomic<int> begun_ = 0;
    std::atomic<std::uint64_t> sent_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

} // namespace bambu2mqtt::test_support
