#include "homeassistant/message_parts.hpp"
#include <bambu2mqtt/entity/names.hpp>
#include <bambu2mqtt/homeassistant/discovery.hpp>
#include <bambu2mqtt/topic/slug.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

namespace {

MessagePart bridge_part(std::string_view id, Component component, Placeholders& values,
                        const Templates& templates, const DiscoverySettings& settings) {
    MessagePart part;
    part.key = id;
    part.object_id = fmt::format("{}_{}", bridge_identifier(settings.base_topic), id);
    part.platform = name_of(component);
    set_text(values, "entity_id", id);
    set_text(values, "unique_id", part.object_id);
    set_text(values, "default_entity_id",
             fmt::format("{}.{}", part.platform, entity_slug(fmt::format("{}_{}", settings.base_topic, id))));
    set_text(values, "name", name_in(id, settings.language));
    set_text(values, "entity_category", "diagnostic");
    part.message = templates.fill(part.platform, values);
    templates.patch(id, values, part.message);
    return part;
}

Placeholders bridge_values(const DiscoverySettings& settings) {
    // Two gateways in one Home Assistant differ in their base topic, and need different names.
    const std::string& base = settings.base_topic;
    Placeholders values;
    set_text(values, "identifier", bridge_identifier(base));
    set_text(values, "device_name",
             base == origin_name ? std::string{origin_name} : fmt::format("{} {}", origin_name, base));
    set_text(values, "manufacturer", origin_name);
    set_text(values, "model", "Bridge");
    set_text(values, "sw_version", BAMBU2MQTT_VERSION);
    set_text(values, "gateway_version", BAMBU2MQTT_VERSION);
    set_text(values, "base_topic", base);
    set_value(values, "device_availability", availability_list({BridgeTopics{base}.state()}));
    return values;
}

} // namespace

Announcement announce_bridge(const Templates& templates, const DiscoverySettings& settings) {
    const BridgeTopics topics{settings.base_topic};
    const Placeholders shared = bridge_values(settings);
    std::vector<MessagePart> parts;

    Placeholders connection = shared;
    set_text(connection, "device_class", "connectivity");
    set_text(connection, "state_topic", topics.state());
    set_text(connection, "payload_on", "online");
    set_text(connection, "payload_off", "offline");
    // Needs a state of "off" while the gateway is offline.
    set_value(connection, "availability", OrderedJson::array());
    parts.push_back(
        bridge_part(bridge_connection_id, Component::binary_sensor, connection, templates, settings));

    Placeholders version = shared;
    set_text(version, "state_topic", topics.info());
    set_text(version, "value_template", "{{ value_json.version }}");
    set_value(version, "qos", 1);
    parts.push_back(bridge_part(bridge_version_id, Component::sensor, version, templates, settings));

    Placeholders memory = shared;
    set_text(memory, "device_class", "data_size");
    set_text(memory, "unit", "MB");
    set_text(memory, "state_class", "measurement");
    set_value(memory, "enabled_by_default", false);
    set_text(memory, "state_topic", topics.health());
    set_text(memory, "value_template", "{{ value_json.resident_memory_mb }}");
    parts.push_back(bridge_part(bridge_memory_id, Component::sensor, memory, templates, settings));

    return assemble(bridge_identifier(settings.base_topic), shared, std::move(parts), templates, settings);
}

} // namespace bambu2mqtt
