// Tests that take half a minute because of the gateway's timeouts.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;

TEST_CASE("slow: a printer that is silent because of a wrong serial is reported with a hint") {
    TestEnvironment env{{.models = {"X1C"}, .doors = bambu2mqtt::simulator::Doors::shared}};
    auto wrong = env.fleet().printers()[0];
    wrong.serial = "00M00S000000099";
    env.gateway().configure(env.config({.replace = {{0, wrong}}}));
    auto& observer = env.observe();
    env.gateway().start();
    const std::string topic = "bambu2mqtt/x1c_0099/connection";
    REQUIRE(observer.wait_for_latest(topic, "no_reports", test_timeout));
    CHECK(observer.wait_for_latest("bambu2mqtt/x1c_0099/availability", "offline", test_timeout));
    CHECK(eventually(test_timeout, [&] {
        const auto detail = nlohmann::json::parse(observer.latest(topic + "/attributes").value_or("{}"));
        return detail.value("hint", nlohmann::json()).dump().find("serial") != std::string::npos;
    }));
    CHECK(env.gateway().lines_with("no_reports") == 1);
}
