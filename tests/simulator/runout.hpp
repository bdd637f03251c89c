#pragma once
// Messages of a printer whose spool is used up: codes of the vendor's error table by model and place, as
// recorded on A1 and P1 and listed for the others. Creates values, stores nothing.

#include "simulator/machine.hpp"

#include <cstdint>
#include <optional>

namespace bambu2mqtt::simulator {

/// Which message of the HMS list.
enum class RunoutMessage {
    insert_filament, ///< xx00-2x00-0002-0001: the job waits for a new spool
    purging,         ///< -0003-0001: the rest is purged, a spool of the same filament takes over
    switched         ///< -0003-0002: it has taken over
};

/// `print_error`: module (07, AMS Lite 12, AMS HT 18), unit and 8011 for a spool in an AMS. External spools:
/// 0300-8015 on A1, 0300-8004 on P1 and X1, 07FF-8011 (right or only nozzle) and 07FE-8011 (left) on P2 and
/// H2.
[[nodiscard]] std::uint32_t runout_error(const ModelProfile& model, const TrayPlace& place);

/// The message for a spool in an AMS; nothing for external ones.
[[nodiscard]] std::optional<Hms> runout_hms(const ModelProfile& model, const TrayPlace& place,
                                            RunoutMessage message);

} // namespace bambu2mqtt::simulator
