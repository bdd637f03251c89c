// Clients of the broker that command: which part of the gateway a message is for, and the gateway's own
// answers.
#pragma once

#include "gateway/bridge_publisher.hpp"
#include "gateway/bridge_requests.hpp"
#include "gateway/group_commands.hpp"
#include "gateway/printer_sessions.hpp"
#include "gateway/retained_commands.hpp"
#include <bambu2mqtt/gateway/bridge_health.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <string>

namespace bambu2mqtt {

/// Pure.
class BridgeClients {
  public:
    /// All of them outlive it.
    struct Parts {
        const BridgeSettings& settings;
        BridgeHealth& health;
        BridgePublisher& publisher;
        GroupCommands& groups;
        PrinterSessions& sessions;
    };

    explicit BridgeClients(Parts parts);

    /// A new broker session; `retain_as_published` as in BrokerUp.
    void broker_up(bool retain_as_published) { retained_.broker_up(retain_as_published); }

    /// A message on a subscription; ignored if its topic is no command topic. Retained ones are cleared and
    /// otherwise ignored.
    void handle(const BrokerMessage& message, Now now, Effects& effects);

    /// What a request asked of the edges has ended.
    void handle(const RequestDone& done, Now now);

    /// bridge/health was made.
    void health_known(const Health& health, Now now);

    /// The settings have changed. `former_level`: log_level before.
    void reconfigured(const std::string& former_level, Now now);

    /// Publishes the summaries of group commands that are due.
    void tick(Now now);

    /// The gateway stops: everything ends with an outcome.
    void shutdown(Now now);

  private:
    void take_group(const BrokerMessage& message, const CommandTopic& topic, Now now, Effects& effects);
    void clear_retained(const BrokerMessage& message, Effects& effects);
    void respond();
    void respond(const CommandResponse& response, const std::string& topic);

    Parts parts_;
    BridgeTopics topics_;
    BridgeRequests requests_;
    RetainedCommands retained_;
};

} // namespace bambu2mqtt
