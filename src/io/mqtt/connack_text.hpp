// Why a broker refused the login, in words.
#pragma once

#include <string>

namespace bambu2mqtt {

/// Meaning of a CONNACK code of MQTT 3.1.1 (3.2.2.3) or MQTT 5 (3.2.2.2) that is not 0.
[[nodiscard]] std::string connack_text(int code);

} // namespace bambu2mqtt
