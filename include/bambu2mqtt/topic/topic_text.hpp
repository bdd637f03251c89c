// Text as an MQTT topic or as a filter of topics. Pure; knows none of our topics.
#pragma once

#include <string_view>

namespace bambu2mqtt {

/// Whether a client may publish on this: UTF-8 of 1 to 65535 bytes without wildcards, control characters
/// (NUL among them) and the code points Unicode sets aside for no use. MQTT 5 section 1.5.4: a broker may
/// end the session of a client that publishes on anything else, and Mosquitto does.
[[nodiscard]] bool is_topic(std::string_view text);

/// Whether a client may subscribe to this: as a topic, and "+" alone in its level, "#" alone in the last one.
[[nodiscard]] bool is_topic_filter(std::string_view text);

/// Whether a subscription to `filter` gets what is published on `topic`. "a/#" takes "a" too; a wildcard in
/// the first level takes nothing that begins with "$" (MQTT 5 section 4.7).
[[nodiscard]] bool filter_takes(std::string_view filter, std::string_view topic);

/// Whether `topic` is `root` or a level below it.
[[nodiscard]] bool is_at_or_below(std::string_view topic, std::string_view root);

} // namespace bambu2mqtt
