// Detects that this process cannot open files and sockets any more. Otherwise every operation fails with
// messages that blame its peer.
#pragma once

#include <string>

namespace bambu2mqtt {

/// True if fewer than four more descriptors can be opened now, because the limit of this process (EMFILE) or
/// of the system (ENFILE) is reached: a TLS connection needs a socket and its trust anchor twice, and names
/// are resolved at the same time. Tries it; any thread.
[[nodiscard]] bool out_of_descriptors();

/// `detail`, preceded by the real reason if out_of_descriptors(): which limit to raise, and its value.
[[nodiscard]] std::string with_true_reason(std::string detail);

} // namespace bambu2mqtt
