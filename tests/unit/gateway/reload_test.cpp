// Other settings while the gateway runs: printers that are added, changed and removed, and whose connections
// and topics that concerns.
#include "unit/gateway/live_driver.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;
using namespace std::chrono_literals;

namespace {

using Steps = std::vector<std::string>;

const BridgeSetup both{.serials = {p1s, x1c}};

/// Two printers that are connected with a complete state; the log is empty.
struct TwoPrinters : BridgeDriver {
    TwoPrinters() : BridgeDriver(both) {
        start();
        broker_up();
        go_live(idle, 0);
        go_live(idle, 1);
        advance(5s);
        for (const std::size_t printer : {0U, 1U}) {
            (void)asked(printer);
            (void)requests(printer);
        }
        forget_log();
    }

    /// Topics on the broker that begin with this.
    [[nodiscard]] std::size_t below(const std::string& root) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            standing(), [&](const auto& message) { return message.first.starts_with(root); }));
    }

    [[nodiscard]] bool was_forgotten(const std::string& serial) const {
        return count_notes(Level::debug, serial) > 0;
    }
};

std::string announcement(const std::string& serial) {
    return "homeassistant/device/bambu2mqtt_" + serial + "/config";
}

/// A third printer, of the same model as the first.
const std::string another = "01P00A000000003";

SessionSettings third_printer(std::string id) {
    return {.index = 2, .names = {another, std::move(id), ""}, .host = "third.lan", .seed = 3};
}

} // namespace

