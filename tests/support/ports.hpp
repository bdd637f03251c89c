#pragma once
// Free ports of 127.0.0.1 and the limit on open files. Knows nothing of who uses them.

#include <cstdint>
#include <string>

namespace bambu2mqtt::test_support {

/// First of `count` consecutive TCP ports of 127.0.0.1 on which nothing listens now. They lie below the range
/// from which the system takes the ports of outgoing connections. Throws std::runtime_error when there is no
/// such block.
[[nodiscard]] std::uint16_t free_ports(int count);

/// One TCP port of 127.0.0.1 on which nothing listens now.
[[nodiscard]] std::uint16_t free_port();

/// One UDP port of 127.0.0.1 that nobody has now.
[[nodiscard]] std::uint16_t free_udp_port();

/// Whether something accepts TCP connections on this port of an address of loopback now.
[[nodiscard]] bool accepts_connections(std::uint16_t port, const std::string& address = "127.0.0.1");

/// Raises this process's limit of open files (children inherit it) to at least `count`, as far as its hard
/// limit goes. False when the hard limit is lower.
bool raise_open_file_limit(std::uint64_t count);

} // namespace bambu2mqtt::test_support
