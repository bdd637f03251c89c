#include "homeassistant/message_parts.hpp"
#include <bambu2mqtt/command/controls.hpp>
#include <bambu2mqtt/entity/event_types.hpp>
#include <bambu2mqtt/entity/names.hpp>
#include <bambu2mqtt/homeassistant/discovery.hpp>
#include <bambu2mqtt/topic/slug.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

/// Common values of all entities of one device.
struct DeviceAtHand {
    const PrinterNames& names;
    const Facts& facts;
    BridgeTopics bridge;
    PrinterTopics topics;
    Language language = Language::en;
};

/// True if it makes a device: buttons alone do not.
bool shows_something(const Instance& instance) {
    return read_only_component(instance.entity->component).has_value();
}

bool only_shows(Component component) {
    return read_only_component(component) == component;
}

const Unit* unit_called(const DeviceKey& device, const Facts& facts) {
    const auto found =
        std::ranges::find_if(facts.units, [&device](const Unit& unit) { return unit.prefix() == device; });
    return found == facts.units.end() ? nullptr : &*found;
}

void put_printer(Placeholders& values, const DeviceAtHand& at_hand) {
    const Facts& facts = at_hand.facts;
    set_text(values, "device_name", display_name(at_hand.names, facts));
    set_text(values, "model", facts.traits().name);
    set_text(values, "serial_number", at_hand.names.serial);
    set_text(values, "sw_version", facts.firmware);
    set_text(values, "hw_version", facts.hardware);
    set_text(values, "via_device", bridge_identifier(at_hand.bridge.base()));
    set_value(values, "device_availability",
              availability_list({at_hand.bridge.state(), at_hand.topics.availability()}));
}

/// A unit, a spool or the rack: a separate device behind the printer.
void put_accessory(Placeholders& values, const DeviceKey& device, const DeviceAtHand& at_hand) {
    set_text(values, "device_name",
             fmt::format("{} {}", display_name(at_hand.names, at_hand.facts),
                         device_words(device, at_hand.language)));
    set_text(values, "via_device", device_identifier(at_hand.names.serial, {}));
    const std::string bridge = at_hand.bridge.state();
    const std::string printer = at_hand.topics.availability();
    const Unit* unit = unit_called(device, at_hand.facts);
    if (unit == nullptr) {
        set_text(values, "model",
                 device_words(device == "rack" ? device : "external_spool", at_hand.language));
        set_value(values, "device_availability", availability_list({bridge, printer}));
        return;
    }
    if (unit->kind != UnitKind::unknown) {
        set_text(values, "model", name_of(unit->kind));
    }
    set_text(values, "serial_number", unit->serial);
    set_text(values, "sw_version", unit->firmware);
    set_value(values, "device_availability",
              availability_list({bridge, printer, at_hand.topics.unit_availability(device)}));
}

Placeholders device_values(const DeviceKey& device, const std::string& identifier,
                           const DeviceAtHand& at_hand) {
    Placeholders values;
    set_text(values, "identifier", identifier);
    set_text(values, "manufacturer", "Bambu Lab");
    set_text(values, "gateway_version", BAMBU2MQTT_VERSION);
    set_text(values, "base_topic", at_hand.bridge.base());
    set_text(values, "printer_id", at_hand.names.id);
    set_text(values, "printer_serial", at_hand.names.serial);
    set_text(values, "suggested_area", at_hand.names.area);
    if (device.empty()) {
        put_printer(values, at_hand);
    } else {
        put_accessory(values, device, at_hand);
    }
    return values;
}

OrderedJson option_list(const Instance& instance, const Facts& facts) {
    OrderedJson list = OrderedJson::array();
    for (const std::string_view option : Layout::options(instance, facts)) {
        list.push_back(option);
    }
    return list.empty() ? OrderedJson(nullptr) : list;
}

/// The measured quantity of a row in discovery.
Quantity announced_quantity(const Entity& entity, Component component, bool has_options) {
    Quantity quantity = entity.quantity;
    if (!only_shows(component)) {
        quantity.state_class = {}; // controls have none
        return quantity;
    }
    if (has_options) {
        return {.device_class = "enum"};
    }
    switch (entity.component) {
    case Component::fan:
        return {.unit = "%", .state_class = "measurement"};
    case Component::number:
        if (quantity.device_class == "temperature" && quantity.state_class.empty()) {
            quantity.state_class = "measurement";
        }
        return quantity;
    case Component::switch_:
    case Component::light:
        return {};
    case Component::update:
        return {.device_class = "firmware"};
    default:
        return quantity;
    }
}

/// The entity id suggested to Home Assistant: "sensor.workshop_bed_temperature".
std::string default_entity_id(const PrinterNames& names, Component component, const std::string& key) {
    const auto named = entity_slug(names.name);
    const auto slug = entity_slug(fmt::format("{}_{}", named.empty() ? names.id : named, key));
    return fmt::format("{}.{}", name_of(component), slug);
}

