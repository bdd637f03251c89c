#include <bambu2mqtt/homeassistant/placeholders.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace bambu2mqtt {

namespace {

using enum PlaceholderScope;

// clang-format off
constexpr auto all_placeholders = std::to_array<Placeholder>({
    {"identifier",           device,    "identifier of the device: `bambu2mqtt_<SERIAL>`, `bambu2mqtt_<SERIAL>_ams_1`"},
    {"device_name",          device,    "name of the device: `Workshop`, `Workshop AMS 1`"},
    {"manufacturer",         device,    "`Bambu Lab`; for the bridge `bambu2mqtt`"},
    {"model",                device,    "model of the printer or unit, where known"},
    {"serial_number",        device,    "the device's own serial number, where known"},
    {"sw_version",           device,    "firmware of the device, where known"},
    {"hw_version",           device,    "hardware version of the device, where known"},
    {"via_device",           device,    "identifier of the parent: the bridge for a printer, the printer for its units and spools"},
    {"gateway_version",      device,    "version of bambu2mqtt"},
    {"device_availability",  device,    "list of availability topics of the whole device"},
    {"components",           device,    "all components of the device; none in the component form"},
    {"base_topic",           device,    "`base_topic` of the configuration"},
    {"printer_id",           device,    "`id` of the printer; none for the bridge"},
    {"printer_serial",       device,    "serial number of the printer, also on its AMS; none for the bridge"},
    {"suggested_area",       device,    "`area` of the printer; none for the bridge"},
    {"entity_id",            component, "the entity's id in the topics: `bed_target_temperature`"},
    {"unique_id",            component, "`<SERIAL>_<id>`; required in each form"},
    {"default_entity_id",    component, "the entity id Home Assistant is asked to use"},
    {"name",                 component, "name of the entity without that of the device"},
    {"icon",                 component, "icon, where one is set"},
    {"device_class",         component, "device class, where there is one"},
    {"unit",                 component, "unit of measurement, where there is one"},
    {"state_class",          component, "state class, where there is one"},
    {"options",              component, "list of all texts an enum sensor can show or a select takes, or of all event types"},
    {"entity_category",      component, "`diagnostic`, `config`, or none"},
    {"enabled_by_default",   component, "`false`, or none"},
    {"availability",         component, "list of availability topics, where it differs from the device's"},
    {"state_topic",          component, "topic of the state"},
    {"command_topic",        component, "topic on which the entity is controlled"},
    {"max",                  component, "highest value (number)"},
    {"event_type",           component, "the event a device trigger fires on (device_automation)"},
    {"event_words",          component, "the same in English words that never change (device_automation)"},
    {"value_template",       component, "Jinja template for states inside a JSON document"},
    {"attributes_topic",     component, "topic of the attributes, where the entity has some"},
    {"qos",                  component, "1 where the state is sent with QoS 1, else none (sensor)"},
    {"latest_version_topic", component, "topic of the newest known version (update)"},
    {"release_url",          component, "the vendor's page of the model's firmware, where there is one (update)"},
    {"payload_on",           component, "the payload for on (binary_sensor)"},
    {"payload_off",          component, "the payload for off (binary_sensor)"},
});
// clang-format on

std::optional<OrderedJson> filled(const OrderedJson& node, const Placeholders& values);

/// nullptr for a placeholder without value.
const OrderedJson* value_of(std::string_view name, const Placeholders& values) {
    const auto found = values.find(name);
    return found == values.end() || found->second.is_null() ? nullptr : &found->second;
}

std::string as_text(const OrderedJson& value) {
    if (const auto* text = value.get_ptr<const std::string*>()) {
        return *text;
    }
    return json_text(value);
}

std::optional<OrderedJson> filled_text(const std::string& text, const Placeholders& values) {
    PlaceholderUse use = next_placeholder(text, 0);
    if (use.begin == 0 && use.end == text.size()) {
        const OrderedJson* value = value_of(use.name, values);
        return value == nullptr ? std::nullopt : std::optional{*value};
    }
    std::string out;
    std::size_t copied = 0;
    while (use.end != std::string_view::npos) {
        const OrderedJson* value = value_of(use.name, values);
        if (value == nullptr) {
            return std::nullopt;
        }
        out.append(text, copied, use.begin - copied);
        out += as_text(*value);
        copied = use.end;
        use = next_placeholder(text, copied);
    }
    out.append(text, copied, std::string::npos);
    return OrderedJson(std::move(out));
}

OrderedJson filled_object(const OrderedJson& node, const Placeholders& values) {
    OrderedJson out = OrderedJson::object();
    for (const auto& item : node.items()) {
        if (auto value = filled(item.value(), values)) {
            out[item.key()] = std::move(*value);
        }
    }
    return out;
}

OrderedJson filled_list(const OrderedJson& node, const Placeholders& values) {
    OrderedJson out = OrderedJson::array();
    for (const auto& element : node) {
        if (auto value = filled(element, values)) {
            out.push_back(std::move(*value));
        }
    }
    return out;
}

std::optional<OrderedJson> filled(const OrderedJson& node, const Placeholders& values) {
    if (node.is_object()) {
        return filled_object(node, values);
    }
    if (node.is_array()) {
        return filled_list(node, values);
    }
    if (const auto* text = node.get_ptr<const std::string*>()) {
        return filled_text(*text, values);
    }
    return node;
}

} // namespace

std::span<const Placeholder> placeholder_names() {
    return all_placeholders;
}

const Placeholder* find_placeholder(std::string_view name) {
    const auto* found = std::ranges::find(all_placeholders, name, &Placeholder::name);
    return found == all_placeholders.end() ? nullptr : found;
}

PlaceholderUse next_placeholder(std::string_view text, std::size_t from) {
    PlaceholderUse use;
    use.begin = text.find("${", from);
    if (use.begin == std::string_view::npos) {
        return use;
    }
    const std::size_t close = text.find('}', use.begin);
    if (close == std::string_view::npos) {
        return use;
    }
    use.end = close + 1;
    use.name = text.substr(use.begin + 2, close - use.begin - 2);
    return use;
}

OrderedJson fill_template(const OrderedJson& form, const Placeholders& values) {
    return filled(form, values).value_or(OrderedJson(nullptr));
}

} // namespace bambu2mqtt
