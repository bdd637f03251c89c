// The MQTT connection to the user's broker.
#pragma once

#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>
#include <bambu2mqtt/io/thread/event_queue.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace bambu2mqtt {

class LinkServices;

/// All calls come from the core thread and return immediately; results are events with `target` =
/// broker_target. MQTT 5 is tried first, 3.1.1 if the broker does not support it (remembered for the
/// process). Clean session, last will `offline` retained QoS 1 on `will_topic`, keepalive 30 s.
class BrokerLink {
  public:
    /// `subscriptions` are topic filters subscribed to with QoS 1 at every connect, before BrokerUp.
    BrokerLink(const BrokerConfig& config, std::string will_topic, std::vector<std::string> subscriptions,
               EventQueue& events, LinkServices& services);
    BrokerLink(const BrokerLink&) = delete;
    BrokerLink& operator=(const BrokerLink&) = delete;

    /// If still connected, publishes `offline` on the will topic as if the process had died.
    ~BrokerLink();

    /// Starts one connection attempt, each with the next node of the cluster in turn, beginning with the
    /// first; an existing connection is dropped first. Ends with one BrokerUp or
    /// BrokerDown; messages follow the BrokerUp.
    void connect();

    /// Not taken when not connected; the caller keeps to the window of BrokerUp and to has_room(). Each
    /// message of QoS 1 that was taken ends in one Published event with its packet identifier, or in the
    /// BrokerDown of its connection. Of QoS 0 nothing more is said; when the connection breaks it may be
    /// lost.
    PublishResult publish(const Message& message);

    /// Whether the next message may be published: false while too much memory is used by messages of QoS 0
    /// that are not written yet, because the broker reads slowly. A Wake event follows when there is room
    /// again.
    [[nodiscard]] bool has_room();

    /// Subscribes to one more filter on the existing connection; not repeated at reconnect. A refusal, or no
    /// answer within a minute, ends the connection with a BrokerDown that names the filter. For
    /// Interest::retained with QoS 0: Mosquitto queues at most a thousand messages that have to be
    /// acknowledged and drops the rest, and there can be more retained ones.
    bool subscribe(const std::string& filter, Interest interest = Interest::retained);

    /// Unsubscribes from such a filter.
    bool unsubscribe(const std::string& filter);

    /// Sends DISCONNECT when connected (so no will is sent) and drops the connection.
    void disconnect();

  private:
    class Connection;
    std::shared_ptr<Connection> connection_;
    const BrokerConfig& config_;
    std::size_t next_node_ = 0; ///< of the configured ones
    std::string will_topic_;
    std::vector<std::string> subscriptions_;
    EventQueue& events_;
    LinkServices& services_;
    std::shared_ptr<std::atomic<bool>>
        mqtt5_; ///< false once the broker has refused MQTT 5 and accepted 3.1.1
};

} // namespace bambu2mqtt
