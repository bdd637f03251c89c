// Memory that is needed at the start and for handshakes only.
#pragma once

namespace bambu2mqtt {

/// Gives back to the system what the heap does not need at the moment, and takes program code out of the
/// resident memory; what is run again comes back from the page cache, by and by. Meant for once a minute:
/// reading the configuration, making keys and TLS handshakes leave several megabytes that a gateway in its
/// stride never touches. Measured by scripts/memory.sh.
void trim_heap();

} // namespace bambu2mqtt
