// Reasons an AMS unit reports against drying.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <string>

namespace bambu2mqtt {

/// `dry_sf_reason` of a unit (its object in the report, or nullptr) as text, separated by "; ": "the AMS
/// needs its own power adapter". Empty: no reason, or not reported. A number with unknown meaning is "reason
/// N". Numbers: printer-protocol.md 1.20.
[[nodiscard]] std::string drying_obstacles(const Json* unit);

} // namespace bambu2mqtt
