#include <bambu2mqtt/entity/event_types.hpp>
#include <bambu2mqtt/homeassistant/discovery.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <string>
#include <vector>

using namespace bambu2mqtt;

namespace {

constexpr std::array<std::string_view, 2> modes{"silent", "sport"};

void no_attributes(const View&, OrderedJson&) {}

const Entity status{.id = "status", .options = modes, .icon = "mdi:printer"};
const Entity progress{
    .id = "progress", .quantity = {.unit = "%", .state_class = "measurement"}, .attributes = no_attributes};
const Entity door{.id = "door", .component = Component::binary_sensor, .quantity = {.device_class = "door"}};
const Entity bed{.id = "bed",
                 .component = Component::number,
                 .quantity = {.device_class = "temperature", .unit = "°C"},
                 .attributes = no_attributes};
const Entity fan{.id = "fan", .component = Component::fan};
const Entity speed{
    .id = "speed", .component = Component::select, .category = Category::config, .options = modes};
const Entity sound{.id = "sound",
                   .component = Component::switch_,
                   .category = Category::config,
                   .enabled_by_default = false};
const Entity lamp{.id = "lamp", .component = Component::light};
const Entity halt{.id = "halt", .component = Component::button};
const Entity printer_event{.id = "happening", .component = Component::event};
const Entity firmware{.id = "firmware",
                      .component = Component::update,
                      .category = Category::diagnostic,
                      .follows = Follows::bridge};
const Entity humidity{.id = "humidity",
                      .scope = Scope::ams,
                      .quantity = {.device_class = "humidity", .unit = "%", .state_class = "measurement"}};
const Entity spool{.scope = Scope::external};
const Entity place{.id = "holder", .scope = Scope::rack};

Instance make(const Entity& entity, std::string id, DeviceKey device = {}) {
    return {.entity = &entity, .id = std::move(id), .name = "Some name", .device = std::move(device)};
}

const std::vector<Instance> instances{make(status, "status"),
                                      make(humidity, "ams_1_humidity", "ams_1"),
                                      make(progress, "progress"),
                                      make(door, "door"),
                                      make(bed, "bed"),
                                      make(fan, "fan"),
                                      make(speed, "speed"),
                                      make(sound, "sound"),
                                      make(lamp, "lamp"),
                                      make(halt, "halt"),
                                      make(printer_event, "happening"),
                                      make(firmware, "firmware"),
                                      make(spool, "external_spool_left", "external_spool_left"),
                                      make(place, "holder", "rack"),
                                      make(halt, "ams_2_halt", "ams_2")};

Facts facts() {
    Facts result;
    result.serial = "01P00A000001234";
    result.model = Model::p1s;
    result.firmware = "01.08.00.00";
    result.units = {{.id = 0, .kind = UnitKind::ams_2_pro, .serial = "19C0", .firmware = "03.00.21.29"}};
    return result;
}

const PrinterNames names{.serial = "01P00A000001234", .id = "shop-p1s", .name = "Workshop"};
const DiscoverySettings settings{};

Announcement announce(const DeviceKey& device, const DiscoverySettings& how = settings) {
    static const auto templates = Templates::built_in();
    return announce_device(device, names, facts(), instances, templates, how);
}

OrderedJson body(const Message& message) {
    return OrderedJson::parse(message.payload);
}

OrderedJson component(const std::string& key) {
    return body(announce("").messages.at(0)).at("components").at(key);
}

} // namespace

TEST_CASE("devices: the printer first, and only devices with entities") {
    const std::vector<DeviceKey> expected{"", "ams_1", "external_spool_left", "rack"};
    CHECK(devices_of(instances) == expected);
    CHECK(announce("ams_2").messages.empty());
}

