#pragma once
// The `device` object of the newer protocol: extruders, nozzles, bed, chamber, air ducts. Makes JSON values,
// keeps nothing.

#include "simulator/model_profile.hpp"
#include "simulator/print_job.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <vector>

namespace bambu2mqtt::simulator {

/// One extruder as `device.extruder.info[]` shows it.
struct ExtruderState {
    int id = 0;          ///< 0 right or only one, 1 left
    int temperature = 0; ///< °C
    int target = 0;      ///< °C
    std::optional<TrayPlace> loaded{};
    int ams_status = 0;
};

/// Fan speeds in percent.
struct FanState {
    int part = 0;
    int aux = 0;
    int chamber = 0;
};

/// Two temperatures in one number: current in the low 16 bits, target in the high ones.
[[nodiscard]] int packed_temperature(int current, int target);

/// `device.extruder`; `active` is the id of the one that prints.
[[nodiscard]] nlohmann::json extruder_state(const std::vector<ExtruderState>& extruders, int active);

/// `device.airduct.parts`.
[[nodiscard]] nlohmann::json airduct_parts(const ModelProfile& model, const FanState& fans);

/// The whole `device` object of a cold printer.
[[nodiscard]] nlohmann::json device_state(const ModelProfile& model);

} // namespace bambu2mqtt::simulator
