// How hot the parts of a printer may be made.
#pragma once

#include <bambu2mqtt/printer/facts.hpp>

#include <array>
#include <string_view>

namespace bambu2mqtt {

class ReportState;

/// Beyond this a target temperature is noise.
inline constexpr int hottest_target = 500;

/// The highest target temperatures in whole degrees Celsius: those of the model, or the highest target the
/// printer itself has ever reported where that is higher. X1 and X1C heat the bed to 110 degrees on 220 V and
/// to 120 on 110 V.
[[nodiscard]] int nozzle_limit(const Facts& facts);
[[nodiscard]] int bed_limit(const Facts& facts);
[[nodiscard]] int chamber_limit(const Facts& facts);

/// The fields of a report in which targets stand.
inline constexpr std::array<std::string_view, 4> target_keys{"nozzle_target_temper", "bed_target_temper",
                                                             "ctt", "device"};

/// Takes the targets that are reported now into the highest ones ever seen. Returns whether one is higher.
bool learn_targets(Facts& facts, const ReportState& report);

} // namespace bambu2mqtt
