#pragma once
// One HTTP request to a server on loopback: the status pages of a broker.

#include <cstdint>
#include <string>

namespace bambu2mqtt::interop {

/// The body of the answer to `GET path` on a port of 127.0.0.1; empty without an answer within two seconds.
[[nodiscard]] std::string http_get(std::uint16_t port, const std::string& path);

} // namespace bambu2mqtt::interop
