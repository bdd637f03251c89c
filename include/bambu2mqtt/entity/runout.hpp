// Which errors mean a filament runout, and which tray the printer waits for then.
#pragma once

#include <bambu2mqtt/entity/spools.hpp>

#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// One error that means a filament runout. Sources: print_error 0700-8011 with HMS 0700-2200-0002-0001 (a P1S
/// with one AMS), print_error 0300-8015 (an A1 without one), and the vendor's texts of the others.
struct Runout {
    std::string code{};        ///< in the printer's format: 0700-8011
    std::string unit{};        ///< public prefix: "ams_1", "external_spool"; empty if the code names none
    std::optional<int> slot{}; ///< 1-based; nothing if the code names none, and for external spools
    bool waits = false;   ///< the printer pauses until filament is loaded; otherwise it changes spools itself
    bool changed = false; ///< it has done so already
};

/// The runout errors in the report: HMS messages, then print_error. Empty if there are none.
///
/// print_error: low word 8011 of the modules 07, 12 (unit in the low byte of the high word; FF and FE are the
/// external spools) and 18 (AMS HT), and 0300-8004 and 0300-8015, which name no place. HMS of the same
/// modules with part 2x00, x being the 0-based slot: 0002-0001 (insert filament), 0003-0001 (the old filament
/// is purged) and 0003-0002 (the printer has changed to a slot with the same filament).
[[nodiscard]] std::vector<Runout> runouts(const ReportState& report, const Facts& facts);

/// The last active tray: the current one, else the previous one; Kind::unclear if neither is known.
[[nodiscard]] Feed last_feed(const ReportState& report, const Facts& facts);

/// The tray a printer that is paused by a runout waits for: its target tray, which with automatic change is
/// the next slot with the same filament and not the one that ran out (bambuddy #2587), else the place in the
/// error. Kind::none without such a pause; Kind::unclear if no tray is given.
[[nodiscard]] Feed awaited_feed(const ReportState& report, const Facts& facts);

} // namespace bambu2mqtt
