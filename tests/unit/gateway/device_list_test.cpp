// bridge/devices: the list of all printers, published when something of it has changed.
#include "unit/gateway/live_driver.hpp"

#include <string>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

const std::string devices_topic = "bambu2mqtt/bridge/devices";

} // namespace

TEST_SUITE("gateway/device_list") {
    TEST_CASE("all printers are listed in the order of the configuration, also those without a session") {
        Live driver{idle + "," + one_ams, {.serials = {p1s, x1c}, .groups = {{"upstairs", "pla"}}}};
        const auto list = driver.json(devices_topic);
        REQUIRE(list.size() == 2);
        const auto& first = list[0];
        CHECK(first["id"] == "p1");
        CHECK(first["name"] == "P1S 0001");
        CHECK(first["serial"] == p1s);
        CHECK(first["model"] == "P1S");
        CHECK(first["host"] == "printer.lan");
        CHECK(first["firmware"] == "01.08.01.00");
        CHECK(first["connection"] == "connected");
        CHECK(first["groups"] == OrderedJson{"upstairs", "pla"});
        CHECK(list[1]["groups"] == OrderedJson::array());
        CHECK(first["area"].is_null());
        REQUIRE(first["capabilities"].is_array());
        REQUIRE(first["units"].size() == 1);
        CHECK(first["units"][0]["id"] == "ams_1");
        CHECK(first["units"][0]["trays"] == 4);
        CHECK(first["units"][0]["present"] == true);
        CHECK(list[1]["id"] == "p2");
        CHECK(list[1]["model"] == "X1C");
        CHECK(list[1]["connection"] == "connecting");
        CHECK(list[1]["firmware"].is_null());
        CHECK(list[1]["units"] == OrderedJson::array());
    }

    TEST_CASE("values and unchanged reports do not publish it again; connection and capabilities do") {
        Live driver;
        driver.report(full(idle));
        driver.report(partial(R"("nozzle_temper":99.0)"));
        driver.advance(20s);
        CHECK(driver.sent(devices_topic).empty());

        driver.report(partial(R"("lights_report":[{"node":"work_light","mode":"on"}])"));
        driver.advance(3s);
        REQUIRE(driver.sent(devices_topic).size() == 1);
        const auto capabilities = driver.json(devices_topic)[0]["capabilities"];
        CHECK(std::ranges::find(capabilities, OrderedJson("work_light")) != capabilities.end());

        driver.forget_log();
        driver.printer_down(LinkFailure::auth_refused, "refused");
        driver.advance(1s);
        REQUIRE_FALSE(driver.sent(devices_topic).empty());
        CHECK(driver.json(devices_topic)[0]["connection"] == "auth_refused");
    }

    TEST_CASE("a new broker session gets it again, with the state of that moment") {
        Live driver;
        driver.broker_down();
        driver.lose_store();
        driver.printer_down(LinkFailure::auth_refused, "refused");
        driver.broker_up();
        driver.advance(3s);
        REQUIRE(driver.json(devices_topic).size() == 1);
        CHECK(driver.json(devices_topic)[0]["connection"] == "auth_refused");
    }
}
