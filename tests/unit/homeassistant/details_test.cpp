// Discovery besides the entity itself: sensors for statistics, area, release page, models of spools, and
// fans.
#include <bambu2mqtt/homeassistant/discovery.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace bambu2mqtt;

namespace {

Facts details_facts(Model model, std::string firmware = "01.08.00.00") {
    Facts facts;
    facts.serial = "01P00A000001234";
    facts.model = model;
    facts.firmware = std::move(firmware);
    facts.complete = true;
    facts.features.set(static_cast<std::size_t>(Feature::external_spool));
    return facts;
}

OrderedJson announced_device(const Facts& facts, const DeviceKey& device = {},
                             ControlLevel allow = ControlLevel::full, const std::string& area = {}) {
    const PrinterNames names{.serial = facts.serial, .id = "p1s_1234", .area = area};
    const auto announcement = announce_device(device, names, facts, Layout{facts}, Templates::built_in(),
                                              {.policy = {.allow = allow}});
    REQUIRE(announcement.messages.size() == 1);
    return OrderedJson::parse(announcement.messages[0].payload);
}

} // namespace

TEST_CASE("each number and fan has a sensor for statistics while it is a control") {
    const auto facts = details_facts(Model::x2d);
    const auto components = announced_device(facts)["components"];
    std::set<std::string> controls;
    std::set<std::string> sensors;
    for (const auto& item : components.items()) {
        const auto platform = item.value()["platform"].get<std::string>();
        if (platform == "number" || platform == "fan") {
            controls.insert(item.value()["state_topic"].get<std::string>());
        } else if (platform == "sensor" && item.value().value("enabled_by_default", true) == false &&
                   item.value().contains("state_class")) {
            sensors.insert(item.value()["state_topic"].get<std::string>());
        }
    }
    CHECK(controls.size() >= 8);
    CHECK(std::ranges::includes(sensors, controls));
    CHECK(components["part_fan_speed"].dump() ==
          R"({"platform":"sensor","unique_id":"01P00A000001234_part_fan_speed",)"
          R"("default_entity_id":"sensor.p1s_1234_part_fan_speed","name":"Part fan speed","icon":"mdi:fan",)"
          R"("unit_of_measurement":"%","state_class":"measurement","enabled_by_default":false,)"
          R"("state_topic":"bambu2mqtt/p1s_1234/part_fan"})");
    const auto& bed = components["bed_target"];
    CHECK(bed["device_class"] == "temperature");
    CHECK(bed["unit_of_measurement"] == "°C");
    CHECK(bed["state_class"] == "measurement");
    CHECK(bed["state_topic"] == "bambu2mqtt/p1s_1234/bed_target_temperature");
    CHECK(!bed.contains("json_attributes_topic"));

    const auto shown_only = announced_device(facts, {}, ControlLevel::none)["components"];
    CHECK(shown_only.contains("part_fan_readonly"));
    CHECK(!shown_only.contains("part_fan_speed"));
    CHECK(!shown_only.contains("bed_target"));
}

TEST_CASE("a fan in Home Assistant has the printer's ten steps") {
    const auto fan = announced_device(details_facts(Model::p1s))["components"]["part_fan"];
    CHECK(fan["speed_range_min"] == 1);
    CHECK(fan["speed_range_max"] == 10);
    CHECK(fan["percentage_value_template"] == "{{ value if value == 'None' else ([1, (value|int / "
                                              "10)|round(0, 'ceil')|int]|max if value|int > 0 else 0) }}");
    CHECK(fan["percentage_command_template"] == "{{ value * 10 }}");
    CHECK(fan["json_attributes_topic"] == "bambu2mqtt/p1s_1234/part_fan/attributes");
}

TEST_CASE("the firmware entity links to the vendor's page of the model, if there is one") {
    const auto page = [](Model model) {
        const auto firmware = announced_device(details_facts(model))["components"]["firmware"];
        return firmware.value("release_url", "(none)");
    };
    CHECK(page(Model::p1s) == "https://bambulab.com/en/support/firmware-download/p1");
    CHECK(page(Model::a1mini) == "https://bambulab.com/en/support/firmware-download/a1-mini");
    CHECK(page(Model::h2d) == "(none)");
    CHECK(page(Model::unknown) == "(none)");
}

TEST_CASE("the configured area is suggested for the printer and all its devices") {
    const auto facts = details_facts(Model::p1s);
    for (const auto* const device : {"", "external_spool"}) {
        CHECK(announced_device(facts, device, ControlLevel::full, "Büro")["device"]["suggested_area"] ==
              "Büro");
        CHECK(!announced_device(facts, device)["device"].contains("suggested_area"));
    }
}

TEST_CASE("external spools and the rack have a model") {
    auto facts = details_facts(Model::h2c);
    facts.features.set(static_cast<std::size_t>(Feature::rack));
    CHECK(announced_device(facts, "external_spool_left")["device"]["model"] == "External spool");
    CHECK(announced_device(facts, "rack")["device"]["model"] == "Hotend rack");
}

TEST_CASE("lengths have no device class, which would convert them to inches in US units") {
    auto facts = details_facts(Model::x2d);
    facts.features.set(static_cast<std::size_t>(Feature::nozzle_diameter));
    const auto components = announced_device(facts)["components"];
    for (const auto* const id : {"nozzle_diameter", "left_nozzle_diameter", "right_nozzle_diameter"}) {
        CHECK(components[id]["unit_of_measurement"] == "mm");
        CHECK(!components[id].contains("device_class"));
    }
}

TEST_CASE("names are unique within a printer, and detectors have the vendor's names") {
    auto facts = details_facts(Model::h2d);
    facts.features.set();
    const auto components = announced_device(facts)["components"];
    std::set<std::string> names;
    for (const auto& item : components.items()) {
        if (item.value()["platform"] != "device_automation") {
            INFO("name: ", item.value()["name"].dump());
            CHECK(names
                      .insert(item.value()["platform"].get<std::string>() + " " +
                              item.value()["name"].get<std::string>())
                      .second);
        }
    }
    for (const auto* const name :
         {"switch Spaghetti detection", "switch Purge chute pile-up detection",
          "switch Nozzle clumping detection", "switch Air printing detection",
          "switch Non-visual air printing detection", "select Purge chute pile-up sensitivity",
          "select Nozzle clumping sensitivity", "select Air printing sensitivity"}) {
        INFO("name: ", name);
        CHECK(names.contains(name));
    }
}