TEST_CASE("a printer is one device message with device, origin and availability") {
    const auto printer = announce("");
    REQUIRE(printer.messages.size() == 1);
    CHECK(printer.identifier == "bambu2mqtt_01P00A000001234");
    CHECK(printer.messages[0].topic == "homeassistant/device/bambu2mqtt_01P00A000001234/config");
    CHECK(printer.messages[0].retain);
    const auto message = body(printer.messages[0]);
    CHECK(
        message.at("device").dump() ==
        R"({"identifiers":["bambu2mqtt_01P00A000001234"],"name":"Workshop","manufacturer":"Bambu Lab","model":"P1S",)"
        R"("serial_number":"01P00A000001234","sw_version":"01.08.00.00","via_device":"bambu2mqtt_bambu2mqtt"})");
    CHECK(message.at("origin").at("name") == "bambu2mqtt");
    CHECK(message.at("origin").at("sw_version") == BAMBU2MQTT_VERSION);
    CHECK(message.at("availability").dump() ==
          R"([{"topic":"bambu2mqtt/bridge/state"},{"topic":"bambu2mqtt/shop-p1s/availability"}])");
    CHECK(message.at("availability_mode") == "all");

    const std::vector<AnnouncedComponent> expected{{"status", "sensor"},
                                                   {"progress", "sensor"},
                                                   {"door", "binary_sensor"},
                                                   {"bed_readonly", "sensor"},
                                                   {"fan_readonly", "sensor"},
                                                   {"speed_readonly", "sensor"},
                                                   {"sound_readonly", "binary_sensor"},
                                                   {"lamp_readonly", "binary_sensor"},
                                                   {"happening", "event"},
                                                   {"firmware", "update"}};
    CHECK(printer.components == expected);
    CHECK(message.at("components").size() == expected.size());
}

TEST_CASE("plain sensors have only the fields of their row") {
    CHECK(
        component("status").dump() ==
        R"({"platform":"sensor","unique_id":"01P00A000001234_status","default_entity_id":"sensor.workshop_status",)"
        R"("name":"Some name","icon":"mdi:printer","device_class":"enum","options":["silent","sport"],)"
        R"("state_topic":"bambu2mqtt/shop-p1s/status","qos":1})");
    CHECK(component("progress").dump() ==
          R"({"platform":"sensor","unique_id":"01P00A000001234_progress",)"
          R"("default_entity_id":"sensor.workshop_progress","name":"Some name","unit_of_measurement":"%",)"
          R"("state_class":"measurement","state_topic":"bambu2mqtt/shop-p1s/progress",)"
          R"("json_attributes_topic":"bambu2mqtt/shop-p1s/progress/attributes","qos":1})");
    CHECK(component("door").at("device_class") == "door");
}

TEST_CASE("read-only controls become sensors on the same state topic") {
    const auto number = component("bed_readonly");
    CHECK(number.at("unique_id") == "01P00A000001234_bed_readonly");
    CHECK(number.at("default_entity_id") == "sensor.workshop_bed_readonly");
    CHECK(number.at("state_topic") == "bambu2mqtt/shop-p1s/bed");
    CHECK(number.at("json_attributes_topic") == "bambu2mqtt/shop-p1s/bed/attributes");
    CHECK(number.at("unit_of_measurement") == "°C");
    CHECK(number.at("state_class") == "measurement");

    const auto percent = component("fan_readonly");
    CHECK(percent.at("unit_of_measurement") == "%");
    CHECK(percent.at("state_class") == "measurement");
    CHECK(!percent.contains("device_class"));

    const auto choice = component("speed_readonly");
    CHECK(choice.at("device_class") == "enum");
    CHECK(choice.at("options").dump() == R"(["silent","sport"])");
    CHECK(choice.at("entity_category") == "diagnostic");

    const auto toggle = component("sound_readonly");
    CHECK(toggle.at("entity_category") == "diagnostic");
    CHECK(toggle.at("enabled_by_default") == false);
    CHECK(toggle.at("payload_on") == "ON");
    CHECK(toggle.at("payload_off") == "OFF");
    CHECK(!component("lamp_readonly").contains("entity_category"));
}

