#pragma once
// Free ports of 127.0.0.1 and the limit on open files.

#include <cstdint>
#include <string>

namespace bambu2mqtt::test_support {

/// First of `count` consecutive TCP ports of 127.0.0.1 without a listener. They are below the system's range
/// of ephemeral ports. Throws std::runtime_error when there is no such block.
[[nodiscard]] std::uint16_t free_ports(int count);

/// One TCP port of 127.0.0.1 without a listener.
[[nodiscard]] std::uint16_t free_port();

/// One unused UDP port of 127.0.0.1.
[[nodiscard]] std::uint16_t free_udp_port();

/// True if something accepts TCP connections on this port of a loopback address.
[[nodiscard]] bool accepts_connections(std::uint16_t port, const std::string& address = "127.0.0.1");

/// Raises this process's limit of open files (children inherit it) to at least `count`, as far as its hard
/// limit allows. False when the hard limit is lower.
bool raise_open_file_limit(std::uint64_t count);

} // namespace bambu2mqtt::test_support
