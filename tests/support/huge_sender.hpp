#pragma once
// A printer that takes any login and subscription and, while it attacks, answers each with a report and one
// MQTT message that is too large. Speaks just enough MQTT for that; only its TLS is real.

#include "support/attack_turns.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

struct ssl_ctx_st;

namespace bambu2mqtt::test_support {

class TlsStream;

/// The report comes first so that the gateway's wait before its next attempt stays short. The length of the
/// large message is withheld until another attacker has begun, so that there is always one in transit; then
/// come the rest of its header and its body, until the connection is closed.
class HugeSender {
  public:
    /// Listens on a free port of 127.0.0.1 with this certificate (PEM). `topic`: of the messages. `turns`
    /// outlives it. Throws std::runtime_error when the certificate is none.
    HugeSender(const std::filesystem::path& certificate, const std::filesystem::path& key, std::string topic,
               AttackTurns& turns);
    ~HugeSender();
    HugeSender(const HugeSender&) = delete;
    HugeSender& operator=(const HugeSender&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Whether a client is subscribed, and nothing is sent to it.
    [[nodiscard]] bool idle() const { return idle_; }

    /// Bytes of large messages that were handed to the network.
    [[nodiscard]] std::uint64_t sent() const { return sent_; }

  private:
    void serve();
    void serve_one(int client);
    void attack(TlsStream& stream);

    std::string topic_;
    AttackTurns& turns_;
    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<bool> idle_ = false;
    std::atomic<std::uint64_t> sent_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

} // namespace bambu2mqtt::test_support