TEST_CASE("an update entity has two versions and no install; connection overrides availability") {
    const auto update = component("firmware");
    CHECK(update.at("device_class") == "firmware");
    CHECK(update.at("state_topic") == "bambu2mqtt/shop-p1s/firmware");
    CHECK(update.at("latest_version_topic") == "bambu2mqtt/shop-p1s/firmware/latest");
    CHECK(!update.contains("command_topic"));
    CHECK(update.at("availability").dump() == R"([{"topic":"bambu2mqtt/bridge/state"}])");
    CHECK(!component("status").contains("availability"));
}

TEST_CASE("an AMS is a device behind the printer, with its own serial number and availability") {
    const auto unit = announce("ams_1");
    REQUIRE(unit.messages.size() == 1);
    CHECK(unit.messages[0].topic == "homeassistant/device/bambu2mqtt_01P00A000001234_ams_1/config");
    const auto message = body(unit.messages[0]);
    CHECK(
        message.at("device").dump() ==
        R"({"identifiers":["bambu2mqtt_01P00A000001234_ams_1"],"name":"Workshop AMS 1","manufacturer":"Bambu Lab",)"
        R"("model":"AMS 2 Pro","serial_number":"19C0","sw_version":"03.00.21.29",)"
        R"("via_device":"bambu2mqtt_01P00A000001234"})");
    REQUIRE(message.at("availability").size() == 3);
    CHECK(message.at("availability")[2].at("topic") == "bambu2mqtt/shop-p1s/ams_1/availability");
    CHECK(message.at("components").at("ams_1_humidity").at("unique_id") == "01P00A000001234_ams_1_humidity");
}

TEST_CASE("spools and the rack are devices with the availability of the printer") {
    const auto left = body(announce("external_spool_left").messages.at(0));
    CHECK(left.at("device").at("name") == "Workshop External spool left");
    CHECK(!left.at("device").contains("serial_number"));
    CHECK(left.at("availability").size() == 2);
    CHECK(body(announce("rack").messages.at(0)).at("device").at("name") == "Workshop Hotend rack");
}

TEST_CASE("device names of all kinds of units") {
    auto known = facts();
    known.units = {{.id = 16, .kind = UnitKind::ams_lite}, {.id = 128, .kind = UnitKind::unknown}};
    const std::vector<Instance> rows{make(humidity, "ams_lite_1_humidity", "ams_lite_1"),
                                     make(humidity, "ams_ht_1_humidity", "ams_ht_1")};
    const auto templates = Templates::built_in();
    const auto lite =
        body(announce_device("ams_lite_1", names, known, rows, templates, settings).messages.at(0));
    CHECK(lite.at("device").at("name") == "Workshop AMS Lite 1");
    CHECK(lite.at("device").at("model") == "AMS Lite");
    const auto heated =
        body(announce_device("ams_ht_1", names, known, rows, templates, settings).messages.at(0));
    CHECK(heated.at("device").at("name") == "Workshop AMS HT 1");
    CHECK(!heated.at("device").contains("model"));
    CHECK(!heated.at("device").contains("sw_version"));
}

TEST_CASE("the component form has one complete message per entity") {
    const DiscoverySettings single{.prefix = "ha", .base_topic = "home/bambu", .per_component = true};
    const auto printer = announce("", single);
    REQUIRE(printer.messages.size() == 10);
    CHECK(printer.components.at(3).first == "bambu2mqtt_01P00A000001234_bed_readonly");
    CHECK(printer.messages.at(3).topic == "ha/sensor/bambu2mqtt_01P00A000001234_bed_readonly/config");
    for (const auto& message : printer.messages) {
        const auto json = body(message);
        CHECK(json.at("device").at("via_device") == "bambu2mqtt_home_bambu");
        CHECK(json.at("origin").at("name") == "bambu2mqtt");
        CHECK(json.at("availability_mode") == "all");
        CHECK(!json.contains("platform"));
        CHECK(!json.contains("components"));
    }
    CHECK(body(printer.messages.at(0)).at("availability").size() == 2);
    CHECK(body(printer.messages.at(9)).at("availability").dump() ==
          R"([{"topic":"home/bambu/bridge/state"}])");
    CHECK(body(announce("ams_1", single).messages.at(0)).at("availability").size() == 3);
}

