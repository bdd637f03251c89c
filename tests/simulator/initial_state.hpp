#pragma once
// The full status of a printer that was just switched on, with every key its model reports, and its list of
// modules.

#include "simulator/model_profile.hpp"
#include "simulator/state_words.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace bambu2mqtt::simulator {

/// The object under `print`, without `command`, `msg` and `sequence_id`.
[[nodiscard]] nlohmann::json initial_state(const ModelProfile& model, std::string_view serial,
                                           const MachineSettings& settings);

/// `info.module` of the answer to get_version: firmware, processor, boards, AMS units, each with its serial.
[[nodiscard]] nlohmann::json modules(const ModelProfile& model, std::string_view serial);

} // namespace bambu2mqtt::simulator