/// Identity of the entity, and its state topic. A read-only entity has the state topic of its control.
void put_identity(Placeholders& values, const Instance& instance, Component component, const std::string& key,
                  const DeviceAtHand& at_hand) {
    const PrinterTopics& topics = at_hand.topics;
    set_text(values, "entity_id", instance.id);
    set_text(values, "unique_id", fmt::format("{}_{}", at_hand.names.serial, key));
    set_text(values, "default_entity_id", default_entity_id(at_hand.names, component, key));
    set_text(values, "name", name_in(instance, at_hand.language));
    if (component == Component::event) {
        set_text(values, "state_topic", topics.event());
    } else if (component != Component::button) {
        set_text(values, "state_topic", topics.state(instance.id));
    }
    if (!only_shows(component)) {
        set_text(values, "command_topic", topics.set(instance.id));
    }
    if (instance.entity->qos == Qos::at_least_once) {
        set_value(values, "qos", static_cast<int>(instance.entity->qos));
    }
    if (instance.entity->attributes != nullptr) {
        set_text(values, "attributes_topic", topics.attributes(instance.id));
    }
    if (component == Component::update) {
        set_text(values, "release_url", release_url(at_hand.facts.model));
        set_text(values, "latest_version_topic", topics.latest(instance.id));
    }
}

/// Where it differs from the device's.
void put_availability(Placeholders& values, const Instance& instance, Component component,
                      const DeviceAtHand& at_hand) {
    const PrinterTopics& topics = at_hand.topics;
    if (instance.entity->follows == Follows::bridge) {
        set_value(values, "availability", availability_list({at_hand.bridge.state()}));
    } else if (!only_shows(component) && works_sometimes(*instance.entity)) {
        set_value(values, "availability",
                  availability_list({at_hand.bridge.state(), topics.availability(),
                                     topics.entity_availability(instance.id)}));
    }
}

/// Appearance of the entity, and its availability.
void put_appearance(Placeholders& values, const Instance& instance, Component component,
                    const DeviceAtHand& at_hand) {
    const Entity& entity = *instance.entity;
    const bool may_list =
        component == Component::sensor || component == Component::select || component == Component::event;
    OrderedJson options = may_list ? option_list(instance, at_hand.facts) : OrderedJson(nullptr);
    const Quantity quantity = announced_quantity(entity, component, !options.is_null());
    set_text(values, "icon", entity.icon);
    set_text(values, "device_class", quantity.device_class);
    set_text(values, "unit", quantity.unit);
    set_text(values, "state_class", quantity.state_class);
    set_value(values, "options", std::move(options));
    if (entity.category != Category::primary) {
        // Home Assistant refuses category config on components that only show a state.
        const bool config = entity.category == Category::config && !only_shows(component);
        set_text(values, "entity_category", config ? "config" : "diagnostic");
    }
    if (!entity.enabled(at_hand.facts, instance.place)) {
        set_value(values, "enabled_by_default", false);
    }
    put_availability(values, instance, component, at_hand);
    if (component == Component::number) {
        set_value(values, "max", highest_number(entity, at_hand.facts));
    }
    if (component == Component::binary_sensor) {
        set_text(values, "payload_on", "ON");
        set_text(values, "payload_off", "OFF");
    }
}

MessagePart part_of(const Instance& instance, AnnouncedAs as, Placeholders& values,
                    const DeviceAtHand& at_hand, const Templates& templates) {
    const Component component = as.component;
    MessagePart part;
    part.key = std::move(as.key);
    part.object_id = device_identifier(at_hand.names.serial, part.key);
    part.platform = name_of(component);
    clear_component_values(values);
    put_identity(values, instance, component, part.key, at_hand);
    put_appearance(values, instance, component, at_hand);
    part.message = templates.fill(part.platform, values);
    templates.patch(instance.id, values, part.message);
    if (part.key != instance.id) {
        templates.patch(part.key, values, part.message);
    }
    return part;
}

/// The sensor beside a control shows the same state.
MessagePart statistics_part(const Instance& instance, AnnouncedAs as, Placeholders& values,
                            const DeviceAtHand& at_hand, const Templates& templates) {
    MessagePart part;
    part.key = std::move(as.key);
    part.object_id = device_identifier(at_hand.names.serial, part.key);
    part.platform = name_of(as.component);
    clear_component_values(values);
    put_identity(values, instance, as.component, part.key, at_hand);
    put_appearance(values, instance, as.component, at_hand);
    set_text(values, "entity_id", part.key);
    set_text(values, "name", name_in(part.key, at_hand.language));
    set_text(values, "attributes_topic", {});
    set_value(values, "enabled_by_default", false);
    part.message = templates.fill(part.platform, values);
    templates.patch(part.key, values, part.message);
    return part;
}