TEST_SUITE("gateway/reload") {
    TEST_CASE("equal settings change nothing") {
        TwoPrinters driver;
        driver.reconfigure(bridge_settings(both));
        driver.advance(5s);
        CHECK(driver.asked(0).empty());
        CHECK(driver.asked(1).empty());
        for (const auto& message : driver.log()) {
            CHECK(message.topic.starts_with("bambu2mqtt/bridge/"));
        }
    }

    TEST_CASE("a name, an area and permissions change without a new connection") {
        TwoPrinters driver;
        auto settings = bridge_settings(both);
        settings.printers[0].names.name = "Workshop";
        settings.printers[0].names.area = "Cellar";
        settings.printers[1].allow = ControlLevel::none;
        driver.reconfigure(settings);
        driver.advance(5s);
        CHECK(driver.asked(0).empty());
        CHECK(driver.asked(1).empty());
        const auto device = driver.json(announcement(p1s))["device"];
        CHECK(device["name"] == "Workshop");
        CHECK(device["suggested_area"] == "Cellar");
        CHECK(driver.state("availability") == "online");
        const auto components = driver.json(announcement(x1c))["components"];
        CHECK(components.contains("chamber_light_readonly"));
        CHECK_FALSE(components.contains("chamber_light"));
        driver.say("bambu2mqtt/p2/chamber_light/set", "ON", false);
        CHECK(driver.asked(1).empty());
        driver.set("chamber_light", "ON");
        CHECK(driver.asked(0) == Steps{"ledctrl"});
    }

    TEST_CASE("another language renames the entities, and nothing is asked") {
        TwoPrinters driver;
        auto settings = bridge_settings(both);
        settings.discovery.language = Language::de;
        driver.reconfigure(settings);
        driver.advance(5s);
        CHECK(driver.asked(0).empty());
        CHECK(driver.json(announcement(p1s))["components"]["bed_temperature"]["name"] != "Bed temperature");
        CHECK(driver.retained("homeassistant/device/bambu2mqtt_bambu2mqtt/config") != "(nothing)");
        CHECK(driver.json("bambu2mqtt/p1/print_status/attributes")["text"] != "Idle");
    }

    TEST_CASE(
        "only a printer with another generation connects again, and its commands end with that reason") {
        TwoPrinters driver;
        driver.set("chamber_light", "ON");
        (void)driver.asked(0);
        auto settings = bridge_settings(both);
        settings.printers[0].generation = 1;
        settings.printers[0].host = "elsewhere.lan";
        driver.reconfigure(settings);
        CHECK(driver.asked(0) == Steps{"disconnect", "connect"});
        CHECK(driver.hosts().back() == "elsewhere.lan");
        REQUIRE(driver.responses().size() == 1);
        CHECK(driver.responses()[0]["status"] == "unconfirmed");
        CHECK(driver.responses()[0]["message"].get<std::string>().find("settings were changed") !=
              std::string::npos);
        driver.go_live(idle, 0);
        CHECK(driver.state("availability") == "online");
        CHECK(driver.state("print_status") == "idle");
        CHECK(driver.asked(1).empty());
        driver.reconfigure(settings);
        driver.advance(5s);
        CHECK(driver.state("connection") == "connected");
    }

    TEST_CASE("a removed printer leaves nothing on the broker but the outcomes of its commands") {
        TwoPrinters driver;
        driver.say("bambu2mqtt/p2/chamber_light/set", "ON", false);
        (void)driver.asked(1);
        auto settings = bridge_settings(both);
        settings.printers.pop_back();
        driver.reconfigure(settings);
        driver.advance(5s);
        CHECK(driver.asked(1) == Steps{"disconnect"});
        CHECK(driver.asked(0).empty());
        CHECK(driver.cancelled_jobs() > 0);
        const auto outcomes = driver.sent("bambu2mqtt/p2/response");
        REQUIRE(outcomes.size() == 1);
        CHECK(Json::parse(outcomes[0])["status"] == "unconfirmed");
        CHECK(outcomes[0].find("removed from the configuration") != std::string::npos);
        CHECK(driver.below("bambu2mqtt/p2/") == 0);
        CHECK(driver.retained(announcement(x1c)) == "(nothing)");
        CHECK(driver.place(announcement(x1c)) < driver.place("bambu2mqtt/p2/availability"));
        CHECK(driver.was_forgotten(x1c));
        CHECK_FALSE(driver.was_forgotten(p1s));
        CHECK(driver.bridge().size() == 1);
        CHECK(driver.state("availability") == "online");

        // What its link had still to say is nobody's.
        driver.forget_log();
        driver.report(full(idle), 1);
        driver.give(1, PrinterUp{});
        driver.say("bambu2mqtt/p2/command", R"({"command":"pause"})", false);
        driver.advance(5s);
        CHECK(driver.asked(1).empty());
        CHECK(driver.below("bambu2mqtt/p2/") == 0);
    }

    TEST_CASE("a printer that is added starts as at the start, and the others do not notice") {
        TwoPrinters driver;
        auto settings = bridge_settings(both);
        settings.printers.insert(settings.printers.begin(), third_printer("p3"));
        driver.reconfigure(settings, {Json{{"id", "p3"}, {"clock", {{"usage", 12}}}}});
        CHECK(driver.asked(2) == Steps{"connect"});
        driver.give(2, PrinterUp{});
        driver.give(2, ReportArrived{version()});
        driver.give(2, ReportArrived{full(idle)});
        driver.advance(5s);
        CHECK(driver.retained("bambu2mqtt/p3/availability") == "online");
        CHECK(driver.retained(announcement(another)) != "(nothing)");
        CHECK(driver.asked(0).empty());
        CHECK(driver.asked(1).empty());
        (void)driver.asked(2);
        driver.say("bambu2mqtt/p3/chamber_light/set", "ON", false);
        CHECK(driver.asked(2) == Steps{"ledctrl"});
        driver.set("chamber_light", "ON");
        CHECK(driver.asked(0) == Steps{"ledctrl"});
    }

    TEST_CASE("a printer in place of another one uses its topics again") {
        TwoPrinters driver;
        auto settings = bridge_settings(both);
        settings.printers[0] = third_printer("p1");
        driver.reconfigure(settings);
        driver.advance(5s);
        CHECK(driver.retained(announcement(p1s)) == "(nothing)");
        CHECK(driver.was_forgotten(p1s));
        driver.give(2, PrinterUp{});
        driver.give(2, ReportArrived{version()});
        driver.give(2, ReportArrived{full(idle)});
        driver.advance(5s);
        CHECK(driver.state("availability") == "online");
        CHECK(driver.state("print_status") == "idle");
        CHECK(driver.retained(announcement(another)) != "(nothing)");
        CHECK(driver.retained("bambu2mqtt/p2/availability") == "online");
    }

    TEST_CASE("printers that exchange their ids keep no topic of each other") {
        TwoPrinters driver;
        driver.report(partial(R"("bed_temper":50.0)"), 0);
        driver.advance(5s);
        auto settings = bridge_settings(both);
        std::swap(settings.printers[0].names.id, settings.printers[1].names.id);
        settings.printers[0].generation = settings.printers[1].generation = 1;
        driver.reconfigure(settings);
        driver.go_live(R"("gcode_state":"IDLE","bed_temper":51.0)", 0);
        driver.go_live(R"("gcode_state":"IDLE","bed_temper":23.0)", 1);
        driver.advance(5s);
        CHECK(driver.retained("bambu2mqtt/p2/bed_temperature") == "51");
        CHECK(driver.retained("bambu2mqtt/p1/bed_temperature") == "23");
        CHECK(driver.retained("bambu2mqtt/p1/availability") == "online");
        CHECK(driver.retained("bambu2mqtt/p2/availability") == "online");
        CHECK(driver.retained(announcement(p1s)).find("bambu2mqtt/p2/") != std::string::npos);
        CHECK(driver.retained(announcement(p1s)).find("bambu2mqtt/p1/") == std::string::npos);
    }

    TEST_CASE("another id moves the topics of a printer") {
        TwoPrinters driver;
        auto settings = bridge_settings(both);
        settings.printers[0].names.id = "garage";
        settings.printers[0].generation = 1;
        driver.reconfigure(settings);
        driver.go_live(idle, 0);
        driver.advance(10s);
        CHECK(driver.retained("bambu2mqtt/garage/availability") == "online");
        CHECK(driver.below("bambu2mqtt/p1/") == 0);
        CHECK_FALSE(driver.was_forgotten(p1s));
        CHECK(driver.saved(0)["id"] == "garage");
    }

    TEST_CASE("a printer that comes back before its topics are cleared keeps what it publishes") {
        TwoPrinters driver;
        auto settings = bridge_settings(both);
        const auto removed = std::exchange(settings.printers, {settings.printers[1]})[0];
        driver.hold_acknowledgements();
        driver.reconfigure(settings);
        settings.printers.push_back(removed);
        settings.printers.back().index = 2;
        driver.reconfigure(settings);
        driver.acknowledge_always();
        driver.give(2, PrinterUp{});
        driver.give(2, ReportArrived{version()});
        driver.give(2, ReportArrived{full(idle)});
        driver.advance(10s);
        CHECK(driver.state("availability") == "online");
        CHECK(driver.state("print_status") == "idle");
        CHECK(driver.retained(announcement(p1s)) != "(nothing)");
        CHECK_FALSE(driver.was_forgotten(p1s));
    }

    TEST_CASE("a printer removed during an outage of the broker is cleared afterwards") {
        TwoPrinters driver;
        driver.broker_down();
        auto settings = bridge_settings(both);
        settings.printers.pop_back();
        driver.reconfigure(settings);
        driver.advance(5s);
        CHECK_FALSE(driver.was_forgotten(x1c));
        driver.broker_up();
        driver.advance(10s);
        CHECK(driver.below("bambu2mqtt/p2/") == 0);
        CHECK(driver.retained(announcement(x1c)) == "(nothing)");
        CHECK(driver.was_forgotten(x1c));
        CHECK(driver.state("availability") == "online");
    }

    TEST_CASE("settings wait for the moment in which a broker session begins") {
        BridgeDriver driver{both};
        driver.start();
        CHECK(driver.bridge().may_reconfigure());
        driver.broker_connects();
        CHECK_FALSE(driver.bridge().may_reconfigure());
        driver.advance(10s);
        CHECK(driver.bridge().may_reconfigure());
    }
}
