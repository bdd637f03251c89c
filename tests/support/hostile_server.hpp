#pragma once
// An MQTT server over TLS that takes any login and then does to its client what a test says: a hostile
// printer or a hostile broker. Speaks just enough MQTT for that; only its TLS is real.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

struct ssl_ctx_st;

namespace bambu2mqtt::test_support {

class TlsStream;

class HostileServer {
  public:
    /// The connection to one client that has logged in and subscribed.
    class Client {
      public:
        Client(TlsStream& stream, const std::atomic<bool>& stopping, std::string subscribe)
            : stream_{stream}, stopping_{stopping}, subscribe_{std::move(subscribe)} {}

        /// Grants the subscription that is open.
        bool confirm();

        /// Sends any bytes. False when the connection is gone.
        bool send(std::string_view bytes);

        /// Sends a message. `packet`: its identifier, with a QoS above 0.
        bool publish(const std::string& topic, std::string_view payload, unsigned qos = 0,
                     std::uint16_t packet = 0);

        /// Sends the header of a message of so many bytes, and none of them.
        bool announce(std::uint32_t bytes);

        /// Waits, with the connection open, until the client or the test ends it.
        void wait();

      private:
        TlsStream& stream_;
        const std::atomic<bool>& stopping_;
        std::string subscribe_; ///< content of the packet
    };

    /// What is done to each client at its first subscription; the connection ends afterwards.
    using Script = std::function<void(Client&)>;

    /// Listens on a free port of 127.0.0.1 with this certificate (PEM). MQTT 3.1.1 only, as old brokers and
    /// printers. Throws std::runtime_error when the certificate is none.
    HostileServer(const std::filesystem::path& certificate, const std::filesystem::path& key, Script script);
    ~HostileServer();
    HostileServer(const HostileServer&) = delete;
    HostileServer& operator=(const HostileServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// How often the script has begun, and has ended.
    [[nodiscard]] int begun() const { return begun_; }

    [[nodiscard]] int ended() const { return ended_; }

  private:
    void serve();
    void serve_one(int client);

    Script script_;
    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<int> begun_ = 0;
    std::atomic<int> ended_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

} // namespace bambu2mqtt::test_support
