// All printers and the broker together: order, window, outages, birth messages, fairness, shutdown, size.
#include "unit/gateway/bridge_driver.hpp"

#include <chrono>
#include <set>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

const std::string bridge_printer_config = "homeassistant/device/bambu2mqtt_" + p1s + "/config";
const std::string bridge_discovery_topic = "homeassistant/device/bambu2mqtt_bambu2mqtt/config";

bool is_config(const Message& message) {
    return message.topic.ends_with("/config");
}

/// How many messages of a log the broker acknowledges.
std::ptrdiff_t acknowledged(const std::vector<Message>& log) {
    return std::ranges::count(log, Qos::at_least_once, &Message::qos);
}

bool is_availability(const Message& message) {
    return message.topic.ends_with("/availability");
}

/// Checks the order in this log: discovery, then states, then availability of one printer.
void check_order(const std::vector<Message>& log) {
    int stage = 0;
    for (const auto& message : log) {
        if (message.topic.starts_with("bambu2mqtt/bridge/")) {
            continue;
        }
        const int kind = is_config(message) ? 0 : is_availability(message) ? 2 : 1;
        INFO("topic: ", message.topic);
        CHECK(kind >= stage);
        stage = std::max(stage, kind);
    }
    CHECK(stage == 2);
}

std::vector<std::string> serials(std::size_t count) {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < count; ++i) {
        auto serial = std::to_string(i);
        serial.insert(0, 12 - serial.size(), '0');
        result.push_back("01P" + serial);
    }
    return result;
}

} // namespace

