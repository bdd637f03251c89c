// Counts of one printer's session since it was created.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <cstdint>
#include <optional>

namespace bambu2mqtt {

/// They only grow. A session that is rebuilt after a fault starts at zero.
struct SessionCounters {
    std::uint64_t connections = 0;            ///< logins at the printer
    std::uint64_t reports = 0;                ///< messages on the report topic
    std::uint64_t report_bytes = 0;           ///< of their payloads
    std::uint64_t losses = 0;                 ///< times that reports were dropped because they came too fast
    std::uint64_t commands_succeeded = 0;     ///< outcomes effective, accepted and done
    std::uint64_t commands_failed = 0;        ///< outcomes refused, unconfirmed and failed
    std::optional<WallTime> last_report_at{}; ///< nothing before the first
};

} // namespace bambu2mqtt