/// One device trigger per event type, in addition to the event entity.
void add_triggers(std::vector<MessagePart>& parts, Placeholders& values, const DeviceAtHand& at_hand,
                  const Templates& templates) {
    for (std::size_t i = 0; i < event_types.size(); ++i) {
        const auto type = event_types[i];
        clear_component_values(values);
        set_text(values, "state_topic", at_hand.topics.event());
        set_text(values, "event_type", type);
        set_text(values, "event_words", event_words[i]);
        MessagePart part;
        part.key = fmt::format("on_{}", type);
        part.object_id = device_identifier(at_hand.names.serial, part.key);
        part.platform = "device_automation";
        part.message = templates.fill(part.platform, values);
        parts.push_back(std::move(part));
    }
}

} // namespace

std::vector<DeviceKey> devices_of(std::span<const Instance> instances) {
    std::vector<DeviceKey> devices;
    for (const auto& instance : instances) {
        if (shows_something(instance) && std::ranges::find(devices, instance.device) == devices.end()) {
            devices.push_back(instance.device);
        }
    }
    std::stable_partition(devices.begin(), devices.end(),
                          [](const DeviceKey& device) { return device.empty(); });
    return devices;
}

Announcement announce_device(const DeviceKey& device, const PrinterNames& names, const Facts& facts,
                             std::span<const Instance> instances, const Templates& templates,
                             const DiscoverySettings& settings) {
    const DeviceAtHand at_hand{names, facts, BridgeTopics{settings.base_topic},
                               PrinterTopics{settings.base_topic, names.id}, settings.language};
    std::string identifier = device_identifier(names.serial, device);
    const Placeholders shared = device_values(device, identifier, at_hand);
    Placeholders values = shared;
    std::vector<MessagePart> parts;
    for (const auto& instance : instances) {
        if (instance.device != device) {
            continue;
        }
        if (auto as = announced_as(instance, facts, settings.policy)) {
            parts.push_back(part_of(instance, *std::move(as), values, at_hand, templates));
        }
        if (auto as = statistics_of(instance, facts, settings.policy)) {
            parts.push_back(statistics_part(instance, *std::move(as), values, at_hand, templates));
        }
    }
    if (device.empty() && !parts.empty() && facts.complete) {
        add_triggers(parts, values, at_hand, templates);
    }
    return assemble(std::move(identifier), shared, std::move(parts), templates, settings);
}

std::string display_name(const PrinterNames& names, const Facts& facts) {
    if (!names.name.empty()) {
        return names.name;
    }
    const std::string_view serial = names.serial;
    return fmt::format("{} {}", facts.traits().name,
                       serial.substr(serial.size() < 4 ? 0 : serial.size() - 4));
}

std::optional<Component> read_only_component(Component component) {
    switch (component) {
    case Component::sensor:
    case Component::binary_sensor:
    case Component::update:
    case Component::event:
        return component;
    case Component::number:
    case Component::fan:
    case Component::select:
        return Component::sensor;
    case Component::switch_:
    case Component::light:
        return Component::binary_sensor;
    case Component::button:
        return std::nullopt;
    }
    return std::nullopt;
}

std::optional<AnnouncedAs> announced_as(const Instance& instance, const Facts& facts,
                                        const CommandPolicy& policy) {
    const Component component = instance.entity->component;
    if (only_shows(component) || is_control(*instance.entity, facts, policy)) {
        return AnnouncedAs{component, instance.id};
    }
    const auto twin = read_only_component(component);
    return twin ? std::optional{AnnouncedAs{*twin, instance.id + read_only_suffix}} : std::nullopt;
}

std::optional<AnnouncedAs> statistics_of(const Instance& instance, const Facts& facts,
                                         const CommandPolicy& policy) {
    const auto& entity = *instance.entity;
    const bool announced = !entity.statistics.empty() && is_control(entity, facts, policy);
    return announced ? std::optional{AnnouncedAs{Component::sensor, std::string{entity.statistics}}}
                     : std::nullopt;
}

std::string release_url(Model model) {
    struct Page {
        Model model = Model::unknown;
        std::string_view name{};
    };

    constexpr std::array pages{Page{Model::p1p, "p1"},         Page{Model::p1s, "p1"},
                               Page{Model::a1mini, "a1-mini"}, Page{Model::a1, "a1"},
                               Page{Model::a2l, "a2"},         Page{Model::x1c, "x1"},
                               Page{Model::x1e, "x1e"},        Page{Model::x2d, "x2"}};
    const auto* const page = std::ranges::find(pages, model, &Page::model);
    return page == pages.end()
               ? std::string{}
               : fmt::format("https://bambulab.com/en/support/firmware-download/{}", page->name);
}

} // namespace bambu2mqtt
