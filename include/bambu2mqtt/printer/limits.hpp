// How hot the parts of a printer may be made.
#pragma once

#include <bambu2mqtt/printer/facts.hpp>

namespace bambu2mqtt {

class Document;

/// Beyond this a target temperature is noise.
inline constexpr int hottest_target = 500;

/// The highest target temperatures in whole degrees Celsius: those of the model, or the highest target the
/// printer itself has ever reported where that is higher. X1 and X1C heat the bed to 110 degrees on 220 V and
/// to 120 on 110 V.
[[nodiscard]] int nozzle_limit(const Facts& facts);
[[nodiscard]] int bed_limit(const Facts& facts);
[[nodiscard]] int chamber_limit(const Facts& facts);

/// Takes the targets that are reported now into the highest ones ever seen.
void learn_targets(Facts& facts, const Document& report);

} // namespace bambu2mqtt
