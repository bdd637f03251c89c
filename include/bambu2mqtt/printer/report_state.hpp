// The merged report of one printer: what all its messages so far say together.
// Knows how lists with ids merge and which AMS units are there; not what the fields mean.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

struct Report;

/// A part of the document that changed: a top-level key, and below `device` and `ams` the child.
/// For an AMS unit the child is its id ("0", "128"), and for one of its trays the item is the slot ("2");
/// when units came or went the child is "ams". The texts live as long as the document.
struct Change {
    std::string_view key{};
    std::string_view child{};
    std::string_view item{};
};

using Changes = std::vector<Change>;

/// Whether something changed in the fields of a report with these keys.
[[nodiscard]] bool touch(const Changes& changes, std::span<const std::string_view> keys);

/// The change of one tray, for what the report does not tell by itself: that it feeds now, or no longer.
[[nodiscard]] Change tray_change(int unit, int slot);

/// Lists whose elements carry an id are kept as objects by that id, so that a path is stable and partial
/// reports need no special care: ams.ams and their trays by `id`, vir_slot by `id`, lights_report by `node`,
/// device.extruder.info, device.nozzle.info and device.airduct.parts by `id`. All other lists are replaced as
/// a whole.
class ReportState {
  public:
    ReportState() : root_(Json::object()) {}

    /// Merges a status report and adds to `changes` what became different. Keys that are absent or null stay
    /// as they are, also in a full report; AMS units absent from a full `ams.ams` are gone. A field of a kind
    /// that does not fit (an object where a number was, bytes that are no UTF-8) is left out, the rest is
    /// taken.
    void merge(const Report& report, Changes& changes);

    /// Sets a top-level field that another message than a report told (the accepted project_file).
    void set_top_level(std::string_view key, Json value, Changes& changes);

    /// The value at KEY/CHILD/...; nullptr where there is none.
    [[nodiscard]] const Json* find(std::string_view path) const;

    /// Whether an AMS unit is plugged in: it was reported, and the exist bits do not say otherwise.
    /// Bits: ids 0-3 their own, AMS HT (128 + n) 4 + n; the A2L's unit 16 has none that is known.
    [[nodiscard]] bool unit_present(int unit) const { return this->unit(unit) != nullptr; }

    /// Whether the exist bits say that an AMS unit is not plugged in. False while they were not reported and
    /// for units that have no bit: then nobody says so.
    [[nodiscard]] bool unit_excluded(int unit) const;

    /// What was reported of an AMS unit that is plugged in; nullptr for one that is not.
    [[nodiscard]] const Json* unit(int unit) const;

    /// What tray_exist_bits say of a slot: 4 * unit + slot, AMS HT 16 + n, unit 16 from bit 24 on; nothing
    /// where the bits were not reported.
    [[nodiscard]] std::optional<bool> tray_present(int unit, int slot) const;

    /// Whether a full report has been merged: only then does the absence of something mean anything.
    [[nodiscard]] bool complete() const noexcept { return complete_; }

    [[nodiscard]] const Json& root() const noexcept { return root_; }

    /// All of it in the form of a full report's `print`: lists with ids are lists again.
    [[nodiscard]] Json as_reported() const;

  private:
    void unplug(std::optional<std::uint64_t> units_before, std::optional<std::uint64_t> trays_before,
                Changes& changes);

    void read_exist_bits();

    Json root_;
    bool complete_ = false;
    std::optional<std::uint64_t> unit_bits_; ///< ams.ams_exist_bits as a number
    std::optional<std::uint64_t> tray_bits_; ///< ams.tray_exist_bits as a number
};

/// The id an AMS unit or tray is keyed by, as a number; nothing for keys that are none.
[[nodiscard]] std::optional<int> id_of(std::string_view key);

} // namespace bambu2mqtt
