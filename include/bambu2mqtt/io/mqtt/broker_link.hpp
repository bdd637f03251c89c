// The MQTT connection to the user's broker.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace bambu2mqtt {

class LinkServices;

/// All calls come from the core thread and return at once; what becomes of them arrives as events with
/// `target` = broker_target. MQTT 5 is tried first, 3.1.1 when the broker does not take it (remembered for
/// the process). Clean session, last will `offline` retained QoS 1 on `will_topic`, keepalive 30 s.
class BrokerLink {
  public:
    /// `subscriptions` are topic filters subscribed to with QoS 1 at every connect, before BrokerUp.
    BrokerLink(const BrokerConfig& config, std::string will_topic, std::vector<std::string> subscriptions,
               EventQueue& events, LinkServices& services);
    BrokerLink(const BrokerLink&) = delete;
    BrokerLink& operator=(const BrokerLink&) = delete;

    /// When still connected, `offline` is left on the will topic as if the process had died.
    ~BrokerLink();

    /// Starts one connection attempt; a connection that still exists is dropped first. Ends in one BrokerUp
    /// or BrokerDown; messages come after the BrokerUp.
    void connect();

    /// Not taken when not connected; the caller keeps to the window of BrokerUp and to has_room(). Each
    /// message of QoS 1 that was taken ends in one Published event with its packet identifier, or in the
    /// BrokerDown of its connection. Of QoS 0 nothing more is said; when the connection breaks it may be
    /// lost.
    PublishResult publish(const Message& message);

    /// Whether the next message may be published: false while more messages of QoS 0 wait to be written than
    /// memory is wanted for, as the broker reads slowly. After that a Wake event tells that there is room.
    [[nodiscard]] bool has_room();

    /// Subscribes to one more filter on the connection that exists; not repeated at reconnect. A refusal, or
    /// no answer within a minute, ends the connection with a BrokerDown that names the filter. For
    /// Interest::retained with QoS 0: of messages that have to be acknowledged Mosquitto queues a thousand
    /// and drops the rest, and there can be more retained ones.
    bool subscribe(const std::string& filter, Interest interest = Interest::retained);

    /// Ends such a subscription.
    bool unsubscribe(const std::string& filter);

    /// Sends DISCONNECT when connected (so no will is sent) and drops the connection.
    void disconnect();

  private:
    class Connection;
    std::shared_ptr<Connection> connection_;
    const BrokerConfig& config_;
    std::string will_topic_;
    std::vector<std::string> subscriptions_;
    EventQueue& events_;
    LinkServices& services_;
    std::shared_ptr<std::atomic<bool>> mqtt5_; ///< false once the broker has refused MQTT 5 and taken 3.1.1
};

} // namespace bambu2mqtt
