// Heap memory that is only needed at the start and for handshakes.
#pragma once

namespace bambu2mqtt {

/// Returns free heap pages to the system. Called once a minute: reading the configuration, creating keys and
/// TLS handshakes leave several megabytes that a running gateway does not use. Program code is left to the
/// kernel, which drops its pages itself when memory is short. Measured by scripts/memory.sh.
void trim_heap();

} // namespace bambu2mqtt
