#include "io/mqtt/broker_texts.hpp"

#include <bambu2mqtt/base/uri.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

namespace {

/// Brokers answer "not authorised" (5, 0x87) to a wrong password too.
[[nodiscard]] std::string refused_user(const BrokerConfig& broker) {
    return broker.username.empty()
               ? "the broker accepts nobody without a login: set broker.username and broker.password"
               : fmt::format("the broker refused the user '{}': check broker.username and broker.password",
                             broker.username);
}

[[nodiscard]] std::string refusal(const BrokerConfig& broker, int code) {
    switch (code) {
    case 1:
    case 0x84:
        return "the broker does not support this version of MQTT";
    case 2:
    case 0x85:
        return fmt::format("the broker refused the client id '{}': check broker.client_id", broker.client_id);
    case 3:
    case 0x88:
        return "the broker reports that it is unavailable";
    case 4:
    case 5:
    case 0x86:
    case 0x87:
        return refused_user(broker);
    case 0x9A:
        return "the broker does not keep retained messages, which the gateway needs (CONNACK 154)";
    case 0x9B:
        return "the broker does not support QoS 1, which the gateway needs (CONNACK 155)";
    default:
        return fmt::format("the broker refused the login (CONNACK {})", code);
    }
}

} // namespace

std::string broker_url(const BrokerConfig& broker) {
    return fmt::format("{}://{}:{}", broker.tls ? "mqtts" : "mqtt", uri_host(broker.host), broker.port);
}

std::string login_refusal(const BrokerConfig& broker, int code) {
    return fmt::format("{}: {}", broker_url(broker), refusal(broker, code));
}

} // namespace bambu2mqtt
