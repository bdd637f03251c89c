// The tray of a command: by its index, or by unit and slot, and its form in requests.
#pragma once

#include <bambu2mqtt/base/expected.hpp>
#include <bambu2mqtt/command/command.hpp>
#include <bambu2mqtt/entity/spools.hpp>

#include <string>

namespace bambu2mqtt {

/// A tray of an AMS unit, or an external spool. Evidence for the numbers: printer-protocol.md 1.8 and 1.9.
struct Tray {
    int unit = 0; ///< wire id of the unit (AmsId), 255 or 254 for external spools
    int slot = 0; ///< 0-based
    bool external = false;
    Spool spool = Spool::single;

    /// 0-15, 64-67 (A2L), 128-135 (AMS HT), 254 (left or only external spool), 255 (right one).
    [[nodiscard]] int global() const;

    /// The same as in active_tray: "ams_1_tray_2", "external_spool".
    [[nodiscard]] std::string id() const;

    /// The printer's report of it.
    [[nodiscard]] SpoolView view(const ReportState& report) const;
};

/// Reads `tray_id`, or `ams_id` and `slot_id`; without ams_id the active unit is used, or the only one. With
/// tray_id 0-3 and ams_id, tray_id is the slot. Refuses as invalid_argument if no tray is named, and as
/// not_found if it is not plugged in.
[[nodiscard]] expected<Tray, Refusal> tray_of(const Situation& situation, const Json& arguments);

/// Name of a unit in messages: "ams_1", and whether it is the default because `ams_id` was omitted: "ams_1
/// (assumed, ams_id was left out)".
[[nodiscard]] std::string name_of_unit(const Json& arguments, int unit);

/// The unit `ams_id` names, or the active unit, or the only one. Refuses as tray_of().
[[nodiscard]] expected<int, Refusal> unit_of(const Situation& situation, const Json& arguments);

} // namespace bambu2mqtt
