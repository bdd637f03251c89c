// Any bytes as what a broker sends to the real client (Paho, MQTT 5 and 3.1.1) after or instead of its
// CONNACK. The client must neither crash nor use memory above the bound of a packet, and each connection ends
// in one way.
//   input: byte 0: bit 0 MQTT version, bit 1 whether a valid CONNACK comes first; then the bytes to send
#include <bambu2mqtt/link/mqtt_client.hpp>
#include <bambu2mqtt/link/services.hpp>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace {

using namespace bambu2mqtt;
using namespace std::chrono_literals;

/// A port of 127.0.0.1 that listens as long as the process lives.
struct Listener {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::uint16_t port = 0;

    Listener() {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof place;
        auto* const generic = reinterpret_cast<sockaddr*>(&place);
        if (bind(descriptor, generic, size) != 0 || listen(descriptor, 16) != 0 ||
            getsockname(descriptor, generic, &size) != 0) {
            std::abort();
        }
        port = ntohs(place.sin_port);
    }
};

/// Waits for the end of a connection.
class End final : public MqttListener {
  public:
    void on_connected(std::size_t) noexcept override {}

    void on_connect_failed(ConnectFailure) noexcept override { over(); }

    void on_lost(std::string_view) noexcept override { over(); }

    void on_subscribed(std::string_view, bool) noexcept override {}

    void on_acknowledged(int, int) noexcept override {}

    void on_message(const MqttMessage& message) noexcept override {
        // Reads all that is said to be there.
        for (const auto text :
             {message.topic, message.payload, message.response_topic, message.correlation}) {
            for (const char c : text) {
                sum_ = sum_ + static_cast<unsigned char>(c);
            }
        }
    }

    bool wait() {
        std::unique_lock lock{mutex_};
        return ended_.wait_for(lock, 3s, [this] { return over_; });
    }

  private:
    void over() {
        const std::lock_guard lock{mutex_};
        over_ = true;
        ended_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable ended_;
    bool over_ = false;
    volatile unsigned sum_ = 0;
};

void serve(int listener, std::string_view bytes, bool greets, bool v5) {
    pollfd waiting{listener, POLLIN, 0};
    if (poll(&waiting, 1, 2000) <= 0) {
        return;
    }
    const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    std::array<char, 1024> request{};
    if (recv(client, request.data(), request.size(), 0) > 0) {
        const std::string connack =
            v5 ? std::string("\x20\x03\x00\x00\x00", 5) : std::string("\x20\x02\x00\x00", 4);
        const std::string all = (greets ? connack : std::string{}) + std::string(bytes);
        send(client, all.data(), all.size(), MSG_NOSIGNAL);
        shutdown(client, SHUT_WR);
        pollfd answer{client, POLLIN, 0};
        for (int i = 0;
             i < 20 && poll(&answer, 1, 50) > 0 && recv(client, request.data(), request.size(), 0) > 0; ++i) {
        }
    }
    close(client);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const MqttLibrary library;
    static const Listener listener;
    if (size < 2) {
        return 0;
    }
    std::signal(SIGPIPE, SIG_IGN);
    const bool v5 = (data[0] & 1) != 0;
    const bool greets = (data[0] & 2) != 0;
    const auto end = std::make_shared<End>();
    MqttClient client{{.uri = fmt::format("tcp://127.0.0.1:{}", listener.port),
                       .client_id = "fuzz",
                       .version = v5 ? MqttVersion::v5 : MqttVersion::v3_1_1,
                       .largest_packet = 65536},
                      end};
    if (!client.connect()) {
        std::abort();
    }
    serve(listener.descriptor, {reinterpret_cast<const char*>(data) + 1, size - 1}, greets, v5);
    static_cast<void>(end->wait());
    return 0;
}
