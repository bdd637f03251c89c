// The topics on which the command doctor proves the rights of the gateway's user.
#pragma once

#include <string>
#include <string_view>

namespace bambu2mqtt {

/// BASE/bridge/doctor; not retained.
[[nodiscard]] std::string doctor_topic(std::string_view base);

/// A discovery topic that no device uses, below PREFIX; a message without content changes nothing there.
[[nodiscard]] std::string doctor_discovery_topic(std::string_view prefix);

} // namespace bambu2mqtt
