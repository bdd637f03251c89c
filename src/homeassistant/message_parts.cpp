#include "homeassistant/message_parts.hpp"

#include <cassert>

namespace bambu2mqtt {

namespace {

/// Home Assistant refuses a whole device message for one component without platform.
OrderedJson with_platform(std::string_view platform, OrderedJson component) {
    OrderedJson message = OrderedJson::object();
    message["platform"] = platform;
    for (auto& item : component.items()) {
        message[item.key()] = std::move(item.value());
    }
    return message;
}

Message device_message(const std::string& identifier, Placeholders& device_values,
                       std::vector<MessagePart>& parts, const Templates& templates,
                       const DiscoverySettings& settings) {
    OrderedJson components = OrderedJson::object();
    for (auto& part : parts) {
        components[part.key] = with_platform(part.platform, std::move(part.message));
    }
    set_value(device_values, "components", std::move(components));
    return {discovery_topic(settings.prefix, "device", identifier),
            json_text(templates.fill("device", device_values))};
}

/// Device triggers are not entities: they have no availability.
bool may_have(std::string_view platform, const std::string& key) {
    return platform != "device_automation" || !key.starts_with("availability");
}

/// The shared keys of the device form are part of each message; the component's own keys take precedence.
Message component_message(const OrderedJson& shared, MessagePart& part, const DiscoverySettings& settings) {
    OrderedJson message = std::move(part.message);
    for (const auto& item : shared.items()) {
        if (!message.contains(item.key()) && may_have(part.platform, item.key())) {
            message[item.key()] = item.value();
        }
    }
    return {discovery_topic(settings.prefix, part.platform, part.object_id), json_text(message)};
}

} // namespace

Announcement assemble(std::string identifier, Placeholders device_values, std::vector<MessagePart> parts,
                      const Templates& templates, const DiscoverySettings& settings) {
    Announcement announcement;
    announcement.identifier = std::move(identifier);
    if (parts.empty()) {
        return announcement;
    }
    for (const auto& part : parts) {
        announcement.components.emplace_back(settings.per_component ? part.object_id : part.key,
                                             part.platform);
    }
    if (!settings.per_component) {
        announcement.messages.push_back(
            device_message(announcement.identifier, device_values, parts, templates, settings));
        return announcement;
    }
    const OrderedJson shared = templates.fill("device", device_values);
    for (auto& part : parts) {
        announcement.messages.push_back(component_message(shared, part, settings));
    }
    return announcement;
}

OrderedJson availability_list(std::initializer_list<std::string> topics) {
    OrderedJson list = OrderedJson::array();
    for (const auto& topic : topics) {
        list.push_back(OrderedJson::object({{"topic", topic}}));
    }
    return list;
}

void clear_component_values(Placeholders& values) {
    for (const auto& placeholder : placeholder_names()) {
        if (placeholder.scope == PlaceholderScope::component) {
            if (const auto found = values.find(placeholder.name); found != values.end()) {
                found->second = nullptr;
            }
        }
    }
}

void set_value(Placeholders& values, std::string_view name, OrderedJson value) {
    assert(find_placeholder(name) != nullptr);
    values.insert_or_assign(std::string{name}, std::move(value));
}

void set_text(Placeholders& values, std::string_view name, std::string_view text) {
    set_value(values, name, text_or_null(text));
}

} // namespace bambu2mqtt
