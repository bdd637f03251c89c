// Hosts in URIs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// How the zone of an IPv6 address ("fe80::1%eth0") is written.
enum class UriZone : std::uint8_t {
    as_is,   ///< for Paho, which hands the host to the resolver as it is
    escaped, ///< "%25eth0", as RFC 6874 wants it
};

/// A host name or numeric address as written in a URI: IPv6 in brackets, all else unchanged.
[[nodiscard]] std::string uri_host(std::string_view host, UriZone zone = UriZone::as_is);

} // namespace bambu2mqtt
