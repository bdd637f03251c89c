// Messages that the link rejects, and matching of acknowledgements.
#include "unit/gateway/bridge_driver.hpp"

namespace bambu2mqtt::test {

namespace {

const std::string event_topic = "bambu2mqtt/p1/event";

/// A printer whose job begins and is paused: two events.
void start_and_pause(BridgeDriver& driver) {
    driver.report(partial(R"("gcode_state":"RUNNING","mc_percent":1,"subtask_name":"Boat")"));
    driver.advance(100ms);
    driver.report(partial(R"("gcode_state":"PAUSE")"));
    driver.advance(100ms);
}

} // namespace

TEST_SUITE("messages in flight") {
    TEST_CASE("a message that the link rejects takes no place, and is sent a second later in order") {
        BridgeDriver driver{{.window = 1}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.refuse("bambu2mqtt/p1/nozzle_temperature");
        driver.forget_log();
        driver.report(partial(R"("nozzle_temper":99.0,"bed_temper":55.0)"));
        driver.advance(5s);
        CHECK(driver.refusals() >= 3);
        CHECK(driver.refusals() <= 7); // once a second
        CHECK(driver.sent("bambu2mqtt/p1/nozzle_temperature").empty());
        driver.refuse("");
        driver.advance(3s);
        CHECK(driver.state("nozzle_temperature") == "99");
        CHECK(driver.state("bed_temperature") == "55");
        // The window of one is free again: everything else continues.
        driver.report(partial(R"("bed_temper":60.0)"));
        driver.advance(3s);
        CHECK(driver.state("bed_temperature") == "60");
    }

    TEST_CASE("a message that MQTT cannot carry is dropped with a log line, also an event") {
        BridgeDriver driver{{.window = 1}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.refuse(event_topic, {.for_ever = true});
        start_and_pause(driver);
        driver.advance(10s);
        CHECK(driver.refusals() >= 1);
        const auto refused = driver.refusals();
        CHECK(driver.count_notes(Level::error, "broker") == refused);
        CHECK(driver.state("print_status") == "pause");
        driver.refuse("");
        driver.advance(5s);
        CHECK(driver.sent(event_topic).empty()); // not kept for ever
        CHECK(driver.saved()["events"].empty());
    }

    TEST_CASE("an outage while a rejected message waits sends everything again, that one once") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.refuse(event_topic);
        start_and_pause(driver);
        driver.broker_down();
        driver.refuse("");
        driver.forget_log();
        driver.advance(3s);
        driver.broker_up();
        driver.advance(3s);
        const auto event_payloads = driver.sent(event_topic);
        const auto started = std::ranges::count_if(
            event_payloads, [](const auto& text) { return text.find("print_started") != std::string::npos; });
        CHECK(started == 1);
    }

    TEST_CASE("acknowledgements are matched to their message, also for two events") {
        BridgeDriver driver{{.window = 20}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.advance(10s);
        driver.hold_acknowledgements();
        driver.forget_log();
        start_and_pause(driver);
        driver.advance(1s);
        const auto event_payloads = driver.sent(event_topic);
        REQUIRE(event_payloads.size() == 2);
        // Only the second one is acknowledged; then the session breaks.
        std::vector<std::size_t> places; // among those that are acknowledged
        std::size_t acknowledged = 0;
        for (const auto& message : driver.log()) {
            if (message.topic == event_topic) {
                places.push_back(acknowledged);
            }
            acknowledged += message.qos == Qos::at_least_once ? 1 : 0;
        }
        REQUIRE(driver.held().size() == acknowledged);
        driver.acknowledge_packet(driver.held().at(places[1]));
        driver.broker_down();
        driver.acknowledge_always();
        driver.forget_log();
        driver.advance(3s);
        driver.broker_up();
        driver.advance(3s);
        CHECK(driver.sent(event_topic) == std::vector{event_payloads[0]});
    }

    TEST_CASE("acknowledgements of unknown messages free no place") {
        BridgeDriver driver{{.window = 1}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.advance(3s);
        driver.hold_acknowledgements();
        driver.report(partial(R"("spd_lvl":3,"bed_target_temper":55)"));
        driver.advance(3s);
        REQUIRE(driver.held().size() == 1);
        for (int i = 0; i < 5; ++i) {
            driver.give(broker_target, Published{driver.held().front() + 1000});
        }
        CHECK(driver.held().size() == 1);
        CHECK(driver.most_on_the_way() == 1);
    }

    TEST_CASE("a message that the broker refuses is logged once in a session") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.advance(3s);
        driver.hold_acknowledgements();
        driver.report(partial(R"("spd_lvl":3,"bed_target_temper":55)"));
        driver.advance(3s);
        const auto packets = driver.held();
        REQUIRE(packets.size() >= 2);
        for (const int packet : packets) {
            driver.acknowledge_packet(packet, 0x87);
        }
        CHECK(driver.count_notes(Level::warning, "broker") == 1);
        CHECK(driver.notes().back().text.find("not authorized") != std::string::npos);
        CHECK(driver.bridge().broker_problem().find("check the rights of broker.username") !=
              std::string::npos);
    }

    TEST_CASE("acknowledgements are waited for while the window is full or an event is in flight") {
        BridgeDriver driver{{.window = 20}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        CHECK(!driver.bridge().awaits_acknowledgements());
        driver.hold_acknowledgements();
        driver.report(partial(R"("spd_lvl":3)"));
        CHECK(driver.held().size() == 1);
        CHECK(!driver.bridge().awaits_acknowledgements()); // a state of QoS 1
        driver.printer_down();                             // with an event
        CHECK(driver.bridge().awaits_acknowledgements());
        driver.acknowledge_always();
        CHECK(!driver.bridge().awaits_acknowledgements());

        BridgeDriver narrow{{.window = 1}};
        narrow.start();
        narrow.hold_acknowledgements();
        narrow.broker_up();
        CHECK(narrow.bridge().awaits_acknowledgements());
    }
}

} // namespace bambu2mqtt::test
