// Discovery in another language: names change, identities do not.
#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/homeassistant/discovery.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

using namespace bambu2mqtt;

namespace {

Facts rich_facts() {
    Facts facts;
    facts.serial = "31B00A000001234";
    facts.model = Model::h2c;
    facts.complete = true;
    facts.features.set();
    facts.units = {{.id = 0, .kind = UnitKind::ams_2_pro}, {.id = 128, .kind = UnitKind::ams_ht}};
    return facts;
}

OrderedJson announced(const DeviceKey& device, Language language) {
    static const auto templates = Templates::built_in();
    const auto facts = rich_facts();
    const PrinterNames names{.serial = facts.serial, .id = "h2c", .name = "Workshop"};
    const auto announcement =
        announce_device(device, names, facts, Layout{facts}, templates, {.language = language});
    REQUIRE(announcement.messages.size() == 1);
    return OrderedJson::parse(announcement.messages[0].payload);
}

/// Removes what may differ between languages.
void drop_names(OrderedJson& message) {
    message.at("device").erase("name");
    message.at("device").erase("model");
    for (auto& [key, component] : message.at("components").items()) {
        component.erase("name");
    }
}

} // namespace

TEST_CASE("only names depend on the language: ids, topics, options and trigger words do not") {
    for (const auto* const device : {"", "ams_1", "ams_ht_1", "external_spool_left", "rack"}) {
        INFO("device: ", device);
        auto english = announced(device, Language::en);
        auto german = announced(device, Language::de);
        CHECK(english != german);
        drop_names(english);
        drop_names(german);
        CHECK(english == german);
    }
}

TEST_CASE("names of entities and devices in German") {
    const auto printer = announced("", Language::de);
    CHECK(printer.at("device").at("name") == "Workshop");
    CHECK(printer.at("components").at("remaining_time").at("name") == "Restzeit");
    CHECK(printer.at("components").at("bed_target").at("name") == "Sollwert des Betts");
    CHECK(printer.at("components").at("bed_target").at("default_entity_id") == "sensor.workshop_bed_target");
    CHECK(printer.at("components").at("on_print_started").at("subtype") == "Print started");
    const auto unit = announced("ams_1", Language::de);
    CHECK(unit.at("device").at("name") == "Workshop AMS 1");
    CHECK(unit.at("components").at("ams_1_tray_2_color").at("name") == "Slot 2 Farbe");
    const auto spool = announced("external_spool_left", Language::de);
    CHECK(spool.at("device").at("name") == "Workshop Externe Spule links");
    CHECK(spool.at("device").at("model") == "Externe Spule");
    CHECK(announced("rack", Language::de).at("device").at("model") == "Hotend-Magazin");

    static const auto templates = Templates::built_in();
    const auto bridge = announce_bridge(templates, {.language = Language::de});
    CHECK(OrderedJson::parse(bridge.messages.at(0).payload).at("components").at("bridge_memory").at("name") ==
          "Arbeitsspeicher");
}
