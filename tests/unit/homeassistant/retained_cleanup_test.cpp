#include <bambu2mqtt/homeassistant/retained_cleanup.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bambu2mqtt;

namespace {

const std::vector<std::string> serials{"01P00A000001234", "01S00C000005678"};
const DiscoverySettings default_settings{};
const std::string topic = "homeassistant/device/bambu2mqtt_01P00A000001234_ams_1/config";

OrderedJson device_message() {
    return OrderedJson::parse(R"({
        "device": {"identifiers": ["bambu2mqtt_01P00A000001234_ams_1"], "name": "Workshop AMS 1"},
        "origin": {"name": "bambu2mqtt"},
        "availability": [{"topic": "bambu2mqtt/bridge/state"}],
        "components": {
            "ams_1_humidity": {"platform": "sensor", "state_topic": "bambu2mqtt/p/ams_1_humidity"},
            "ams_1_active": {"platform": "binary_sensor", "state_topic": "bambu2mqtt/p/ams_1_active"}}})");
}

bool ours(const OrderedJson& message, const std::string& where = topic) {
    return is_ours(where, message.dump(), default_settings, serials);
}

OrderedJson with(const char* pointer, const OrderedJson& value) {
    auto message = device_message();
    message[OrderedJson::json_pointer(pointer)] = value;
    return message;
}

} // namespace

TEST_CASE("discovery topics are parsed") {
    const auto device = parse_discovery_topic("homeassistant/device/x/config", "homeassistant");
    REQUIRE(device.has_value());
    CHECK(device->is_device_form());
    CHECK(device->object_id == "x");
    const auto component = parse_discovery_topic("my/ha/sensor/node/x/config", "my/ha");
    REQUIRE(component.has_value());
    CHECK(component->component == "sensor");
    CHECK(component->object_id == "node/x");
    CHECK(!component->is_device_form());
    for (const auto* bad :
         {"homeassistant/device/x", "homeassistant/config", "homeassistant//x/config",
          "homeassistant/device//config", "homeassistant/a/b/c/d/config", "other/device/x/config",
          "homeassistantx/device/x/config", "homeassistant/status", ""}) {
        CAPTURE(bad);
        CHECK(!parse_discovery_topic(bad, "homeassistant").has_value());
    }
}

TEST_CASE("our own messages are recognised") {
    const auto own = own_discovery(topic, device_message().dump(), default_settings, serials);
    REQUIRE(own.has_value());
    CHECK(own->serial == "01P00A000001234");
    CHECK(own->identifier == "bambu2mqtt_01P00A000001234_ams_1");
    CHECK(own->device_form);
}

TEST_CASE("published discovery messages are recognised in both forms") {
    const auto templates = Templates::built_in();
    for (const bool per_component : {false, true}) {
        const DiscoverySettings how{
            .prefix = "ha", .base_topic = "home/bambu", .per_component = per_component};
        for (const auto& message : announce_bridge(templates, how).messages) {
            CAPTURE(message.topic);
            const auto own = own_discovery(message.topic, message.payload, how, serials);
            REQUIRE(own.has_value());
            CHECK(own->serial.empty());
            CHECK(own->device_form == !per_component);
            CHECK(!is_ours(message.topic, message.payload, {.prefix = "ha", .base_topic = "home/other"},
                           serials));
        }
        const Entity row{.id = "holder"};
        const std::vector<Instance> instances{
            {.entity = &row, .id = "holder", .name = "Holder", .device = "rack"}};
        const PrinterNames names{.serial = serials[1], .id = "x1c"};
        for (const auto& message : announce_device("rack", names, {}, instances, templates, how).messages) {
            CAPTURE(message.topic);
            const auto own = own_discovery(message.topic, message.payload, how, serials);
            REQUIRE(own.has_value());
            CHECK(own->serial == serials[1]);
            CHECK(!is_ours(message.topic, message.payload, how, std::vector<std::string>{serials[0]}));
        }
    }
}

TEST_CASE("a message is left alone if any part of it is foreign") {
    REQUIRE(ours(device_message()));
    CHECK(!ours(with("/origin/name", "zigbee2mqtt")));
    CHECK(!ours(with("/origin", "bambu2mqtt")));
    CHECK(!ours(with("/availability/0/topic", "zigbee2mqtt/bridge/state")));
    CHECK(!ours(with("/components/ams_1_active/state_topic", "bambu2mqtt2/p/x")));
    CHECK(!ours(with("/components/ams_1_active/state_topic", "bambu2mqtt")));
    CHECK(!ours(with("/components/ams_1_active/json_attributes_topic", 5)));
    CHECK(!ours(with("/components/ams_1_active/command_topic", "shellies/relay")));
    CHECK(!ours(with("/components/ams_1_active/stat_t", "bambu2mqtt/p/x")));
    CHECK(!ours(with("/components/ams_1_active/~0", "bambu2mqtt")));
    CHECK(!ours(with("/device/identifiers/0", "bambu2mqtt_01P00A00000123")));
    CHECK(!ours(with("/device/identifiers/0", "bambu2mqtt_01P00A0000012345")));
    CHECK(!ours(with("/device/identifiers/0", "01P00A000001234")));
    CHECK(!ours(with("/device/identifiers/1", "bambu2mqtt_01P00A000001234")));
    CHECK(!ours(with("/device/identifiers", "bambu2mqtt_01P00A000001234_ams_1")));
    CHECK(!ours(device_message(), "homeassistant/device/bambu2mqtt_01P00A000001234/config"));
    CHECK(!ours(device_message(), "homeassistant/sensor/bambu2mqtt_01S00C000005678_x/config"));
    CHECK(!ours(device_message(), "homeassistant/sensor/node/bambu2mqtt_01P00A000001234_x/config"));
    CHECK(!ours(device_message(), "hass/device/bambu2mqtt_01P00A000001234_ams_1/config"));
}