TEST_CASE("device triggers are part of both forms, without availability") {
    auto known = facts();
    known.complete = true;
    const Layout layout{known};
    const auto announced = [&](bool per_component) {
        return announce_device("", names, known, layout.instances(), Templates::built_in(),
                               {.per_component = per_component});
    };
    const auto trigger = body(announced(false).messages.at(0)).at("components").at("on_print_failed");
    CHECK(trigger.at("platform") == "device_automation");
    CHECK(trigger.at("topic") == "bambu2mqtt/shop-p1s/event");
    CHECK(trigger.at("type") == "print_failed");
    CHECK(trigger.at("subtype") == "Print failed");
    std::size_t triggers = 0;
    for (const auto& message : announced(true).messages) {
        if (message.topic.find("/device_automation/") != std::string::npos) {
            ++triggers;
            const auto json = body(message);
            CHECK(!json.contains("availability"));
            CHECK(!json.contains("availability_mode"));
            CHECK(json.at("device").contains("identifiers"));
        }
    }
    CHECK(triggers == event_types.size());
}

TEST_CASE("the gateway is a device whose connection never becomes unavailable") {
    const auto templates = Templates::built_in();
    const auto bridge = announce_bridge(templates, {.base_topic = "home/bambu"});
    REQUIRE(bridge.messages.size() == 1);
    CHECK(bridge.messages[0].topic == "homeassistant/device/bambu2mqtt_home_bambu/config");
    const auto message = body(bridge.messages[0]);
    CHECK(!message.at("device").contains("via_device"));
    CHECK(message.at("device").at("name") == "bambu2mqtt home/bambu");
    CHECK(message.at("availability").dump() == R"([{"topic":"home/bambu/bridge/state"}])");
    const auto& connection = message.at("components").at("bridge_connection");
    CHECK(connection.at("platform") == "binary_sensor");
    CHECK(connection.at("state_topic") == "home/bambu/bridge/state");
    CHECK(connection.at("payload_on") == "online");
    CHECK(connection.at("payload_off") == "offline");
    CHECK(connection.at("availability").dump() == "[]");
    CHECK(connection.at("default_entity_id") == "binary_sensor.home_bambu_bridge_connection");
    const auto& memory = message.at("components").at("bridge_memory");
    CHECK(memory.at("value_template") == "{{ value_json.resident_memory_mb }}");
    CHECK(memory.at("enabled_by_default") == false);
    CHECK(message.at("components").at("bridge_version").at("state_topic") == "home/bambu/bridge/info");

    const auto singles = announce_bridge(templates, {.per_component = true});
    REQUIRE(singles.messages.size() == 3);
    CHECK(body(singles.messages[0]).at("availability").dump() == "[]");
    CHECK(singles.messages[0].topic ==
          "homeassistant/binary_sensor/bambu2mqtt_bambu2mqtt_bridge_connection/config");
}

TEST_CASE("a printer without a name is named by its product and serial") {
    const auto named = [](Model model, std::string serial) {
        Facts known;
        known.model = model;
        return display_name({.serial = std::move(serial)}, known);
    };
    CHECK(named(Model::a1mini, "0309CA000000003") == "A1 mini 0003");
    CHECK(named(Model::h2dpro, "23900A000000107") == "H2D Pro 0107");
    CHECK(named(Model::x1c, "00M00A000000042") == "X1 Carbon 0042");
    CHECK(display_name({.serial = "01P00A000001234"}, facts()) == "P1S 1234");
    CHECK(display_name({.serial = "99"}, Facts{}) == "Printer 99");
    CHECK(display_name(names, facts()) == "Workshop");
}

