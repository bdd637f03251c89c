// Storage is missing in a full report, or after it was reported missing for a minute.
#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/state/storage_watch.hpp>

using namespace std::chrono_literals;

namespace bambu2mqtt::test {

namespace {

Now at(std::chrono::seconds passed) {
    return Now{.instant = Instant{} + passed, .wall = WallTime{} + passed};
}

} // namespace

TEST_CASE("storage bits that flap in partial reports change nothing") {
    FedPrinter p1p(Given{.model = Model::p1p});
    p1p.full("\"sdcard\":true,\"home_flag\":256", at(0s));
    CHECK(p1p["sdcard_status"] == "normal");
    for (int i = 1; i < 20; i += 2) {
        p1p.partial("\"home_flag\":0", at(i * 10s));
        CHECK(p1p["sdcard_status"] == "normal");
        p1p.partial("\"home_flag\":256", at((i + 1) * 10s));
        CHECK(p1p["sdcard_status"] == "normal");
    }
    p1p.partial("\"home_flag\":512", at(210s));
    CHECK(p1p["sdcard_status"] == "abnormal");
}

TEST_CASE("storage that stays missing for a minute is missing, by a report or by time alone") {
    FedPrinter p1p(Given{.model = Model::p1p});
    p1p.full("\"home_flag\":256", at(0s));
    p1p.partial("\"home_flag\":0", at(10s));
    p1p.partial("\"mc_percent\":1", at(69s));
    CHECK(p1p["sdcard_status"] == "normal");
    p1p.partial("\"mc_percent\":2", at(70s));
    CHECK(p1p["sdcard_status"] == "missing");
    p1p.partial("\"home_flag\":256", at(71s));
    CHECK(p1p["sdcard_status"] == "normal");

    p1p.partial("\"home_flag\":0", at(100s));
    p1p.tick(at(159s));
    CHECK(p1p["sdcard_status"] == "normal");
    p1p.tick(at(160s));
    CHECK(p1p["sdcard_status"] == "missing");
}

TEST_CASE("a full report counts immediately; without a clock only that counts") {
    FedPrinter p1s(Given{.model = Model::p1s});
    p1s.full("\"home_flag\":256", at(0s));
    p1s.full("\"home_flag\":0", at(1s));
    CHECK(p1s["sdcard_status"] == "missing");
    p1s.partial("\"home_flag\":0", at(2s));
    CHECK(p1s["sdcard_status"] == "missing");

    FedPrinter plain(Given{.model = Model::p1s});
    plain.full("\"sdcard\":true");
    plain.partial("\"sdcard\":false");
    CHECK(plain["sdcard_status"] == "normal");
    plain.full("\"sdcard\":false");
    CHECK(plain["sdcard_status"] == "missing");

    FedPrinter fresh(Given{.model = Model::x2d});
    fresh.full(R"("cfg":"0","fun":"0","stat":"0","aux":"1000")", at(0s));
    fresh.partial(R"("aux":"0")", at(1s));
    CHECK(fresh["sdcard_status"] == "normal");
}

} // namespace bambu2mqtt::test
