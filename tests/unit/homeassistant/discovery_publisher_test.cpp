// Discovery over time: entities that appear and disappear, and retained topics of earlier runs.
#include "unit/gateway/bridge_driver.hpp"
#include <bambu2mqtt/homeassistant/retained_cleanup.hpp>

#include <set>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

const std::string announcer_printer_config = "homeassistant/device/bambu2mqtt_" + p1s + "/config";
const std::string unit_config = "homeassistant/device/bambu2mqtt_" + p1s + "_ams_1/config";
const std::string bridge_config = "homeassistant/device/bambu2mqtt_bambu2mqtt/config";

/// The retained messages after a run with a live printer.
std::map<std::string, std::string> after_run(const BridgeSetup& setup, const std::string& members = idle) {
    BridgeDriver driver{setup};
    driver.start();
    driver.broker_up();
    driver.go_live(members);
    driver.shutdown();
    driver.turn();
    return driver.standing();
}

/// A live printer, with everything published.
void begin(BridgeDriver& driver, const std::string& members) {
    driver.start();
    driver.broker_up();
    driver.go_live(members);
    driver.forget_log();
}

/// Stays connected for this many days.
void live_on(BridgeDriver& driver, int days, const std::string& members) {
    for (int minutes = 0; minutes < days * 24 * 60; ++minutes) {
        driver.advance(1min);
        driver.report(minutes % 60 == 0 ? full(members) : partial(R"("mc_percent":1)"));
    }
}

/// Keys of the components that a message reduces to their platform.
std::set<std::string> reduced(const std::string& payload) {
    std::set<std::string> keys;
    const auto message = OrderedJson::parse(payload, nullptr, false);
    for (const auto& item : message["components"].items()) {
        if (item.value().size() == 1 && item.value().contains("platform")) {
            keys.insert(item.key());
        }
    }
    return keys;
}

std::size_t count_under(const BridgeDriver& driver, const std::string& prefix) {
    return static_cast<std::size_t>(std::ranges::count_if(
        driver.standing(), [&](const auto& item) { return item.first.starts_with(prefix); }));
}

std::set<std::string> topics_of(const std::map<std::string, std::string>& standing) {
    std::set<std::string> topics;
    for (const auto& [topic, payload] : standing) {
        topics.insert(topic);
    }
    return topics;
}

} // namespace

