// Assembles discovery messages from filled templates, in the device form and in the component form. Knows the
// two forms, not their content.
#pragma once

#include <bambu2mqtt/homeassistant/discovery.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// The ids of the gateway's own entities.
inline constexpr std::string_view bridge_connection_id = "bridge_connection";
inline constexpr std::string_view bridge_version_id = "bridge_version";
inline constexpr std::string_view bridge_memory_id = "bridge_memory";

/// One entity, ready for discovery.
struct MessagePart {
    std::string key{};       ///< inside the device message
    std::string object_id{}; ///< in the topic of its own message
    std::string_view platform{};
    OrderedJson message{}; ///< the filled template, overrides applied
};

/// The messages of one device. `device_values` are the placeholders of device.json without `components`.
[[nodiscard]] Announcement assemble(std::string identifier, Placeholders device_values,
                                    std::vector<MessagePart> parts, const Templates& templates,
                                    const DiscoverySettings& settings);

/// An availability list of these topics, with Home Assistant's default payloads `online` and `offline`.
[[nodiscard]] OrderedJson availability_list(std::initializer_list<std::string> topics);

/// Removes the values of all component placeholders, so that `values` can be used for the next entity.
void clear_component_values(Placeholders& values);

/// Sets a placeholder, which must be in the list.
void set_value(Placeholders& values, std::string_view name, OrderedJson value);

/// The same for texts; empty means no value.
void set_text(Placeholders& values, std::string_view name, std::string_view text);

} // namespace bambu2mqtt