TEST_SUITE("gateway/bridge") {
    TEST_CASE("first start: discovery, states, availability; the gateway is online after its own states") {
        BridgeDriver driver;
        driver.start();
        driver.printer_up();
        driver.report(version());
        driver.report(full(idle + "," + one_ams));
        driver.advance(2s);
        driver.broker_up();
        driver.advance(5s);
        check_order(driver.log());
        CHECK(driver.state("availability") == "online");
        CHECK(driver.state("ams_1/availability") == "online");
        CHECK(driver.retained("bambu2mqtt/bridge/state") == "online");
        CHECK(driver.place(bridge_discovery_topic) < driver.place("bambu2mqtt/bridge/state"));
        CHECK(driver.place("bambu2mqtt/bridge/info") < driver.place("bambu2mqtt/bridge/state"));
        CHECK(driver.place("bambu2mqtt/bridge/health") < driver.place("bambu2mqtt/bridge/state"));
        std::set<std::string> topics; // each exactly once
        for (const auto& message : driver.log()) {
            INFO("topic: ", message.topic);
            CHECK(topics.insert(message.topic).second);
        }
    }

    TEST_CASE("nothing is published before all retained messages have been received") {
        BridgeDriver driver;
        driver.start();
        driver.broker_connects();
        CHECK(driver.filters().size() == 2);
        for (int i = 0; i < 30; ++i) {
            driver.advance(100ms);
            driver.say("bambu2mqtt/p1/thing_" + std::to_string(i), "1", true);
        }
        CHECK(driver.log().empty());
        CHECK(!driver.bridge().broker_up());
        driver.advance(499ms);
        CHECK(driver.log().empty());
        driver.advance(1ms);
        CHECK(!driver.log().empty());
        const std::vector<std::string> commands{"bambu2mqtt/bridge/request/+",  "bambu2mqtt/group/+/command",
                                                "bambu2mqtt/group/+/command/+", "bambu2mqtt/+/command",
                                                "bambu2mqtt/+/command/+",       "bambu2mqtt/+/+/set",
                                                "bambu2mqtt/+/raw/request"};
        CHECK(driver.filters() == commands);

        BridgeDriver flooded; // others never stop; half a minute is enough
        flooded.start();
        flooded.broker_connects();
        for (int i = 0; i < 299; ++i) {
            flooded.advance(100ms);
            flooded.say("bambu2mqtt/other/thing", "1", true);
        }
        CHECK(flooded.log().empty());
        flooded.advance(100ms);
        CHECK(!flooded.log().empty());
    }

    TEST_CASE("messages in flight are limited to the window, and each acknowledgement frees one place") {
        BridgeDriver driver{{.window = 3}};
        driver.start();
        driver.hold_acknowledgements();
        driver.broker_up();
        CHECK(acknowledged(driver.log()) == 3);
        driver.advance(60s);
        CHECK(acknowledged(driver.log()) == 3);
        driver.acknowledge(1);
        CHECK(acknowledged(driver.log()) == 4);
        driver.acknowledge(2);
        CHECK(acknowledged(driver.log()) == 6);
        driver.acknowledge_always();
        CHECK(driver.most_on_the_way() == 3);
        CHECK(driver.state("availability") == "offline");
        CHECK(driver.bridge().quiet());
    }

    TEST_CASE("during a broker outage nothing is sent; afterwards everything is sent once") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        const auto before = driver.standing();
        driver.forget_log();
        driver.broker_down();
        driver.advance(10min); // the driver fails for any message
        driver.report(partial(R"("mc_percent":5)"));
        CHECK(driver.log().empty());
        driver.go_live(idle + R"(,"mc_percent":5)");
        driver.lose_store();
        driver.broker_up();
        driver.advance(5s);
        check_order(driver.log());
        std::map<std::string, int> times;
        for (const auto& message : driver.log()) {
            INFO("topic: ", message.topic);
            const bool health = message.topic == "bambu2mqtt/bridge/health"; // published again each minute
            const bool event = message.topic.starts_with("bambu2mqtt/p1/event"); // disconnected and back
            CHECK((++times[message.topic] == 1 || health || event));
        }
        for (const auto& item : before) {
            const auto& topic = item.first;
            INFO("topic: ", topic);
            CHECK(times.contains(topic));
        }
        CHECK(driver.state("print_progress") == "5");
        CHECK(driver.state("availability") == "online");
        CHECK(driver.count_notes(Level::warning, "broker") == 1);
        CHECK(driver.count_notes(Level::info, "broker") == 2);
    }

    TEST_CASE("connecting to the broker is retried without end, and logged once") {
        BridgeDriver driver;
        driver.start();
        for (int i = 0; i < 500; ++i) {
            driver.broker_down();
            driver.advance(38s);
        }
        CHECK(driver.count_notes(Level::warning, "broker") == 1);
        driver.broker_up();
        CHECK(driver.bridge().broker_up());
        CHECK(driver.count_notes(Level::info, "broker") == 1);
    }

    TEST_CASE("ten thousand reports during an outage leave at most one message per topic") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        const auto topics = driver.standing().size();
        driver.forget_log();
        driver.broker_down();
        for (int i = 0; i < 10'000; ++i) {
            driver.report(partial(R"("mc_percent":)" + std::to_string(i % 100) + R"(,"nozzle_temper":)" +
                                  std::to_string(20 + i % 200)));
        }
        driver.broker_up();
        CHECK(driver.log().size() <= topics + 1);
        CHECK(driver.sent("bambu2mqtt/p1/print_progress") == std::vector<std::string>{"99"});
    }

    TEST_CASE("when Home Assistant starts everything is published again after 1 to 10 s, in order, once") {
        BridgeDriver driver{{.serials = {p1s, x1c}}};
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.report(partial(R"("mc_percent":1)"));
        driver.advance(2s);
        driver.forget_log();
        driver.say("homeassistant/status", "online", false);
        driver.advance(300ms);
        driver.say("homeassistant/status", "online", false);
        driver.advance(699ms);
        CHECK(driver.log().empty());
        driver.advance(10s);
        for (const auto& config : {bridge_printer_config, bridge_discovery_topic,
                                   "homeassistant/device/bambu2mqtt_" + x1c + "/config"}) {
            CHECK(driver.sent(config).size() == 1);
        }
        std::map<std::string, int> times;
        std::vector<Message> first;
        for (const auto& message : driver.log()) {
            ++times[message.topic];
            if (message.topic.find("/p1/") != std::string::npos || message.topic == bridge_printer_config) {
                first.push_back(message);
            }
        }
        check_order(first);
        for (const auto& item : driver.standing()) {
            const auto& topic = item.first;
            INFO("topic: ", topic);
            CHECK((times[topic] == 1 || topic == "bambu2mqtt/bridge/health"));
        }
        CHECK(driver.place("bambu2mqtt/bridge/info") < driver.place("bambu2mqtt/bridge/state"));
    }

    TEST_CASE("a retained birth message, an offline, and a birth during publication do nothing") {
        BridgeDriver driver;
        driver.start();
        driver.broker_connects();
        driver.say("homeassistant/status", "online", true);
        driver.say("homeassistant/status", "online", false);
        driver.advance(5s);
        CHECK(driver.sent(bridge_printer_config).size() == 1);
        driver.go_live();
        driver.forget_log();
        driver.say("homeassistant/status", "online", true);
        driver.say("homeassistant/status", "offline", false);
        driver.say("homeassistant/status", "Online", false);
        driver.advance(20s);
        CHECK(driver.log().empty());
    }

    TEST_CASE("a birth message just before the broker is lost does no harm") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.say("homeassistant/status", "online", false);
        driver.broker_down();
        driver.forget_log();
        driver.advance(60s);
        driver.broker_up();
        driver.advance(20s);
        CHECK(driver.sent(bridge_printer_config).size() == 1);
        CHECK(driver.sent("bambu2mqtt/p1/bed_temperature").size() == 1);
    }

    TEST_CASE("an unchanged discovery message is not sent again; a changed one is followed by its states "
              "after 1 s") {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.go_live();
        driver.forget_log();
        driver.printer_down();
        driver.advance(2s);
        driver.go_live();
        CHECK(std::ranges::none_of(driver.log(), is_config));

        driver.forget_log();
        driver.report(version("C12", "01.09.00.00"));
        CHECK(driver.sent(bridge_printer_config).size() == 1);
        const auto announced_at = driver.log_times()[driver.place(bridge_printer_config)];
        driver.advance(5s);
        for (const auto* const entity :
             {"bed_temperature", "connection", "last_command", "availability", "firmware"}) {
            const auto topic = std::string{"bambu2mqtt/p1/"} + entity;
            CHECK(driver.log_times()[driver.place(topic)] - announced_at >= 1s);
            CHECK(driver.log_times()[driver.place(topic)] - announced_at < 3s);
        }
        check_order(driver.log());
    }

    TEST_CASE("a flooding printer does not delay another one") {
        BridgeDriver driver{{.serials = {p1s, x1c}, .window = 1}};
        driver.start();
        driver.broker_up();
        driver.go_live(idle, 0);
        driver.go_live(idle, 1);
        driver.forget_log();
        driver.hold_acknowledgements();
        for (int i = 0; i < 1000; ++i) {
            driver.report(partial(R"("mc_print_stage":)" + std::to_string(i) + R"(,"spd_mag":)" +
                                  std::to_string(20 + i % 100) + R"(,"bed_target_temper":)" +
                                  std::to_string(20 + i % 80) + R"(,"nozzle_target_temper":)" +
                                  std::to_string(20 + i % 200)),
                          0);
            driver.advance(20ms);
            if (i % 25 == 0) {
                driver.acknowledge(1); // two a second, and the first printer alone has four
            }
            if (i == 500) {
                driver.forget_log();
                driver.report(partial(R"("bed_target_temper":60)"), 1);
            }
        }
        CHECK(acknowledged(driver.log()) >= 15);
        auto log = driver.log();
        log.resize(driver.place("bambu2mqtt/p2/bed_target_temperature"));
        CHECK(acknowledged(log) <= 8);
    }

    TEST_CASE("at shutdown everything goes offline before any other waiting message") {
        BridgeDriver driver{{.serials = {p1s, x1c}, .window = 2}};
        driver.start();
        driver.broker_up();
        driver.go_live(idle + "," + one_ams, 0);
        driver.go_live(idle, 1);
        driver.report(partial(R"("wifi_signal":"-52dBm")")); // would wait for a minute
        driver.report(partial(R"("mc_percent":1)"));
        driver.report(partial(R"("mc_percent":2)"));
        driver.report(partial(R"("mc_percent":3)")); // would wait for a second
        driver.forget_log();
        driver.shutdown();
        driver.turn();
        CHECK(driver.retained("bambu2mqtt/p1/availability") == "offline");
        CHECK(driver.retained("bambu2mqtt/p2/availability") == "offline");
        CHECK(driver.retained("bambu2mqtt/bridge/state") == "offline");
        CHECK(driver.log().size() == 3);
        CHECK(driver.bridge().quiet());
    }

    TEST_CASE("shutdown also interrupts the publication of discovery messages") {
        BridgeDriver driver{{.serials = serials(50), .window = 1}};
        driver.start();
        driver.hold_acknowledgements();
        driver.broker_up();
        CHECK(driver.log().size() == 1);
        CHECK(!driver.bridge().quiet());
        driver.shutdown();
        driver.acknowledge_always();
        CHECK(driver.log().size() <= 53);
        CHECK(driver.retained("bambu2mqtt/bridge/state") == "offline");
        CHECK(driver.bridge().quiet());
    }

    TEST_CASE("health is published each minute, with the uptime of the sessions") {
        BridgeDriver driver{{.serials = {p1s, x1c}}};
        driver.start();
        driver.broker_up();
        driver.printer_up(0);
        driver.forget_log();
        for (int i = 0; i < 18; ++i) {
            driver.report(full(idle), 0);
            driver.advance(10s);
        }
        CHECK(driver.sent("bambu2mqtt/bridge/health").size() == 3);
        CHECK(driver.sent("bambu2mqtt/bridge/info").empty());
        const auto health = driver.json("bambu2mqtt/bridge/health");
        CHECK(health["session_age"]["p1"].get<int>() > 100);
        CHECK(health["session_age"]["p2"] == 0);
        CHECK(health["messages_in"].get<int>() > 10);
        CHECK(health["messages_out"].get<int>() > 20);
        CHECK(driver.json("bambu2mqtt/bridge/info")["printers"].dump() == R"(["p1","p2"])");
    }

    TEST_CASE("an event of one printer costs the same with a thousand printers") {
        const auto cost = [](std::size_t printers) {
            BridgeDriver driver{{.serials = serials(printers)}};
            driver.start();
            driver.broker_up();
            driver.go_live();
            auto best = std::chrono::steady_clock::duration::max();
            Effects effects;
            auto now = driver.now();
            for (int round = 0; round < 15; ++round) {
                const auto begin = std::chrono::steady_clock::now();
                for (int i = 0; i < 200; ++i) {
                    now.instant += 1ms;
                    driver.bridge().handle(
                        Event{0, ReportArrived{partial(R"("mc_percent":)" + std::to_string(i % 100))}}, now,
                        effects);
                    driver.bridge().tick(now, effects);
                    if (driver.bridge().next(now)) {
                        driver.bridge().taken(1);
                        driver.bridge().handle(Event{broker_target, Published{1}}, now, effects);
                    }
                    CHECK(driver.bridge().deadline() > Instant{});
                    effects.clear();
                }
                best = std::min(best, std::chrono::steady_clock::now() - begin);
            }
            return std::chrono::duration<double>(best).count();
        };
        CHECK(cost(1000) < 5 * cost(10)); // checking each of a thousand would cost far more
    }
}
