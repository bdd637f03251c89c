// filament_runout and filament_changed: one event per runout, for any combination of errors.
#include "unit/state/watched.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

constexpr std::string_view printing_from_two =
    R"(,"print_error":0,"hms":[],"ams":{"ams":[{"id":"0"}],"tray_now":"1","tray_pre":"1","tray_tar":"1"})";

/// print_error 0700-8011, HMS 0700-2200-0002-0001 and the trays as reported by a P1S with automatic change.
constexpr std::string_view error_of_unit = R"("print_error":117473297)";
constexpr std::string_view error_of_slot = R"("hms":[{"attr":117449216,"code":131073}])";
constexpr std::string_view wants_slot_three = R"("ams":{"tray_now":"255","tray_pre":"1","tray_tar":"2"})";

std::string together(std::initializer_list<std::string_view> parts) {
    std::string text{R"("gcode_state":"PAUSE")"};
    for (const auto part : parts) {
        text += "," + std::string{part};
    }
    return text;
}

/// Additional keys of the events: "filament_runout ams_1/3".
std::vector<std::string> runout_events(Watched& driver) {
    driver.advance(100ms); // events wait until earlier ones are acknowledged
    std::vector<std::string> result;
    for (const auto& payload : driver.sent("bambu2mqtt/p1/event")) {
        const auto event = Json::parse(payload);
        if (event["event_type"] == "filament_runout") {
            result.push_back("runout " + event["unit"].dump() + "/" + event["slot"].dump());
        } else if (event["event_type"] == "filament_changed") {
            result.push_back("changed " + event["from"].get<std::string>() + " > " +
                             event["to"].get<std::string>());
        }
    }
    driver.forget_log();
    return result;
}

using Events = std::vector<std::string>;

} // namespace

TEST_SUITE("state/runout_events") {
    TEST_CASE("a runout with an AMS is one event with unit and slot, in any order of its errors") {
        for (const auto& reports :
             {std::vector<std::string>{together({error_of_unit, error_of_slot, wants_slot_three})},
              {together({error_of_slot, wants_slot_three}), together({error_of_unit})}}) {
            Watched driver;
            driver.go_live(job("RUNNING", 10, printing_from_two));
            for (const auto& report : reports) {
                driver.report(partial(report));
                driver.report(partial(R"("wifi_signal":"-40dBm")"));
            }
            CHECK(runout_events(driver) == Events{R"(runout "ams_1"/3)"});
        }
        // The code of the unit only: the slot is the one used last.
        Watched driver;
        driver.go_live(job("RUNNING", 10, printing_from_two));
        driver.report(partial(together({error_of_unit, wants_slot_three})));
        CHECK(runout_events(driver) == Events{R"(runout "ams_1"/2)"});
        driver.report(partial(std::string{error_of_slot}));
        CHECK(runout_events(driver).empty());
    }

    TEST_CASE("a runout of the external spool, as recorded on an A1") {
        Watched driver{BridgeSetup{.serials = {"03900A000000001"}}};
        driver.go_live(job("RUNNING", 10, R"(,"print_error":0,"ams":{"ams":[],"tray_now":"254"})"));
        driver.report(partial(R"("gcode_state":"PAUSE","mc_print_stage":"3","print_error":50364437)"));
        driver.report(
            partial(R"("gcode_state":"PAUSE","hw_switch_state":0,"print_error":50364437,"stg_cur":0)"));
        CHECK(driver.events() ==
              Events{"print_paused", "print_error:0300-8015", "filament_runout:0300-8015"});
    }

    TEST_CASE("the next runout is another event; stage 6 alone is not one") {
        Watched driver;
        driver.go_live(job("RUNNING", 10, printing_from_two));
        driver.report(partial(together({error_of_unit})));
        driver.report(partial(R"("gcode_state":"RUNNING","print_error":0)"));
        driver.report(partial(together({error_of_unit})));
        CHECK(runout_events(driver) == Events{R"(runout "ams_1"/2)", R"(runout "ams_1"/2)"});
        driver.report(partial(R"("gcode_state":"RUNNING","print_error":0)"));
        (void)driver.events();
        driver.report(partial(R"("gcode_state":"PAUSE","stg_cur":6)"));
        CHECK(driver.events() == Events{"print_paused"});
    }

    TEST_CASE(
        "an automatic change to another spool is an event with both trays, also when the error has ended") {
        Watched driver;
        driver.go_live(job("RUNNING", 10, printing_from_two));
        // 0700-2100-0003-0001: the old filament is purged.
        driver.report(partial(R"("hms":[{"attr":117448960,"code":196609}])"));
        CHECK(runout_events(driver) == Events{R"(runout "ams_1"/2)"});
        driver.report(partial(R"("hms":[],"ams":{"tray_now":"255","tray_tar":"3"})"));
        driver.report(partial(R"("hms":[{"attr":117448960,"code":196610}])")); // 0003-0002: it has changed
        driver.report(partial(R"("ams":{"tray_now":"3","tray_pre":"3"})"));
        driver.report(partial(R"("hms":[])"));
        CHECK(runout_events(driver) == Events{"changed ams_1_tray_2 > ams_1_tray_4"});
        // A later colour change is not a filament change.
        driver.report(partial(R"("ams":{"tray_now":"255"})"));
        driver.report(partial(R"("ams":{"tray_now":"0"})"));
        CHECK(runout_events(driver).empty());
    }

    TEST_CASE("a message that arrives after the change has both trays") {
        Watched driver;
        driver.go_live(job("RUNNING", 10, printing_from_two));
        driver.report(partial(R"("ams":{"tray_now":"255","tray_tar":"3"})"));
        driver.report(
            partial(R"("ams":{"tray_now":"3","tray_pre":"3"},"hms":[{"attr":117448960,"code":196610}])"));
        CHECK(runout_events(driver) == Events{R"(runout "ams_1"/2)", "changed ams_1_tray_2 > ams_1_tray_4"});
    }

    TEST_CASE("the same tray refilled is not a change") {
        Watched driver;
        driver.go_live(job("RUNNING", 10, printing_from_two));
        driver.report(partial(together({error_of_unit, R"("ams":{"tray_now":"255"})"})));
        driver.report(partial(R"("gcode_state":"RUNNING","print_error":0)"));
        driver.report(partial(R"("ams":{"tray_now":"1"})"));
        driver.report(partial(R"("ams":{"tray_now":"0"})"));
        CHECK(runout_events(driver) == Events{R"(runout "ams_1"/2)"});
    }

    TEST_CASE("a restart during a runout repeats nothing and misses no change") {
        Watched driver;
        driver.go_live(job("RUNNING", 10, printing_from_two));
        driver.report(partial(together({error_of_unit, error_of_slot, wants_slot_three})));
        CHECK(runout_events(driver).size() == 1);
        const auto report = job("PAUSE", 10,
                                R"(,"print_error":117473297,"hms":[{"attr":117449216,"code":131073}],)"
                                R"("ams":{"ams":[{"id":"0"}],"tray_now":"255","tray_pre":"1"})");
        Watched next{restarted(driver)};
        next.go_live(report);
        CHECK(runout_events(next).empty());
        next.report(partial(R"("gcode_state":"RUNNING","print_error":0,"hms":[],"ams":{"tray_now":"2"})"));
        CHECK(runout_events(next) == Events{"changed ams_1_tray_2 > ams_1_tray_3"});
    }
}
