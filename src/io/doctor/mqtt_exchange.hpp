// One MQTT connection for checks: every call waits for its answer. For one thread; not for the running
// gateway.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// A received message.
struct ReceivedMessage {
    std::string topic{};
    std::string payload{};
    bool retained = false;
};

class MqttExchange {
  public:
    /// Connects with log_in(). At most 256 messages and 4 MiB wait for next(); more are dropped.
    explicit MqttExchange(const MqttOptions& options);
    MqttExchange(const MqttExchange&) = delete;
    MqttExchange& operator=(const MqttExchange&) = delete;
    /// Sends DISCONNECT when connected.
    ~MqttExchange();

    /// Nothing: logged in. Takes about 14 s at most.
    [[nodiscard]] std::optional<ConnectFailure> log_in();

    /// True if the subscription is granted before `deadline`.
    [[nodiscard]] bool subscribe(const std::string& filter, Qos qos, Instant deadline);

    /// Publishes with QoS 1, not retained, and waits for the acknowledgement: its reason code, 0x80 and above
    /// a refusal (MQTT 5). Nothing if there is none until `deadline`.
    [[nodiscard]] std::optional<int> publish(const std::string& topic, std::string_view payload,
                                             Instant deadline);

    /// The next message; nothing at the deadline or when the connection has broken.
    [[nodiscard]] std::optional<ReceivedMessage> next(Instant deadline);

    /// Why the connection broke; nothing while it has not.
    [[nodiscard]] std::optional<std::string> lost() const;

  private:
    class Listener;
    std::shared_ptr<Listener> listener_;
    std::unique_ptr<MqttClient> client_;
};

} // namespace bambu2mqtt
