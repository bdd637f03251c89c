// Addresses as users write them: of hosts and of brokers. Looks nothing up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// A host name or an address, trimmed, without scheme and port; an IPv6 address without brackets. Nothing
/// for what can be neither.
[[nodiscard]] std::optional<std::string> read_host(std::string_view text);

/// Where a server listens.
struct ListenAddress {
    std::string host{}; ///< a numeric IPv4 or IPv6 address, without brackets
    std::uint16_t port = 0;
    bool operator==(const ListenAddress&) const = default;
};

/// ADDRESS:PORT, with an IPv6 address in brackets: "127.0.0.1:9464", "[::1]:9464". No names, no port 0.
[[nodiscard]] std::optional<ListenAddress> read_listen_address(std::string_view text);

/// The parts of a broker's URL.
struct BrokerAddress {
    bool tls = false;
    std::string host{}; ///< an IPv6 address without brackets
    std::uint16_t port = 0;

    bool operator==(const BrokerAddress&) const = default;
};

/// mqtt://HOST[:PORT] or mqtts://HOST[:PORT]; the ports default to 1883 and 8883. A login in it is refused.
[[nodiscard]] std::optional<BrokerAddress> read_broker_url(std::string_view url);

} // namespace bambu2mqtt
