// Text as an MQTT topic or topic filter. Pure; knows none of our topics.
#pragma once

#include <string_view>

namespace bambu2mqtt {

/// True if a client may publish on this topic: UTF-8 of 1 to 65535 bytes without wildcards, control
/// characters (including NUL) and Unicode noncharacters. MQTT 5 section 1.5.4: a broker may end the session
/// of a client that publishes on anything else, and Mosquitto does.
[[nodiscard]] bool is_topic(std::string_view text);

/// True if a client may subscribe to this filter: like a topic, with "+" only as a whole level, "#" only as
/// the last one.
[[nodiscard]] bool is_topic_filter(std::string_view text);

/// True if `filter` matches `topic`. "a/#" matches "a" too; a wildcard in the first level matches nothing
/// that begins with "$" (MQTT 5 section 4.7).
[[nodiscard]] bool filter_takes(std::string_view filter, std::string_view topic);

/// Whether `topic` is `root` or a level below it.
[[nodiscard]] bool is_at_or_below(std::string_view topic, std::string_view root);

} // namespace bambu2mqtt
