// Process information from the kernel.
#pragma once

#include <cstddef>
#include <string>

namespace bambu2mqtt::test_support {

/// A number of /proc/PID/status, in its unit (memory: kilobytes); -1 when there is no such field or process.
/// `pid`: a process id, or "self".
[[nodiscard]] long status_of(const std::string& pid, const std::string& field);

/// Number of open descriptors of the process; for "self" including the one used for counting.
[[nodiscard]] std::size_t descriptors_of(const std::string& pid);

} // namespace bambu2mqtt::test_support
