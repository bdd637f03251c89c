// The ids of AMS units, in one table: on the wire, in names, among the trays and in the exist bits. Evidence:
// printer-protocol.md 1.8 and 1.9.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

struct AmsTray;

/// The id of an AMS unit.
class AmsId {
  public:
    /// 0 to 3, 16 (AMS Lite of the A2L), 128 to 135 (AMS HT); nothing for invalid ids.
    [[nodiscard]] static std::optional<AmsId> from_wire(std::int64_t id);

    /// The inverse of name(): "ams_1" to "ams_4", "ams_lite_1", "ams_ht_1" to "ams_ht_8".
    [[nodiscard]] static std::optional<AmsId> from_name(std::string_view name);

    [[nodiscard]] int wire() const noexcept { return id_; }

    /// The same as text, the key of the unit in `ams.ams`; valid as long as the program runs.
    [[nodiscard]] std::string_view key() const;

    /// The public name.
    [[nodiscard]] std::string name() const;

    /// Number of trays of this kind of unit.
    [[nodiscard]] int trays() const;

    /// True for an AMS HT, whose only tray has the unit's number.
    [[nodiscard]] bool is_ht() const;

    /// Its bit in ams_exist_bits; nothing for the A2L's unit, whose bit is unknown.
    [[nodiscard]] std::optional<unsigned> exist_bit() const;

    /// The bit of a tray (from 0) in tray_exist_bits.
    [[nodiscard]] unsigned tray_exist_bit(int slot) const;

    /// The global index of a tray (from 0): 0 to 15, 64 to 67 (A2L), 128 to 135 (AMS HT).
    [[nodiscard]] int tray_number(int slot) const;

    friend bool operator==(const AmsId&, const AmsId&) = default;

  private:
    friend std::optional<AmsTray> numbered_tray(std::int64_t number);

    AmsId(int id, std::size_t row) : id_(id), row_(row) {}

    int id_;
    std::size_t row_; ///< of the table
};

/// A tray of an AMS unit.
struct AmsTray {
    AmsId unit;
    int slot = 0; ///< from 0
};

/// The inverse of AmsId::tray_number(); nothing for numbers that name no AMS tray.
[[nodiscard]] std::optional<AmsTray> numbered_tray(std::int64_t number);

} // namespace bambu2mqtt
