// The AsyncAPI 3.0 document of the topics on the user's broker. Pure.
#pragma once

#include <nlohmann/json.hpp>

namespace bambu2mqtt::reference {

/// Every topic with its direction as the gateway sees it, its payload, QoS and retained flag. Refers to the
/// schemas in schemas/.
[[nodiscard]] nlohmann::ordered_json asyncapi();

} // namespace bambu2mqtt::reference
