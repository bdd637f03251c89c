#include "gateway/bridge_clients.hpp"

#include "gateway/response_messages.hpp"

#include <utility>

namespace bambu2mqtt {

BridgeClients::BridgeClients(Parts parts)
    : parts_(parts), topics_(parts.settings.discovery.base_topic), requests_(parts.settings, parts.health) {}

void BridgeClients::handle(const BrokerMessage& message, Now now, Effects& effects) {
    const auto topic = parse_command_topic(message.topic, topics_.base());
    if (!topic) {
        return;
    }
    if (topic->kind != CommandKind::bridge_request) {
        parts_.sessions.handle(message, *topic, now, effects);
    } else if (message.retained || retained_.is_own_clear(message)) {
        clear_retained(message, effects);
    } else {
        requests_.handle(topic->name, message, now, effects);
        respond();
    }
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

void BridgeClients::handle(const RequestDone& done, Now now) {
    requests_.handle(done, now);
    respond();
}

void BridgeClients::health_known(const Health& health, Now now) {
    requests_.health_known(to_json(health), now);
    respond();
}

void BridgeClients::shutdown(Now now) {
    requests_.abandon("the gateway is being stopped", now);
    respond();
}

void BridgeClients::respond() {
    for (const auto& response : requests_.responses()) {
        const auto topic = topics_.response(BridgeRequests::response_name(response));
        for (auto& message : response_messages(response, topic)) {
            parts_.publisher.send(std::move(message));
        }
    }
}

} // namespace bambu2mqtt
