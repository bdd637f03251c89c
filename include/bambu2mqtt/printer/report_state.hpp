// The merged state of one printer: the combined content of all its messages so far. Knows how lists with ids
// merge and which AMS units are present; not the meaning of fields.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

struct Report;

/// A part of the state that changed: a top-level key, and below `device` and `ams` the child. For an AMS unit
/// the child is its id ("0", "128"), and for one of its trays the item is the slot ("2"); when units were
/// added or removed the child is "ams". The texts are valid as long as the state.
struct Change {
    std::string_view key{};
    std::string_view child{};
    std::string_view item{};
};

using Changes = std::vector<Change>;

/// True if anything changed in the fields of a report with these keys.
[[nodiscard]] bool touch(const Changes& changes, std::span<const std::string_view> keys);

/// The change of one tray for reasons outside its own data: it has become active or inactive.
[[nodiscard]] Change tray_change(int unit, int slot);

/// Lists whose elements have an id are stored as objects keyed by that id, so that paths are stable and
/// partial reports merge naturally: ams.ams and their trays by `id`, vir_slot by `id`, lights_report by
/// `node`, device.extruder.info, device.nozzle.info and device.airduct.parts by `id`. All other lists are
/// replaced completely.
class ReportState {
  public:
    /// Bytes of memory that all of it may take. Recorded printers with four AMS units take a tenth of it.
    static constexpr std::size_t most_memory = 4UL * 1024 * 1024;

    ReportState() : root_(Json::object()) {}

    /// Merges a status report and adds the differences to `changes`. Absent or null keys are unchanged, also
    /// in a full report; AMS units missing from a full `ams.ams` are removed. A field of an unexpected type
    /// (an object instead of a number, invalid UTF-8) is skipped, the rest is merged. False if the report
    /// could make the whole larger than `most_memory`: then nothing is merged.
    bool merge(const Report& report, Changes& changes);

    /// Sets a top-level field from a message other than a report (an accepted project_file).
    void set_top_level(std::string_view key, Json value, Changes& changes);

    /// The value at KEY/CHILD/...; nullptr if there is none.
    [[nodiscard]] const Json* find(std::string_view path) const;

    /// True if an AMS unit is plugged in: it was reported, and its exist bit is not cleared. Bits: ids 0-3
    /// their own, AMS HT (128 + n) 4 + n; the bit of the A2L's unit 16 is unknown.
    [[nodiscard]] bool unit_present(int unit) const { return this->unit(unit) != nullptr; }

    /// True if the exist bits show that an AMS unit is not plugged in. False while they were not reported and
    /// for units without a bit.
    [[nodiscard]] bool unit_excluded(int unit) const;

    /// The reported data of an AMS unit that is plugged in; nullptr for an absent one.
    [[nodiscard]] const Json* unit(int unit) const;

    /// A slot's bit in tray_exist_bits: 4 * unit + slot, AMS HT 16 + n, unit 16 from bit 24 on; nothing where
    /// the bits were not reported.
    [[nodiscard]] std::optional<bool> tray_present(int unit, int slot) const;

    /// True once a full report has been merged: only then missing keys mean that something is absent.
    [[nodiscard]] bool complete() const noexcept { return complete_; }

    [[nodiscard]] const Json& root() const noexcept { return root_; }

    /// The complete state in the form of a full report's `print`: lists with ids are lists again.
    [[nodiscard]] Json as_reported() const;

  private:
    void unplug(std::optional<std::uint64_t> units_before, std::optional<std::uint64_t> trays_before,
                Changes& changes);

    void read_exist_bits();
    [[nodiscard]] bool has_room(const Report& report);

    Json root_;
    std::size_t memory_ = 0; ///< of root_, at most; by memory_of()
    bool complete_ = false;
    std::optional<std::uint64_t> unit_bits_; ///< ams.ams_exist_bits as a number
    std::optional<std::uint64_t> tray_bits_; ///< ams.tray_exist_bits as a number
};

/// The key of an AMS unit or tray as a number; nothing for other keys.
[[nodiscard]] std::optional<int> id_of(std::string_view key);

} // namespace bambu2mqtt
