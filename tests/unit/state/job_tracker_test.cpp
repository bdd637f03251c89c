// Events: each exactly once, over restarts, lost connections and outages of the broker.
#include "unit/state/captures.hpp"
#include "unit/state/watched.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

using Events = std::vector<std::string>;

} // namespace

TEST_SUITE("state/job_tracker") {
    TEST_CASE("codes without a vendor text cause no events") {
        Watched driver;
        driver.go_live(job("RUNNING", 10, R"(,"print_error":0,"hms":[])"));
        driver.events();
        driver.report(partial(R"("hms":[{"attr":83887616,"code":131184}],"print_error":83918896)"));
        CHECK(driver.events().empty());
        driver.report(partial(R"("hms":[{"attr":83887616,"code":131184},{"attr":50331904,"code":65539}])"));
        CHECK(driver.events() == Events{"hms_error:0300-0100-0001-0003"});
        driver.report(partial(R"("hms":[],"print_error":0)"));
        CHECK(driver.events() == Events{"hms_error_cleared:0300-0100-0001-0003"});
    }

    TEST_CASE("a state that held before the first report causes no event") {
        Watched driver;
        driver.go_live(job("RUNNING", 50,
                           R"(,"print_error":50364437,"stg_cur":6,"hms":[{"attr":50331904,"code":65539}])"));
        driver.advance(10s);
        CHECK(driver.events().empty());
        driver.report(partial(R"("mc_percent":51)"));
        driver.advance(10s);
        CHECK(driver.events().empty());
    }

    TEST_CASE("a job from start to finish") {
        Watched driver;
        driver.go_live(job("FINISH", 100));
        driver.report(partial(job("PREPARE", 0)));
        CHECK(driver.events() == Events{"print_started"});
        driver.report(partial(job("RUNNING", 1)));
        CHECK(driver.events().empty());
        driver.report(partial(job("PAUSE", 20)));
        CHECK(driver.events() == Events{"print_paused"});
        driver.report(partial(job("RUNNING", 20)));
        CHECK(driver.events() == Events{"print_resumed"});
        for (int i = 0; i < 60; ++i) { // two hours of reports
            driver.advance(60s);
            driver.report(partial(job("RUNNING", 21 + i)));
        }
        driver.report(partial(job("FINISH", 99)));
        const auto event = driver.event();
        CHECK(event["event_type"] == "print_finished");
        CHECK(event["time"] == rfc3339(driver.now().wall));
        CHECK(event["task"] == "Boat");
        CHECK(event["file"] == "boat.gcode.3mf");
        CHECK(event["progress"] == 100);
        CHECK(event["duration"] == 60);
        CHECK(event["code"].is_null());
        CHECK(!event.contains("observed"));
        driver.forget_log();
        driver.advance(20s);
        CHECK(driver.events().empty());
        for (const auto& message : driver.log()) {
            CHECK((message.topic != "bambu2mqtt/p1/event" || !message.retain));
        }
    }

    TEST_CASE("cancelled, failed and finished are distinguished, whenever the code arrives") {
        const auto ending = [](const std::vector<std::string>& reports) {
            Watched driver;
            driver.go_live(job("IDLE"));
            driver.report(partial(job("RUNNING", 30)));
            (void)driver.events();
            for (const auto& report : reports) {
                driver.report(partial(report));
                driver.advance(1s);
            }
            driver.advance(5s);
            return driver.events();
        };
        CHECK(ending({job("FAILED", 30, R"(,"print_error":50348044)")}) ==
              Events{"print_canceled:0300-400C"});
        CHECK(ending({job("FAILED"), R"("print_error":83902478)"}) == Events{"print_canceled:0500-400E"});
        CHECK(ending({R"("print_error":50348044)", job("FAILED")}) == Events{"print_canceled:0300-400C"});
        CHECK(ending({job("FAILED")}) == Events{"print_failed"});
        CHECK(ending({R"("print_error":50364437)", job("FAILED")}) ==
              Events{"print_error:0300-8015", "filament_runout:0300-8015", "print_failed:0300-8015"});
        CHECK(ending({job("IDLE", 30), job("FAILED", 30, R"(,"print_error":50348044)")}) ==
              Events{"print_canceled:0300-400C"});
        CHECK(ending({job("IDLE", 30), job("FAILED", 30)}) == Events{"print_failed"});
        CHECK(
            ending({job("FAILED") + R"(,"print_error":50364437)", job("PREPARE") + R"(,"print_error":0)"}) ==
            Events{"print_error:0300-8015", "filament_runout:0300-8015", "print_failed:0300-8015",
                   "print_started", "print_error_cleared:0300-8015"});
        CHECK(ending({job("IDLE", 100), job("FINISH", 100)}) == Events{"print_finished"});
        CHECK(ending({job("IDLE", 30)}) == Events{"print_canceled"});
        CHECK(ending({job("RUNNING", 100), job("IDLE", 100)}) == Events{"print_finished"});
    }

    TEST_CASE("a failure waits three seconds for the code, and no longer") {
        Watched driver;
        driver.go_live(job("RUNNING"));
        driver.report(partial(job("FAILED")));
        driver.advance(2999ms);
        CHECK(driver.events().empty());
        driver.advance(1ms);
        CHECK(driver.events() == Events{"print_failed"});
        driver.report(partial(R"("print_error":50348044)"));
        driver.advance(5s);
        CHECK(driver.events().empty());
    }

    TEST_CASE("errors and HMS messages have one start and one end per code") {
        Watched driver;
        driver.go_live(job("RUNNING", 10, R"(,"print_error":0,"hms":[])"));
        driver.report(partial(R"("print_error":50364437)"));
        driver.report(partial(R"("mc_percent":11)"));
        CHECK(driver.events() == Events{"print_error:0300-8015", "filament_runout:0300-8015"});
        driver.report(partial(R"("print_error":83918878)"));
        CHECK(driver.events() == Events{"print_error:0500-801E"});
        driver.report(partial(R"("print_error":0)"));
        CHECK(driver.events() == Events{"print_error_cleared:0500-801E"});
        driver.report(partial(R"("print_error":1)")); // a status, not an error
        CHECK(driver.events().empty());
        driver.report(partial(R"("hms":[{"attr":50331904,"code":65539},{"attr":117440768,"code":131073}])"));
        CHECK(driver.events() == Events{"hms_error:0300-0100-0001-0003", "hms_error:0700-0100-0002-0001"});
        driver.report(partial(R"("hms":[{"attr":117440768,"code":131073}])"));
        CHECK(driver.events() == Events{"hms_error_cleared:0300-0100-0001-0003"});
        driver.report(
            partial(R"("hms":[{"attr":117440768,"code":131073},{"attr":117440768,"code":393217}])"));
        CHECK(driver.events().empty()); // severity 6 comes and goes by itself
    }

    TEST_CASE("the printer goes offline and online, and a restart of the gateway causes neither") {
        Watched driver;
        driver.go_live();
        driver.advance(2s);
        CHECK(driver.events().empty()); // the first report is the starting point
        driver.printer_down();
        driver.advance(2s);
        CHECK(driver.events() == Events{"printer_offline"});
        driver.go_live();
        CHECK(driver.events() == Events{"printer_online"});

        Watched again{restarted(driver)};
        again.go_live();
        CHECK(again.events().empty());
        Watched off{restarted(again)};
        off.printer_down(LinkFailure::unreachable);
        CHECK(off.events() == Events{"printer_offline"});
    }

    TEST_CASE("missed events are published late, and once") {
        const auto after = [](const std::string& before, const std::string& then) {
            Watched driver;
            driver.go_live(job("IDLE"));
            driver.report(partial(before));
            driver.advance(5s);
            Watched next{restarted(driver)};
            next.advance(1h);
            next.go_live(then);
            next.advance(5s);
            auto events = next.events();
            next.report(full(then));
            next.advance(5s);
            CHECK(next.events().empty());
            return events;
        };
        CHECK(after(job("RUNNING", 50), job("RUNNING", 60)).empty());
        CHECK(after(job("RUNNING", 50), job("FINISH", 100)) == Events{"print_finished (late)"});
        CHECK(after(job("RUNNING", 50), job("FAILED", 50, R"(,"print_error":50348044)")) ==
              Events{"print_canceled:0300-400C (late)"});
        CHECK(after(job("RUNNING", 50), job("FAILED", 50)) == Events{"print_failed (late)"});
        CHECK(after(job("RUNNING", 50), job("IDLE", 50)) == Events{"print_canceled (late)"});
        CHECK(after(job("RUNNING", 50), job("PAUSE", 50)) == Events{"print_paused (late)"});
        CHECK(after(job("IDLE"), job("RUNNING", 50)) == Events{"print_started (late)"});
        CHECK(after(job("FINISH", 100), job("FINISH", 100)).empty());
        const std::string other =
            R"("gcode_state":"FINISH","mc_percent":100,"subtask_name":"Cup","task_id":"9")";
        CHECK(after(job("FINISH", 100), other) == Events{"print_finished (late)"});
        const std::string running =
            R"("gcode_state":"RUNNING","mc_percent":3,"subtask_name":"Cup","task_id":"9")";
        CHECK(after(job("RUNNING", 50), running) == Events{"print_canceled (late)", "print_started (late)"});
        // The same file again, sent over the network without ids.
        CHECK(after(R"("gcode_state":"RUNNING","mc_percent":90,"subtask_name":"Cup","task_id":"0")",
                    R"("gcode_state":"RUNNING","mc_percent":5,"subtask_name":"Cup","task_id":"0")") ==
              Events{"print_canceled (late)", "print_started (late)"});
    }

    TEST_CASE("a lost connection is handled like a restart") {
        Watched driver;
        driver.go_live(job("RUNNING", 50));
        driver.printer_down();
        driver.advance(1min);
        (void)driver.events();
        driver.printer_up();
        driver.report(full(job("FINISH", 100)));
        driver.advance(5s);
        CHECK(driver.events() == Events{"print_finished (late)", "printer_online"});
        driver.report(partial(job("RUNNING", 0)));
        CHECK(driver.events() == Events{"print_started"}); // observed when it happened
    }

    TEST_CASE("a broker outage delays events and loses none; unacknowledged ones are sent again") {
        Watched driver;
        driver.go_live(job("IDLE"));
        driver.broker_down();
        driver.report(partial(job("RUNNING")));
        driver.advance(1min);
        driver.report(partial(job("PAUSE")));
        CHECK(driver.events().empty());
        driver.broker_up();
        driver.advance(5s);
        CHECK(driver.events() == Events{"print_started", "print_paused"});
        driver.broker_down();
        driver.broker_up();
        driver.advance(5s);
        CHECK(driver.events().empty());

        driver.hold_acknowledgements();
        driver.report(partial(job("RUNNING")));
        CHECK(driver.events() == Events{"print_resumed"});
        driver.broker_down();
        driver.acknowledge_always();
        driver.broker_up();
        driver.advance(5s);
        CHECK(driver.events() == Events{"print_resumed"});
    }

    TEST_CASE("unacknowledged events survive a restart") {
        Watched driver;
        driver.go_live(job("IDLE"));
        driver.broker_down();
        driver.report(partial(job("RUNNING")));
        driver.advance(1s);
        REQUIRE(driver.saved()["events"].size() == 2); // on both of its topics
        Watched next{BridgeSetup{.saved = {driver.saved()}}};
        next.advance(5s);
        CHECK(next.sent("bambu2mqtt/p1/event/print_started") == next.sent("bambu2mqtt/p1/event"));
        CHECK(next.events() == Events{"print_started"});
    }

    TEST_CASE("invalid content of the state file is ignored") {
        for (const char* const job_tracker :
             {"null", "[]", "{}", R"({"status":7})", R"({"status":"running","job":[],"hms":{}})",
              R"({"status":"idle","hms":[1,null],"online":"x"})"}) {
            INFO(job_tracker);
            Watched driver{BridgeSetup{
                .saved = {Json{{"journal", Json::parse(job_tracker)},
                               {"events", Json::parse(R"([7,"x",{"topic":"../x","payload":"y"}])")}}}}};
            driver.go_live(job("IDLE"));
            CHECK(driver.bridge().session(0).save().size() > 0);
        }
    }

    TEST_CASE("a whole recorded print, restarted at every report, has the events of the undisturbed one") {
        const auto folder = captures();
        if (!folder) {
            return;
        }
        const auto text = text_of(*folder / "deltas/vena-bambino-P1S-print.jsonl");
        const auto messages = split_messages(text);
        const auto run = [&](std::size_t restart_every) {
            std::vector<std::string> types;
            auto driver = std::make_unique<Watched>();
            driver->printer_up();
            std::size_t count = 0;
            for (const auto& message : messages) {
                driver->report(std::string{message.text});
                driver->advance(2s);
                if (restart_every > 0 && ++count % restart_every == 0) {
                    for (auto& type : driver->events()) {
                        types.push_back(type.substr(0, type.find(' ')));
                    }
                    auto next = restarted(*driver);
                    const auto state = driver->bridge().session(0).printer().report_state().root();
                    driver = std::make_unique<Watched>(next);
                    driver->printer_up();
                    // The printer's answer to pushall at this moment, in its own format.
                    driver->report(full(R"("gcode_state":)" +
                                        state.value("gcode_state", Json("IDLE")).dump() +
                                        R"(,"mc_percent":)" + state.value("mc_percent", Json(0)).dump() +
                                        R"(,"subtask_name":)" + state.value("subtask_name", Json("")).dump() +
                                        R"(,"task_id":)" + state.value("task_id", Json("0")).dump() +
                                        R"(,"subtask_id":)" + state.value("subtask_id", Json("0")).dump() +
                                        R"(,"print_error":)" + state.value("print_error", Json(0)).dump() +
                                        R"(,"hms":)" + state.value("hms", Json::array()).dump() +
                                        R"(,"stg_cur":)" + state.value("stg_cur", Json(0)).dump()));
                }
            }
            driver->advance(10s);
            for (auto& type : driver->events()) {
                types.push_back(type.substr(0, type.find(' ')));
            }
            return types;
        };
        const auto undisturbed = run(0);
        CHECK(std::ranges::count(undisturbed, "print_started") == 1);
        CHECK(std::ranges::count(undisturbed, "print_finished") == 1);
        for (const std::size_t every : {1U, 7U, 50U}) {
            INFO("restarted every ", every, " reports");
            CHECK(run(every) == undisturbed);
        }
    }
}
