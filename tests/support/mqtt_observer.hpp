#pragma once
// An MQTT client for tests: records published and retained messages, publishes, checks logins. Built on
// libmosquitto, so that it shares no code and no threads with a program under test that uses another client
// library.

#include "support/eventually.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

struct mosquitto;
struct mosquitto_message;

namespace bambu2mqtt::test_support {

/// One message, received or to be sent.
struct ObservedMessage {
    std::string topic{};
    std::string payload{};
    int qos = 0;
    bool retained = false; ///< received: it was stored in the broker before we subscribed; sent: to be stored
    std::string response_topic{};                 ///< MQTT 5 only
    std::string correlation_data{};               ///< MQTT 5 only, any bytes
    std::chrono::steady_clock::time_point time{}; ///< of arrival
};

struct ObserverOptions {
    std::uint16_t port = 0; ///< on 127.0.0.1
    std::string username{};
    std::string password{};
    std::filesystem::path
        ca_file{};           ///< set: TLS, chain checked against it, name not checked (printers have none)
    std::string client_id{}; ///< empty: a random one
    bool version_5 = false;  ///< MQTT 5 instead of 3.1.1
    std::vector<std::string> topics{}; ///< filters to subscribe to, again after each reconnection; QoS 1
    std::optional<ObservedMessage> last_will{};
    std::chrono::milliseconds timeout{test_timeout}; ///< how long the broker may take to answer a request
};

/// Connects in the constructor, reconnects by itself after a lost connection. All members are thread-safe.
class MqttObserver {
  public:
    using Predicate = std::function<bool(const ObservedMessage&)>;

    /// Returns when the broker has accepted the login and all subscriptions. Throws std::runtime_error at the
    /// timeout.
    explicit MqttObserver(ObserverOptions options);
    ~MqttObserver();
    MqttObserver(const MqttObserver&) = delete;
    MqttObserver& operator=(const MqttObserver&) = delete;

    /// Tries to log in and disconnects. The broker's CONNACK code (0 accepted; MQTT 3.1.1: 4 or 5 refused;
    /// MQTT 5: 134 or 135 refused); -1 when there was no answer (no broker, TLS failed, timeout).
    [[nodiscard]] static int login(ObserverOptions options);

    /// Subscribes to one more filter and returns when the broker has confirmed it, so that its retained
    /// messages are on the way. Throws std::runtime_error at the timeout.
    void subscribe(const std::string& filter);

    /// Sends a message; with QoS 1 or 2 returns when the broker has confirmed it. Throws std::runtime_error
    /// without a connection or at the timeout.
    void publish(const ObservedMessage& message);

    /// All messages so far, in order of arrival.
    [[nodiscard]] std::vector<ObservedMessage> messages() const;

    /// Their number; a position for wait_for().
    [[nodiscard]] std::size_t count() const;

    /// Drops all messages, also for latest().
    void clear();

    /// Last payload of a topic; nothing when there was none or the last one was empty (which deletes a
    /// retained one).
    [[nodiscard]] std::optional<std::string> latest(const std::string& topic) const;

    /// Last payload of each topic, without those whose last payload was empty.
    [[nodiscard]] std::map<std::string, std::string> latest() const;

    /// The first message, from position `from` on, for which `predicate` is true; waits for it until
    /// `deadline`.
    [[nodiscard]] std::optional<ObservedMessage>
    wait_for(const Predicate& predicate, std::chrono::milliseconds deadline, std::size_t from = 0) const;

    /// Waits until the last payload of `topic` is `payload`. False at the deadline.
    [[nodiscard]] bool wait_for_latest(const std::string& topic, const std::string& payload,
                                       std::chrono::milliseconds deadline) const;

  private:
    struct Unchecked {};

    struct Destroy {
        void operator()(mosquitto* client) const;
    };

    MqttObserver(Unchecked, ObserverOptions options);

    void connected(int code);
    void disconnected();
    void arrived(const ObservedMessage& message);
    void confirmed(int message_id);
    void set_callbacks();
    void run(const std::stop_token& stop);
    void await_confirmation(int message_id, const std::string& what);
    [[nodiscard]] std::optional<int> first_answer();

    ObserverOptions options_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<ObservedMessage> messages_;
    std::map<std::string, std::string> latest_;
    std::vector<int> confirmed_;
    std::optional<int> connack_;
    bool failed_ = false; ///< the connection ended before any answer
    std::unique_ptr<mosquitto, Destroy> client_;
    std::jthread thread_; ///< last: ends before the rest goes
};

} // namespace bambu2mqtt::test_support
