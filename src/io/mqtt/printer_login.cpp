#include "io/mqtt/printer_login.hpp"

#include <bambu2mqtt/base/uri.hpp>

#include <fmt/format.h>

#include <utility>

namespace bambu2mqtt {

MqttOptions printer_login(const PrinterConfig& printer, const std::string& address, std::string client_id,
                          const TrustedPeer& peer) {
    return {.uri = fmt::format("ssl://{}:{}", uri_host(address), printer.mqtt_port),
            .client_id = std::move(client_id),
            .username = printer.username,
            .password = printer.access_code.reveal(),
            .tls = MqttTls{.check = peer.anything ? ServerCheck::nothing : ServerCheck::anchor,
                           .anchor_pem = peer.anchor_pem},
            .highest_qos = Qos::at_most_once};
}

bool refuses_access_code(const ConnectFailure& failure) {
    constexpr int bad_credentials = 4;
    constexpr int not_authorized = 5;
    return failure.connack == bad_credentials || failure.connack == not_authorized;
}

} // namespace bambu2mqtt
