// Trays and external spools: their content, and the active one.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/entity/entity.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// Source of filament.
struct Feed {
    enum class Kind : std::uint8_t {
        unclear, ///< not reported, or during a tool change
        none,    ///< nothing loaded
        tray,
        external,
    };

    Kind kind = Kind::unclear;
    int unit = 0; ///< wire id of the AMS unit
    int slot = 0; ///< 0-based
    Spool spool = Spool::single;

    friend bool operator==(const Feed&, const Feed&) = default;
};

/// The feed of the active nozzle. New firmware: `snow` of its extruder, high byte the unit, low byte the
/// slot; low byte 255 is nothing loaded, high byte 255 and 254 the external spools (65280 right or only,
/// 65024 left). Old firmware: ams.tray_now, 255 nothing, 254 the external spool. Unclear for a unit excluded
/// by the exist bits, as it has no entities.
[[nodiscard]] Feed active_feed(const ReportState& report, const Facts& facts);

/// Which of the reported trays: the current one, the previous one, the target.
enum class FeedField : std::uint8_t { now, before, target };

/// As active_feed(), for `snow`, `spre` or `star` of the active extruder, else ams.tray_now, tray_pre or
/// tray_tar.
[[nodiscard]] Feed feed_of(const ReportState& report, const Facts& facts, FeedField which);

/// "ams_1_tray_2", "external_spool_left", "none"; empty if unknown.
[[nodiscard]] std::string feed_id(const Feed& feed);

/// One spool as reported; all parts may be missing.
struct SpoolView {
    const Json* data = nullptr;    ///< the tray object; nullptr if not reported
    std::optional<bool> present{}; ///< whether a spool is present; nothing if unknown
};

[[nodiscard]] SpoolView tray_view(const ReportState& report, int unit, int slot);
[[nodiscard]] SpoolView external_view(const ReportState& report, Spool spool);

/// The display name: tray_sub_brands, else the name of the filament id, else tray_type; "empty" without a
/// spool, "unidentified" for a spool without a description.
[[nodiscard]] Value spool_name(const SpoolView& spool);

/// "PLA"; unknown without a described spool.
[[nodiscard]] Value spool_type(const SpoolView& spool);

/// "#RRGGBB"; unknown without a described spool.
[[nodiscard]] Value spool_color(const SpoolView& spool);

/// "#RRGGBB" in capitals from a printer's "rrggbb" or "rrggbbaa"; nothing for invalid colours.
[[nodiscard]] std::optional<std::string> hex_color(const Json* value);

/// Percent left by the printer's estimate; unknown for spools without a tag, and where estimating is switched
/// off.
[[nodiscard]] Value spool_remaining(const SpoolView& spool, const View& view);

/// Always has every key, null where unknown. `slot` is 1-based, 0 for external spools.
void write_spool_attributes(const SpoolView& spool, const View& view, int slot, bool active,
                            OrderedJson& out);

/// All possible values of `active_tray`, the same for every printer.
[[nodiscard]] std::span<const std::string_view> feed_options();

} // namespace bambu2mqtt
