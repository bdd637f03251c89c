#pragma once
// AMS units, their trays and the external spools as reported. Creates JSON values, stores nothing.

#include "simulator/model_profile.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace bambu2mqtt::simulator {

/// One kind of filament on a spool.
struct Spool {
    std::string_view filament_id{}; ///< tray_info_idx
    std::string_view type{};
    std::string_view brand{};     ///< tray_sub_brands; empty on a spool without a tag
    std::string_view colour{};    ///< eight hexadecimal digits, RGBA
    std::string_view colour_id{}; ///< tray_id_name
    int nozzle_min = 190;         ///< °C
    int nozzle_max = 230;         ///< °C
    int drying_temperature = 55;  ///< °C
    int drying_hours = 8;
    int remaining = -1; ///< percent, -1 unknown
};

/// The spool in a slot of a new simulated printer; its `type` is empty when the slot is empty.
[[nodiscard]] Spool initial_spool(const AmsUnitProfile& unit, int slot);

/// A tray object. `id` is the slot, or 254 and 255 for external spools. An empty one has only its id and
/// state.
[[nodiscard]] nlohmann::json tray(const ModelProfile& model, const Spool& spool, int id, std::uint32_t tag);

/// A complete element of `ams.ams` with its initial spools.
[[nodiscard]] nlohmann::json ams_unit(const ModelProfile& model, const AmsUnitProfile& unit,
                                      std::string_view printer_serial);

/// The complete `ams` object of a new simulated printer.
[[nodiscard]] nlohmann::json ams_state(const ModelProfile& model, std::string_view printer_serial);

/// The bit of a slot in `tray_exist_bits` and similar keys: 4 per unit, an AMS HT from bit 16.
[[nodiscard]] int tray_bit(int unit, int slot);

/// An external spool; 254 is the only one of older protocols and the left one of newer ones, 255 the right
/// one.
[[nodiscard]] nlohmann::json external_spool(const ModelProfile& model, int id);

} // namespace bambu2mqtt::simulator
