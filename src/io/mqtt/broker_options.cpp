#include "io/mqtt/broker_options.hpp"

#include "io/thread/resolver.hpp"
#include <bambu2mqtt/base/uri.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

namespace {

bool has_name(const BrokerConfig& broker) {
    return numeric_address(broker.host).empty();
}

} // namespace

bool name_in_uri(const BrokerConfig& broker) {
    return broker.tls && has_name(broker);
}

MqttOptions broker_options(const BrokerConfig& broker, const std::string& address, MqttVersion version) {
    MqttOptions options{.uri =
                            fmt::format("{}://{}:{}", broker.tls ? "ssl" : "tcp",
                                        uri_host(name_in_uri(broker) ? broker.host : address), broker.port),
                        .client_id = broker.client_id,
                        .username = broker.username,
                        .password = broker.password.reveal(),
                        .version = version,
                        .largest_packet = broker.largest_packet};
    if (broker.tls) {
        options.tls = MqttTls{.check = ServerCheck::chain_and_host,
                              .ca_file = broker.ca_file,
                              .cert_file = broker.cert_file,
                              .key_file = broker.key_file};
    }
    return options;
}

ProbeTarget broker_probe(const BrokerConfig& broker, const std::string& address) {
    const bool named = has_name(broker);
    return {.address = address,
            .port = broker.port,
            .tls = broker.tls,
            .server_name = named ? broker.host : std::string(),
            .authorities = broker.ca_file.empty() ? Authorities::system : Authorities::file,
            .ca_file = broker.ca_file,
            .expected_host = named ? broker.host : address};
}

} // namespace bambu2mqtt
