// One MQTT connection with the Paho library, 3.1.1 or 5. Only this file and its .cpp call
// Paho. Independent of printers, reconnecting and the event queue.
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

/// Verification of the server's certificate.
enum class ServerCheck {
    nothing,        ///< any certificate
    anchor,         ///< it must be `MqttTls::anchor_pem` itself
    chain_and_host, ///< its chain leads to `ca_file` (empty: the system's) and it names the host in the URI
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
    std::string uri{}; ///< "tcp://192.168.1.5:1883", "ssl://[::1]:8883"; a host name here makes every client
                       ///< wait for DNS
    std::string client_id{};
    std::string username{};
    std::string password{}; ///< sent only with a user name
    MqttVersion version = MqttVersion::v3_1_1;
    std::optional<MqttTls> tls{};
    std::optional<MqttWill> will{};
    /// Bytes; a larger received packet ends the connection before it is read (packet_limit.hpp). MQTT 5
    /// servers receive the limit (Maximum Packet Size), and then send no larger one.
    std::uint32_t largest_packet = 1024 * 1024;
    /// The highest that a subscription of this client asks for. A message with a higher one ends the
    /// connection: the library would keep one with QoS 2 until its sender releases it.
    Qos highest_qos = Qos::at_least_once;
};

/// A connection attempt that failed.
struct ConnectFailure {
    int connack = 0;        ///< the server's answer: 1 to 5 (3.1.1), 0x80 and more (5); 0: none
    bool timed_out = false; ///< no result in time
};

/// True if this means that the server does not support MQTT 5: 1 in a CONNACK of MQTT 3.1.1, the only
/// possible answer of an older server, or 0x84.
[[nodiscard]] constexpr bool refuses_version(const ConnectFailure& failure) noexcept {
    return failure.connack == 1 || failure.connack == 0x84;
}

/// What a server accepts from this client, as its CONNACK says (MQTT 5; with 3.1.1 it says nothing).
struct ServerLimits {
    std::size_t receive_maximum = 65535;      ///< unacknowledged messages
    std::size_t largest_packet = 268'435'460; ///< bytes (Maximum Packet Size); as given, the protocol's limit
};

/// A received message; the views are valid during the call.
struct MqttMessage {
    std::string_view topic{};
    std::string_view payload{};
    bool retained = false; ///< sent because of a subscription; see Subscribing::retain_as_published
    std::string_view response_topic{}; ///< MQTT 5, else empty
    std::string_view correlation{};    ///< MQTT 5, else empty
};

/// Callbacks of a client. Called on threads of the Paho library while it holds the lock of all clients: every
/// function must be quick, must not call the client's destructor and must not wait for a thread that calls
/// Paho. An escaping exception is logged, and on_lost() follows, because the event was lost.
class MqttListener {
  public:
    virtual ~MqttListener() = default;

    /// connect() succeeded.
    virtual void on_connected(const ServerLimits& limits) = 0;

    /// connect() failed. Exactly one of these two follows a connect() that returned true.
    virtual void on_connect_failed(ConnectFailure failure) = 0;

    /// The connection broke; called once or twice. `reason` as text: the server's reason (MQTT 5), a packet
    /// above the limit, or a lost connection. `code`: the reason code of the server's DISCONNECT (MQTT 5,
    /// 3.14.2.1); 0: it sent none.
    virtual void on_lost(std::string_view reason, int code) = 0;

    /// The server's answer to subscribe(), if requested.
    virtual void on_subscribed(std::string_view filter, bool granted) = 0;

    virtual void on_message(const MqttMessage& message) = 0;

    /// The server acknowledged a message, or refused it (MQTT 5: `reason` is 0x80 or above, else it is
    /// below): it is no longer in flight. `packet` is its packet identifier, as publish() returned it. Packet
    /// 0: one message of QoS 0 has left the library.
    virtual void on_acknowledged(int packet, int reason) = 0;
};

/// Result of publish().
struct PublishResult {
    bool taken = false;
    int packet = 0;               ///< its packet identifier, 1 to 65535; 0: it was not taken, or has QoS 0
    bool hopeless = false;        ///< rejected, and sending it again cannot help: invalid topic, or too large
    std::size_t packet_bytes = 0; ///< of a packet that is larger than the server accepts; else 0
    std::size_t limit = 0;        ///< of the server, in bytes, if `packet_bytes` is set

    explicit operator bool() const noexcept { return taken; }
};

/// Whether on_subscribed() is called.
enum class SubscribeAnswer { wanted, ignored };

/// Options of a subscription.
struct Subscribing {
    Qos qos = Qos::at_most_once;
    SubscribeAnswer answer = SubscribeAnswer::ignored;
    bool retain_as_published = false; ///< MQTT 5: live messages keep their retain flag
    bool no_local = false;            ///< MQTT 5: the client does not receive its own messages
};

/// One client for one connection: it connects once, with a clean session, keepalive 30 s and a timeout of 10
/// s, and is not reused. Destroying it sends DISCONNECT when connected; on return no listener function runs
/// or will run. Construct, connect and destroy on the link thread; the other functions can be called from any
/// thread but may wait a moment for Paho's lock: call them without holding a lock that a listener takes.
class MqttClient {
  public:
    /// Keeps `listener` alive during its lifetime.
    MqttClient(const MqttOptions& options, std::shared_ptr<MqttListener> listener);
    MqttClient(const MqttClient&) = delete;
    MqttClient& operator=(const MqttClient&) = delete;
    ~MqttClient();

    /// False if it could not be started: an invalid option. The listener is not called then.
    [[nodiscard]] bool connect();

    /// False when not connected.
    bool subscribe(const std::string& filter, const Subscribing& how);
    bool unsubscribe(const std::string& filter);

    /// Not taken when not connected or when the packet is larger than the server accepts (MQTT 5: it would
    /// end the connection), else on_acknowledged() or on_lost() follows, perhaps before this
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

/// Keeps the Paho library running while no client exists. Otherwise the library stops its threads with the
/// last client, which takes up to a second and may overlap the start of the next one.
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
