// The manual pages bambu2mqtt(1) and bambu2mqtt.toml(5), from the tables of commands and of configuration
// keys.
#pragma once

#include <string>

namespace bambu2mqtt::reference {

/// bambu2mqtt(1) in the macros of man(7).
[[nodiscard]] std::string program_manual();

/// bambu2mqtt.toml(5) in the macros of man(7).
[[nodiscard]] std::string configuration_manual();

} // namespace bambu2mqtt::reference
