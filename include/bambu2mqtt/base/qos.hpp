// Quality of service of MQTT messages.
#pragma once

#include <cstdint>

namespace bambu2mqtt {

/// The numbers of MQTT; 2 is not used.
enum class Qos : std::uint8_t {
    at_most_once = 0,  ///< not acknowledged: lost when the connection breaks
    at_least_once = 1, ///< acknowledged
};

} // namespace bambu2mqtt
