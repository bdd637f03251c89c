// Limits of target temperatures.
#pragma once

#include <bambu2mqtt/printer/facts.hpp>

#include <array>
#include <string_view>

namespace bambu2mqtt {

class ReportState;

/// Higher reported targets are ignored as invalid.
inline constexpr int hottest_target = 500;

/// The maximum target temperatures in whole degrees Celsius: those of the model, or the highest target the
/// printer itself has ever reported, if higher. X1 and X1C heat the bed to 110 degrees on 220 V and to 120 on
/// 110 V.
[[nodiscard]] int nozzle_limit(const Facts& facts);
[[nodiscard]] int bed_limit(const Facts& facts);
[[nodiscard]] int chamber_limit(const Facts& facts);

/// Top-level report fields that contain targets.
inline constexpr std::array<std::string_view, 4> target_keys{"nozzle_target_temper", "bed_target_temper",
                                                             "ctt", "device"};

/// Updates the highest targets ever reported. Returns true if one increased.
bool learn_targets(Facts& facts, const ReportState& report);

} // namespace bambu2mqtt
