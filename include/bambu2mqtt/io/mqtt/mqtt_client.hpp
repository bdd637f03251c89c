// One MQTT connection through the Paho library, 3.1.1 or 5. The only file that calls Paho, with its .cpp.
// Knows nothing of printers, of reconnecting or of the event queue.
#pragma once

#include <bambu2mqtt/base/qos.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

enum class MqttVersion { v3_1_1, v5 };

/// What the server's certificate has to pass.
enum class ServerCheck {
    nothing,        ///< any certificate
    anchor,         ///< it must be `MqttTls::anchor_pem` itself
    chain_and_host, ///< its chain leads to `ca_file` (empty: the system's) and it is for the host in the URI
};

struct MqttTls {
    ServerCheck check = ServerCheck::chain_and_host;
    std::string anchor_pem{}; ///< needs prepare_tls()
    std::filesystem::path ca_file{};
    std::filesystem::path cert_file{}; ///< the client's own certificate and key; empty: none
    std::filesystem::path key_file{};
};

struct MqttWill {
    std::string topic{};
    std::string payload{}; ///< sent retained, QoS 1
};

struct MqttOptions {
    std::string
        uri{}; ///< "tcp://192.168.1.5:1883", "ssl://[::1]:8883"; a name here makes every client wait for DNS
    std::string client_id{};
    std::string username{};
    std::string password{}; ///< sent only with a user name
    MqttVersion version = MqttVersion::v3_1_1;
    std::optional<MqttTls> tls{};
    std::optional<MqttWill> will{};
    /// Bytes; a larger packet that arrives ends the connection before it is read (packet_limit.hpp). Servers
    /// are told of the bound with MQTT 5 (Maximum Packet Size), and then send no larger one.
    std::uint32_t largest_packet = 1024 * 1024;
    /// The highest that a subscription of this client asks for. A message with a higher one ends the
    /// connection: the library would keep one with QoS 2 until its sender releases it.
    Qos highest_qos = Qos::at_least_once;
};

/// A connection attempt that failed.
struct ConnectFailure {
    int connack = 0;        ///< the server's answer: 1 to 5 (3.1.1), 0x80 and more (5); 0: it did not answer
    bool timed_out = false; ///< nothing came of it in time
};

/// Whether the server says with this that it does not speak MQTT 5: 1 in a CONNACK of MQTT 3.1.1, which is
/// all an older server can answer, or 0x84.
[[nodiscard]] constexpr bool refuses_version(const ConnectFailure& failure) noexcept {
    return failure.connack == 1 || failure.connack == 0x84;
}

/// A message that has arrived; the views live as long as the call.
struct MqttMessage {
    std::string_view topic{};
    std::string_view payload{};
    bool retained = false; ///< replayed because of a subscription; see Subscribing::retain_as_published
    std::string_view response_topic{}; ///< MQTT 5, else empty
    std::string_view correlation{};    ///< MQTT 5, else empty
};

/// What happens to a client. Called on threads of the Paho library while it holds the lock of all clients:
/// every function must be quick, must not call the client's destructor and must not wait for a thread that
/// calls Paho. What escapes from one is logged, and on_lost() follows: what it was told is missing.
class MqttListener {
  public:
    virtual ~MqttListener() = default;

    /// connect() ended well. `receive_maximum`: how many unacknowledged messages the server takes (65535 if
    /// it did not say).
    virtual void on_connected(std::size_t receive_maximum) = 0;

    /// connect() ended otherwise. Exactly one of these two follows a connect() that returned true.
    virtual void on_connect_failed(ConnectFailure failure) = 0;

    /// The connection broke; called once or twice. `reason` in words: what the server gave (MQTT 5), a packet
    /// above the bound, or that it broke.
    virtual void on_lost(std::string_view reason) = 0;

    /// The server's answer to subscribe() with an answer wanted.
    virtual void on_subscribed(std::string_view filter, bool granted) = 0;

    virtual void on_message(const MqttMessage& message) = 0;

    /// The server acknowledged a message, or refused it (MQTT 5: `reason` is 0x80 or above, else it is
    /// below): it is no longer on the way. `packet` is its packet identifier, as publish() gave it. With
    /// packet 0: one message of QoS 0 has left the library.
    virtual void on_acknowledged(int packet, int reason) = 0;
};

/// What publish() did with a message.
struct PublishResult {
    bool taken = false;
    int packet = 0;        ///< its packet identifier, 1 to 65535; 0: it was not taken, or has QoS 0
    bool hopeless = false; ///< it was not taken and no connection can carry it: no valid topic, or too large

    explicit operator bool() const noexcept { return taken; }
};

/// Whether on_subscribed() is called.
enum class SubscribeAnswer { wanted, ignored };

/// How to subscribe.
struct Subscribing {
    Qos qos = Qos::at_most_once;
    SubscribeAnswer answer = SubscribeAnswer::ignored;
    bool retain_as_published = false; ///< MQTT 5: live messages say too whether they are retained
    bool no_local = false;            ///< MQTT 5: what this client publishes itself does not come back
};

/// One client for one connection: it connects once, with a clean session, keepalive 30 s and 10 s to connect,
/// and is thrown away after that. Destroying it sends DISCONNECT when connected; on return no listener
/// function runs or will run. Construct, connect and destroy on the link thread; the other functions can be
/// called from any thread but may wait a moment for Paho's lock: call them with no lock held that a listener
/// takes.
class MqttClient {
  public:
    /// Keeps `listener` alive for as long as it exists.
    MqttClient(const MqttOptions& options, std::shared_ptr<MqttListener> listener);
    MqttClient(const MqttClient&) = delete;
    MqttClient& operator=(const MqttClient&) = delete;
    ~MqttClient();

    /// False when it could not even be started: a malformed option. The listener is not told then.
    [[nodiscard]] bool connect();

    /// False when not connected.
    bool subscribe(const std::string& filter, const Subscribing& how);
    bool unsubscribe(const std::string& filter);

    /// Not taken when not connected, else on_acknowledged() or on_lost() follows, perhaps before this
    /// returns. `correlation` goes along with MQTT 5 when it is not empty.
    PublishResult publish(const std::string& topic, std::string_view payload, bool retain,
                          std::string_view correlation = {}, Qos qos = Qos::at_least_once);

    /// The same with QoS 1, and waits for the acknowledgement, at most `limit`. Never call it in a listener
    /// function.
    void publish_and_wait(const std::string& topic, std::string_view payload, bool retain,
                          std::chrono::milliseconds limit);

  private:
    struct Handle;
    struct Subscription;
    std::unique_ptr<Handle> handle_;
};

/// Keeps the Paho library running while no client exists. Without it the library stops its threads with the
/// last client, which takes up to a second and can meet the start of the next one.
class MqttLibrary {
  public:
    MqttLibrary();
    MqttLibrary(const MqttLibrary&) = delete;
    MqttLibrary& operator=(const MqttLibrary&) = delete;
    ~MqttLibrary();

  private:
    void* idle_client_ = nullptr;
};

} // namespace bambu2mqtt
