// Whether this process still can open files and sockets. When it cannot, everything else fails with words
// that sound like somebody else's fault.
#pragma once

#include <string>

namespace bambu2mqtt {

/// Whether fewer than four more descriptors can be opened now, because the limit of this process (EMFILE) or
/// of the system (ENFILE) is reached: a TLS connection needs a socket and its trust anchor twice, and names
/// are looked up beside it. Tries it; any thread.
[[nodiscard]] bool out_of_descriptors();

/// `detail`, and before it the true reason when out_of_descriptors(): what to raise, and the limit now.
[[nodiscard]] std::string with_true_reason(std::string detail);

} // namespace bambu2mqtt
