#pragma once
// The `device` object of the newer protocol: extruders, nozzles, bed, chamber, air ducts. Creates JSON
// values, stores nothing.

#include "simulator/heaters.hpp"
#include "simulator/model_profile.hpp"
#include "simulator/print_job.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <vector>

namespace bambu2mqtt::simulator {

/// One extruder in `device.extruder.info[]`.
struct ExtruderState {
    int id = 0;          ///< 0 right or only one, 1 left
    int temperature = 0; ///< °C
    int target = 0;      ///< °C
    std::optional<TrayPlace> loaded{};
    std::optional<TrayPlace> target_slot{};
    int ams_status = 0;
};

/// Two temperatures in one number: current in the low 16 bits, target in the high ones.
[[nodiscard]] int packed_temperature(int current, int target);

/// `device.extruder`; `active` is the id of the extruder in use, `wanted` of the selected one.
[[nodiscard]] nlohmann::json extruder_state(const std::vector<ExtruderState>& extruders, int active,
                                            int wanted);

/// The parts of the air duct that are off in an air duct mode.
[[nodiscard]] std::vector<int> parts_off(const ModelProfile& model, int mode);

/// `device.airduct.parts`.
[[nodiscard]] nlohmann::json airduct_parts(const ModelProfile& model, const FanState& fans);

/// The whole `device` object of a cold printer.
[[nodiscard]] nlohmann::json device_state(const ModelProfile& model);

} // namespace bambu2mqtt::simulator