TEST_CASE("entity ids begin with the configured name, else with the id") {
    const auto asked = [](const std::string& name) {
        const PrinterNames called{.serial = "01P00A000001234", .id = "p1s_1234", .name = name};
        const auto message = body(
            announce_device("", called, facts(), instances, Templates::built_in(), settings).messages.at(0));
        const auto& component = message.at("components").at("status");
        CHECK(component.at("unique_id") == "01P00A000001234_status");
        CHECK(component.at("state_topic") == "bambu2mqtt/p1s_1234/status");
        return component.at("default_entity_id").get<std::string>();
    };
    CHECK(asked("") == "sensor.p1s_1234_status");
    CHECK(asked("Workshop") == "sensor.workshop_status");
    CHECK(asked("Büro Süd (2)") == "sensor.buro_sud_2_status");
    CHECK(asked("打印机") == "sensor.p1s_1234_status");
}

TEST_CASE("foreign names are inserted as data") {
    const PrinterNames strange{
        .serial = "01P00A000001234", .id = "p", .name = "a\"b ${identifier} \xff {{ x }}"};
    const auto message = body(
        announce_device("", strange, facts(), instances, Templates::built_in(), settings).messages.at(0));
    CHECK(message.at("device").at("name") == "a\"b ${identifier} \xef\xbf\xbd {{ x }}");
}

TEST_CASE("the same input gives the same bytes, and both forms have the same unique ids") {
    const DiscoverySettings single{.per_component = true};
    for (const auto& device : devices_of(instances)) {
        CHECK(announce(device).messages == announce(device).messages);
        const auto whole = body(announce(device).messages.at(0));
        std::vector<std::string> together;
        for (const auto& item : whole.at("components").items()) {
            together.push_back(item.value().at("unique_id").get<std::string>());
        }
        std::vector<std::string> apart;
        for (const auto& message : announce(device, single).messages) {
            apart.push_back(body(message).at("unique_id").get<std::string>());
        }
        CHECK(together == apart);
    }
}

TEST_CASE("a real layout has one discovery entry per entity, on valid topics") {
    auto known = facts();
    known.complete = true;
    known.model = Model::h2c;
    known.features.set();
    known.units.push_back({.id = 128, .kind = UnitKind::ams_ht});
    const Layout layout{known};
    const auto templates = Templates::built_in();
    const std::regex legal("homeassistant/[a-z_]+/[a-zA-Z0-9_-]+/config");
    const std::regex entity_id("[a-z_]+\\.[a-z0-9]+(_[a-z0-9]+)*");
    std::set<std::string> topics;
    std::set<std::string> ids;
    std::set<std::string> types;
    std::size_t announced = 0;
    for (const auto& device : devices_of(layout)) {
        const auto announcement =
            announce_device(device, names, known, layout, templates, {.per_component = true});
        announced += announcement.components.size();
        for (const auto& message : announcement.messages) {
            CAPTURE(message.topic);
            const auto json = body(message);
            CHECK(std::regex_match(message.topic, legal));
            if (message.topic.find("/device_automation/") != std::string::npos) {
                CHECK(json.at("type") == json.at("payload"));
                CHECK(json.at("topic") == "bambu2mqtt/shop-p1s/event");
                CHECK(types.insert(json.at("type").get<std::string>()).second);
                continue;
            }
            CHECK(std::regex_match(json.at("default_entity_id").get<std::string>(), entity_id));
            CHECK(topics.insert(message.topic).second);
            CHECK(ids.insert(json.at("unique_id").get<std::string>()).second);
            CHECK(!json.at("name").get<std::string>().empty());
            const bool select = message.topic.starts_with("homeassistant/select/");
            CHECK(json.contains("options") == (select || json.value("device_class", "") == "enum"));
        }
    }
    const auto statistics = std::ranges::count_if(layout.instances(), [&](const Instance& instance) {
        return statistics_of(instance, known, settings.policy).has_value();
    });
    const auto expected = layout.instances().size() + static_cast<std::size_t>(statistics);
    CHECK(announced == expected + event_types.size());
    CHECK(types.size() == event_types.size());
    CHECK(announced > 50);
}
