// Why an AMS unit says that it cannot dry now.
#pragma once

#include <bambu2mqtt/base/json.hpp>

#include <string>

namespace bambu2mqtt {

/// What `dry_sf_reason` of a unit (its object in the report, or nullptr) says in words, parted by "; ": "the
/// AMS needs its own power adapter". Empty: nothing is in the way, or nobody has said. A number without a
/// meaning is "reason N". Numbers: printer-protocol.md 1.20.
[[nodiscard]] std::string drying_obstacles(const Json* unit);

} // namespace bambu2mqtt
