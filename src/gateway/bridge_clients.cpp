#include "gateway/bridge_clients.hpp"

#include "gateway/response_messages.hpp"
#include <bambu2mqtt/topic/printer_id.hpp>

#include <utility>

namespace bambu2mqtt {

BridgeClients::BridgeClients(Parts parts)
    : parts_(parts), topics_(parts.settings.discovery.base_topic), requests_(parts.settings, parts.health) {}

void BridgeClients::handle(const BrokerMessage& message, Now now, Effects& effects) {
    const auto topic = parse_command_topic(message.topic, topics_.base());
    if (!topic) {
        return;
    }
    const bool is_request = topic->kind == CommandKind::bridge_request;
    const bool of_group =
        topic->kind == CommandKind::group_command || topic->kind == CommandKind::named_group_command;
    if (!is_request && !of_group) {
        parts_.sessions.handle(message, *topic, now, effects);
    } else if (message.retained || retained_.is_own_clear(message)) {
        clear_retained(message, effects);
    } else if (of_group) {
        take_group(message, *topic, now, effects);
    } else {
        requests_.handle(topic->name, message, now, effects);
        respond();
    }
}

void BridgeClients::take_group(const BrokerMessage& message, const CommandTopic& topic, Now now,
                               Effects& effects) {
    const auto started = parts_.groups.begin(message, topic, now);
    for (const auto printer : started.printers) {
        parts_.sessions.handle(printer, started.request, now, effects);
    }
    tick(now);
}

/// A retained request would be carried out again at every start of the gateway.
void BridgeClients::clear_retained(const BrokerMessage& message, Effects& effects) {
    if (message.payload.empty()) {
        return;
    }
    effects.push_back(LogLine{Level::warning, "broker", ignored_as_retained(message.topic)});
    auto& outbox = parts_.publisher.outbox();
    if (retained_.begin_clearing(message.topic, outbox.size())) {
        outbox.clear(message.topic);
    }
}

void BridgeClients::reconfigured(const std::string& former_level, Now now) {
    if (former_level != parts_.settings.log_level) {
        requests_.set_log_level(parts_.settings.log_level);
    }
    tick(now);
}

void BridgeClients::handle(const RequestDone& done, Now now) {
    requests_.handle(done, now);
    respond();
}

void BridgeClients::health_known(const Health& health, Now now) {
    requests_.health_known(to_json(health), now);
    respond();
}

void BridgeClients::tick(Now now) {
    parts_.groups.tick(now);
    respond();
}

void BridgeClients::shutdown(Now now) {
    requests_.abandon("the gateway is being stopped", now);
    parts_.groups.abandon(now);
    respond();
}

/// The summary for a name that no group can have goes to its sender's topic alone.
void BridgeClients::respond() {
    for (const auto& response : requests_.responses()) {
        respond(response, topics_.response(BridgeRequests::response_name(response)));
    }
    for (const auto& summary : parts_.groups.summaries()) {
        respond(summary.response,
                is_plain_level(summary.group) ? topics_.group_response(summary.group) : std::string{});
    }
}

void BridgeClients::respond(const CommandResponse& response, const std::string& topic) {
    for (auto& message : response_messages(response, topic)) {
        parts_.publisher.send(std::move(message));
    }
}

} // namespace bambu2mqtt
