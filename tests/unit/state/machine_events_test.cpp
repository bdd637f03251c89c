// Events around a job: first layer, bed, drying; and the second topic of all events.
#include "unit/state/watched.hpp"

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

using Types = std::vector<std::string>;

std::string ams_that_dries(int minutes) {
    return R"("ams":{"ams":[{"id":"0","info":"2003","dry_time":)" + std::to_string(minutes) +
           R"(,"tray":[{"id":"0"}]}],"ams_exist_bits":"1","tray_exist_bits":"0"})";
}

std::string at_layer(int layer, int total = 10) {
    return R"("layer_num":)" + std::to_string(layer) + R"(,"total_layer_num":)" + std::to_string(total);
}

} // namespace

TEST_SUITE("state/machine_events") {
    TEST_CASE("the first layer is done once per job") {
        Watched driver;
        driver.go_live(job("FINISH", 100, "," + at_layer(50, 50)));
        driver.report(partial(job("PREPARE", 0)));
        driver.report(partial(job("RUNNING", 0, "," + at_layer(0))));
        driver.report(partial(at_layer(1)));
        CHECK(driver.events() == Types{"print_started"});
        driver.report(partial(at_layer(2)));
        CHECK(driver.events() == Types{"first_layer_done"});
        driver.report(partial(at_layer(3)));
        driver.report(partial(job("PAUSE", 20)));
        driver.report(partial(job("RUNNING", 20)));
        CHECK(driver.events() == Types{"print_paused", "print_resumed"});
        driver.report(partial(job("FINISH", 100, "," + at_layer(10))));
        CHECK(driver.events() == Types{"print_finished"});
    }

    TEST_CASE("a job of one layer, one cancelled in it, one already beyond it") {
        Watched driver;
        driver.go_live(job("RUNNING", 40, "," + at_layer(7)));
        driver.report(partial(at_layer(8)));
        CHECK(driver.events().empty());
        driver.report(partial(job("FINISH", 100)));
        (void)driver.events();
        driver.report(partial(job("RUNNING", 0, "," + at_layer(1, 1))));
        driver.report(partial(job("FINISH", 100)));
        CHECK(driver.events() == Types{"print_started", "print_finished", "first_layer_done"});
        driver.report(partial(job("RUNNING", 0, "," + at_layer(1))));
        driver.report(partial(job("FAILED", 1, R"(,"print_error":50348044)")));
        driver.advance(5s);
        CHECK(driver.events() == Types{"print_started", "print_canceled:0300-400C"});
    }

    TEST_CASE("the bed has cooled once after a job, also over a restart") {
        Watched driver;
        driver.go_live(job("RUNNING", 90, R"(,"bed_temper":60.0)"));
        driver.report(partial(job("FINISH", 100)));
        (void)driver.events();
        driver.report(partial(R"("bed_temper":35.0)"));
        CHECK(driver.events().empty());
        Watched next{restarted(driver)};
        next.go_live(job("FINISH", 100, R"(,"bed_temper":35.5)"));
        CHECK(next.events().empty());
        next.report(partial(R"("bed_temper":34.96875)"));
        CHECK(next.events() == Types{"bed_cooled"});
        next.report(partial(R"("bed_temper":36.0)"));
        next.report(partial(R"("bed_temper":30.0)"));
        CHECK(next.events().empty()); // no job in between
        next.report(partial(job("RUNNING", 0)));
        next.report(partial(job("FINISH", 100))); // the bed stayed cold
        next.report(partial(R"("bed_temper":29.0)"));
        CHECK(next.events() == Types{"print_started", "print_finished"});
    }

    TEST_CASE("the next job starts before the bed is cool") {
        Watched driver;
        driver.go_live(job("RUNNING", 90, R"(,"device":{"bed":{"info":{"temp":3932220}}})"));
        driver.report(partial(job("FINISH", 100)));
        driver.report(partial(job("PREPARE", 100, R"(,"device":{"bed":{"info":{"temp":30}}})")));
        CHECK(driver.events() == Types{"print_finished", "print_started"});
    }

    TEST_CASE("drying that reaches its end is an event, drying that is stopped is not") {
        Watched driver;
        driver.go_live(job("IDLE", 0, "," + ams_that_dries(60)));
        driver.advance(57min);
        driver.report(partial(ams_that_dries(3)));
        driver.advance(3min);
        driver.report(partial(ams_that_dries(0)));
        const auto sent = driver.sent("bambu2mqtt/p1/event/drying_finished");
        REQUIRE(sent.size() == 1);
        CHECK(Json::parse(sent[0])["unit"] == "ams_1");
        (void)driver.events();
        driver.report(partial(ams_that_dries(0)));
        driver.report(partial(ams_that_dries(480)));
        driver.advance(10min);
        driver.report(partial(ams_that_dries(0)));
        CHECK(driver.sent("bambu2mqtt/p1/event/drying_finished").empty());
    }

    TEST_CASE("drying that ended while disconnected is published late") {
        Watched driver;
        driver.go_live(job("IDLE", 0, "," + ams_that_dries(60)));
        Watched next{restarted(driver)};
        next.advance(2h);
        next.go_live(job("IDLE", 0, "," + ams_that_dries(0)));
        CHECK(next.events() == Types{"drying_finished (late)"});
    }

    TEST_CASE("each event is also published on the topic of its type, with the same payload") {
        Watched driver;
        driver.go_live(job("IDLE"));
        driver.report(partial(job("RUNNING")));
        driver.report(partial(job("PAUSE")));
        const auto all = driver.sent("bambu2mqtt/p1/event");
        REQUIRE(all.size() == 2);
        CHECK(driver.sent("bambu2mqtt/p1/event/print_started") == std::vector{all[0]});
        CHECK(driver.sent("bambu2mqtt/p1/event/print_paused") == std::vector{all[1]});
    }
}