TEST_CASE("a message without any topic is foreign") {
    auto message = device_message();
    message.erase("availability");
    message["components"] = OrderedJson::object();
    CHECK(!ours(message));
}

TEST_CASE("an unreadable message is foreign") {
    for (const std::string& payload :
         {std::string{}, std::string{"online"}, std::string{"[1]"}, std::string{"{\"origin\":"},
          std::string{"null"}, std::string(200000, '['), std::string{"\xff\xfe"}}) {
        CHECK(!is_ours(topic, payload, default_settings, serials));
        CHECK(announced_components(payload).empty());
        CHECK(!removal_form(payload, {}).has_value());
    }
    OrderedJson deep = "x";
    for (int i = 0; i < 100; ++i) {
        deep = OrderedJson::object({{"a", deep}});
    }
    CHECK(!ours(with("/extra", deep)));
}

TEST_CASE("the components of a device message are listed in order") {
    const std::vector<AnnouncedComponent> expected{{"ams_1_humidity", "sensor"},
                                                   {"ams_1_active", "binary_sensor"}};
    CHECK(announced_components(device_message().dump()) == expected);
    CHECK(announced_components(R"({"components": {"a": 1, "b": {"platform": 2}, "c": {}}})").empty());
    CHECK(announced_components(R"({"components": ["a"]})").empty());
}

TEST_CASE("removed components are those that are missing or have another platform") {
    const std::vector<AnnouncedComponent> before{{"a", "sensor"}, {"b", "sensor"}, {"c", "sensor"}};
    const std::vector<AnnouncedComponent> now{{"d", "sensor"}, {"c", "binary_sensor"}, {"a", "sensor"}};
    const std::vector<AnnouncedComponent> expected{{"b", "sensor"}, {"c", "sensor"}};
    CHECK(removed_components(before, now) == expected);
    CHECK(removed_components(before, before).empty());
}

TEST_CASE("the removal message keeps all but the removed components") {
    auto now = device_message();
    now["components"].erase("ams_1_active");
    const std::vector<AnnouncedComponent> removed{{"ams_1_active", "binary_sensor"}};
    const auto form = removal_form(now.dump(), removed);
    REQUIRE(form.has_value());
    auto expected = device_message();
    expected["components"]["ams_1_active"] = OrderedJson{{"platform", "binary_sensor"}};
    CHECK(*form == expected.dump());
    CHECK(removal_form(device_message().dump(), removed) == form);
}

TEST_CASE("a deeply nested foreign message is refused, and does not exhaust the stack") {
    constexpr std::size_t depth = 200'000;
    const auto payload = R"({"components":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
    CHECK(!own_discovery(topic, payload, default_settings, serials).has_value());
    CHECK(announced_components(payload).empty());
    CHECK(!removal_form(payload, {}).has_value());
}

TEST_CASE("a migration starts with a message that is not retained, and ends with nothing left") {
    const auto steps = migration("homeassistant/sensor/x/config");
    CHECK(steps.start == Message{"homeassistant/sensor/x/config", R"({"migrate_discovery":true})", false});
    CHECK(steps.finish == Message{"homeassistant/sensor/x/config", "", true});
}

TEST_CASE("states of our printers are ours; commands and other states are not") {
    const std::vector<std::string> ids{"p1s", "x1c"};
    const auto owns = [&ids](std::string_view state) { return owns_state_topic(state, "home/bambu", ids); };
    for (const auto* state :
         {"home/bambu/p1s/availability", "home/bambu/p1s/print_status", "home/bambu/x1c/hms/attributes",
          "home/bambu/x1c/ams_1/availability", "home/bambu/x1c/firmware/latest", "home/bambu/bridge/state",
          "home/bambu/bridge/info", "home/bambu/bridge/health"}) {
        CAPTURE(state);
        CHECK(owns(state));
    }
    for (const auto* other :
         {"home/bambu/p1", "home/bambu/p1/print_status", "home/bambu/p1s", "home/bambu/p1s/",
          "home/bambu/bridge", "home/bambu/bridge/else", "home/bambu2/p1s/print_status",
          "home/p1s/print_status", "home/bambu/p1s//latest", "home/bambu/p1s/command",
          "home/bambu/p1s/command/pause", "home/bambu/p1s/bed/set", "home/bambu/p1s/event",
          "home/bambu/p1s/response", "home/bambu/p1s/raw/report", "home/bambu/p1s/a/b/availability", ""}) {
        CAPTURE(other);
        CHECK(!owns(other));
    }
}
