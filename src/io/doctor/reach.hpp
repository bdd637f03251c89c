// Whether something answers at an address and port, for the checks of doctor. Waits; sends nothing but the
// handshake.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/io/tls/tls_handshake.hpp>

#include <future>
#include <string>
#include <vector>

namespace bambu2mqtt {

class TlsProbe;

/// Tried addresses of one name.
inline constexpr std::size_t most_tried_addresses = 4;

/// The first addresses of a name or address. Waits for the system's resolver.
[[nodiscard]] expected<std::vector<std::string>, Error> addresses_of(const std::string& host);

/// Starts a probe; its result is ready after `probe_deadline` at the latest.
[[nodiscard]] std::future<expected<PeerCertificate, Error>> begin_probe(TlsProbe& probe, ProbeTarget target);

} // namespace bambu2mqtt