TEST_SUITE("homeassistant/discovery_publisher") {
    TEST_CASE("an unplugged unit is unavailable immediately, stays for six days and is removed after seven") {
        BridgeDriver driver;
        begin(driver, idle + "," + one_ams);
        CHECK(driver.state("ams_1/availability") == "online");
        driver.report(full(idle + "," + no_ams));
        CHECK(driver.state("ams_1/availability") == "offline");
        driver.advance(5s);
        CHECK(driver.state("availability") == "online");
        CHECK(driver.state("ams_1_tray_1_type") == "PLA");

        live_on(driver, 6, idle + "," + no_ams);
        CHECK(driver.retained(unit_config) != "(nothing)");
        CHECK(driver.state("ams_1_tray_1_type") == "PLA");
        CHECK(std::ranges::none_of(driver.log(),
                                   [](const Message& m) { return m.topic.ends_with("/config"); }));

        live_on(driver, 1, idle + "," + no_ams);
        driver.advance(5s);
        CHECK(driver.retained(unit_config) == "(nothing)");
        CHECK(count_under(driver, "bambu2mqtt/p1/ams_1") == 0);
        CHECK(driver.retained(announcer_printer_config) != "(nothing)");
        CHECK(driver.state("bed_temperature") == "22");
        live_on(driver, 1, idle + "," + no_ams);
        CHECK(driver.saved()["facts"]["units"].empty());

        driver.report(full(idle + "," + one_ams)); // plugged in again
        driver.advance(5s);
        CHECK(driver.retained(unit_config) != "(nothing)");
        CHECK(driver.state("ams_1/availability") == "online");
        CHECK(driver.state("ams_1_tray_1_type") == "PLA");
    }

    TEST_CASE("absence is counted only while connected") {
        BridgeDriver driver;
        begin(driver, idle + "," + one_ams);
        driver.report(full(idle + "," + no_ams));
        live_on(driver, 4, idle + "," + no_ams);
        driver.printer_down();
        for (int days = 0; days < 8; ++days) {
            driver.advance(24h);
        }
        driver.go_live(idle + "," + no_ams);
        CHECK(driver.retained(unit_config) != "(nothing)");
        live_on(driver, 2, idle + "," + no_ams);
        CHECK(driver.retained(unit_config) != "(nothing)");
        live_on(driver, 2, idle + "," + no_ams);
        CHECK(driver.retained(unit_config) == "(nothing)");
    }

    TEST_CASE("a unit missing from a partial report is still present") {
        BridgeDriver driver;
        begin(driver, idle + "," + one_ams);
        driver.report(partial(R"("ams":{"tray_now":"255"})"));
        driver.report(partial(R"("mc_percent":3)"));
        driver.report(full(idle)); // a full report without `ams` says nothing about units either
        driver.advance(70s);
        CHECK(driver.state("ams_1/availability") == "online");
        CHECK(driver.state("ams_1_tray_1_type") == "PLA");
        CHECK(driver.sent(unit_config).empty());
    }

    TEST_CASE("a model change removes entities: reduced message first, then the message without them") {
        BridgeDriver driver;
        begin(driver, idle);
        REQUIRE(driver.json(announcer_printer_config)["components"].contains("aux_fan"));
        REQUIRE(driver.state("aux_fan") != "(nothing)");
        driver.report(version("N1")); // an A1 mini has no auxiliary fan
        driver.advance(5s);
        const auto messages = driver.sent(announcer_printer_config);
        REQUIRE(messages.size() == 2);
        CHECK(reduced(messages[0]).contains("aux_fan"));
        CHECK(reduced(messages[1]).empty());
        CHECK(!driver.json(announcer_printer_config)["components"].contains("aux_fan"));
        CHECK(driver.state("aux_fan") == "(nothing)");
        CHECK(driver.state("bed_temperature") == "22");
    }

    TEST_CASE("entities of a former version are removed once the state is complete, not before") {
        auto standing = after_run({});
        auto message = OrderedJson::parse(standing[announcer_printer_config]);
        message["components"]["old_thing"] = {{"platform", "sensor"},
                                              {"state_topic", "bambu2mqtt/p1/old_thing"}};
        standing[announcer_printer_config] = message.dump();
        standing["bambu2mqtt/p1/old_thing"] = "7";
        standing["bambu2mqtt/p1/old_thing/attributes"] = "{}";
        for (const bool facts_are_remembered : {false, true}) {
            BridgeDriver earlier;
            begin(earlier, idle);
            const auto saved =
                facts_are_remembered ? Json::parse(earlier.bridge().session(0).save()) : Json();
            BridgeDriver driver{{.saved = {saved}}};
            driver.start(standing);
            driver.broker_up();
            driver.advance(30s);
            for (const auto& payload : driver.sent(announcer_printer_config)) {
                CHECK(reduced(payload).empty());
            }
            CHECK(driver.state("old_thing") == "7");
            CHECK(driver.state("bed_temperature") == "22");
            CHECK(count_under(driver, "homeassistant/") == 2);

            driver.printer_up();
            driver.report(partial(R"("mc_percent":1)"));
            driver.advance(12s);
            CHECK(driver.state("old_thing") == "7");
            driver.forget_log();
            driver.report(version());
            driver.report(full(idle));
            driver.advance(5s);
            CHECK(driver.state("old_thing") == "(nothing)");
            CHECK(driver.state("old_thing/attributes") == "(nothing)");
            CHECK(driver.state("bed_temperature") == "22");
            const auto messages = driver.sent(announcer_printer_config);
            REQUIRE(messages.size() >= 2);
            CHECK(reduced(messages[messages.size() - 2]) == std::set<std::string>{"old_thing"});
            CHECK(!driver.json(announcer_printer_config)["components"].contains("old_thing"));
        }
    }

    TEST_CASE("a former device is removed once the state is complete") {
        const auto standing = after_run({}, idle + "," + one_ams);
        BridgeDriver driver; // the state directory was lost, and the unit is unplugged
        driver.start(standing);
        driver.broker_up();
        driver.advance(30s);
        CHECK(driver.retained(unit_config) != "(nothing)");
        CHECK(driver.state("ams_1_tray_1_type") == "PLA");
        driver.go_live(idle + "," + no_ams);
        CHECK(driver.retained(unit_config) == "(nothing)");
        CHECK(count_under(driver, "bambu2mqtt/p1/ams_1") == 0);
        CHECK(topics_of(driver.standing()) == topics_of(after_run({}, idle + "," + no_ams)));
    }

    TEST_CASE("nothing remains of a printer that is no longer configured") {
        for (const bool per_component : {false, true}) {
            auto standing = after_run({.serials = {x1c, p1s}, .per_component = per_component});
            BridgeDriver driver{{.serials = {x1c}, .former = {{p1s, "p2"}}, .per_component = per_component}};
            driver.start(standing);
            driver.broker_up();
            driver.go_live();
            CHECK(count_under(driver, "bambu2mqtt/p2/") == 0);
            for (const auto& [topic, payload] : driver.standing()) {
                CHECK(topic.find(p1s) == std::string::npos);
            }
            CHECK(count_under(driver, "bambu2mqtt/p1/") > 20);
        }
    }

    TEST_CASE("a printer with a new id: its states move, its discovery topic stays") {
        const auto standing = after_run({.serials = {x1c, p1s}});
        BridgeDriver driver{{.serials = {p1s}, .former = {{x1c, "p1"}, {p1s, "p2"}}}};
        driver.start(standing);
        driver.broker_up();
        driver.go_live();
        CHECK(count_under(driver, "bambu2mqtt/p2/") == 0);
        CHECK(driver.state("bed_temperature") == "22");
        for (const auto& message : driver.log()) {
            CHECK((message.topic != announcer_printer_config || !message.payload.empty()));
        }
        CHECK(driver.retained("homeassistant/device/bambu2mqtt_" + x1c + "/config") == "(nothing)");
    }

    TEST_CASE("foreign topics are never touched") {
        auto ours = after_run({});
        const auto change = [&](const char* pointer, const std::string& value) {
            auto message = OrderedJson::parse(ours[announcer_printer_config]);
            message[OrderedJson::json_pointer{pointer}] = value;
            return message.dump();
        };
        const std::string sensor = "homeassistant/sensor/bambu2mqtt_" + p1s;
        const std::map<std::string, std::string> foreign{
            {sensor + "_a/config", change("/origin/name", "zigbee2mqtt")},
            {sensor + "_b/config", change("/components/bed_temperature/state_topic", "elsewhere/p1/bed")},
            {sensor + "_c/config", "no JSON"},
            {"homeassistant/device/bambu2mqtt_01P00A000000099/config",
             change("/device/identifiers/0", "bambu2mqtt_01P00A000000099")},
            {"homeassistant/device/bambu2mqtt_other_base/config",
             change("/device/identifiers/0", "bambu2mqtt_other_base")},
            {"homeassistant/sensor/kitchen/config", R"({"name":"x","state_topic":"kitchen"})"},
            {"bambu2mqtt/another/availability", "online"},
            {"bambu2mqtt/p1/command", "x"},
            {"bambu2mqtt/p10/bed_temperature", "1"},
            {"bambu2mqtt2/p1/bed_temperature", "1"},
            {"bambu2mqtt/note", "x"},
        };
        for (const bool per_component : {false, true}) {
            BridgeDriver driver{{.former = {{x1c, "p7"}}, .per_component = per_component}};
            driver.start(foreign);
            driver.broker_up();
            driver.go_live();
            driver.advance(100s);
            for (const auto& topic : topics_of(foreign)) {
                INFO("topic: ", topic);
                CHECK(driver.retained(topic) == foreign.at(topic));
                CHECK(driver.sent(topic).empty());
            }
        }
    }

    TEST_CASE("switching the discovery form migrates every old topic, and none is left") {
        for (const bool per_component : {false, true}) {
            const auto standing = after_run({.per_component = !per_component}, idle + "," + one_ams);
            BridgeDriver driver{{.per_component = per_component}};
            driver.start(standing);
            driver.broker_up();
            driver.go_live(idle + "," + one_ams);
            for (const auto& topic : topics_of(standing)) {
                if (topic.starts_with("homeassistant/")) {
                    INFO("old topic: ", topic);
                    CHECK(driver.sent(topic) ==
                          std::vector<std::string>{R"({"migrate_discovery":true})", ""});
                    CHECK(driver.retained(topic) == "(nothing)");
                }
            }
            CHECK(topics_of(driver.standing()) ==
                  topics_of(after_run({.per_component = per_component}, idle + "," + one_ams)));
            // First the old ones are released for migration, then the new ones published, then the old ones
            // cleared.
            for (const auto& id : {p1s, p1s + "_ams_1", std::string{"bambu2mqtt"}}) {
                std::vector<int> stages;
                for (const auto& message : driver.log()) {
                    const bool about = message.topic.ends_with("/config") &&
                                       message.topic.find("bambu2mqtt_" + id) != std::string::npos;
                    const bool of_unit = message.topic.find("_ams_1") != std::string::npos;
                    if (about && (of_unit || id != p1s) == (id != p1s) &&
                        (of_unit == id.ends_with("_ams_1"))) {
                        stages.push_back(!message.retain ? 0 : message.payload.empty() ? 2 : 1);
                    }
                }
                INFO("device: ", id);
                CHECK(std::ranges::is_sorted(stages));
                CHECK(std::set<int>(stages.begin(), stages.end()).size() == 3);
            }
        }
    }

    TEST_CASE("component form: a restart removes nothing, obsolete entities are removed one by one") {
        auto standing = after_run({.per_component = true}, idle + "," + one_ams);
        const std::string old_one = "homeassistant/sensor/bambu2mqtt_" + p1s + "_old_thing/config";
        auto message = OrderedJson::parse(
            standing["homeassistant/sensor/bambu2mqtt_" + p1s + "_bed_temperature/config"]);
        standing[old_one] = message.dump();
        for (const std::size_t window : {std::size_t{20}, std::size_t{1}}) {
            BridgeDriver driver{{.per_component = true, .window = window}};
            driver.start(standing);
            driver.printer_up();
            driver.hold_acknowledgements();
            driver.broker_up();
            CHECK(driver.retained(old_one) != "(nothing)");
            driver.report(version());
            driver.report(full(idle + "," + one_ams)); // complete before most of discovery is sent
            driver.acknowledge_always();
            driver.advance(5s);
            CHECK(driver.retained(old_one) == "(nothing)");
            for (const auto& sent : driver.log()) {
                INFO("topic: ", sent.topic);
                CHECK((!sent.topic.ends_with("/config") || !sent.payload.empty() || sent.topic == old_one));
            }
            driver.forget_log();
            driver.report(version("N1"));
            driver.advance(5s);
            CHECK(driver.retained("homeassistant/fan/bambu2mqtt_" + p1s + "_aux_fan/config") == "(nothing)");
        }
    }
}
