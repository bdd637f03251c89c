// What the running gateway knows, as checks of doctor.
#include "unit/gateway/bridge_driver.hpp"
#include <bambu2mqtt/doctor/gateway_checks.hpp>

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <string>
#include <utility>

using namespace bambu2mqtt;
using test::BridgeDriver;

TEST_CASE("a running gateway reports its sessions, and what the reports of connected printers say") {
    BridgeDriver driver;
    driver.start();
    auto checks = gateway_checks(driver.bridge());
    CHECK(checks.front().fault == Fault::broker_unreachable);
    REQUIRE(checks.size() >= 2);
    CHECK(checks[1] == skipped("p1", "session", "connecting"));

    driver.broker_up();
    driver.go_live();
    checks = gateway_checks(driver.bridge());
    REQUIRE(checks.size() >= 5);
    CHECK(checks[0] == passed("broker", "session"));
    CHECK(checks[1].name == "session");
    CHECK_FALSE(checks[1].fault.has_value());
    CHECK(checks[2].name == "signature");
    CHECK(checks[3].name == "storage");
    CHECK(checks[4].skipped);
    CHECK_FALSE(checks[2].detail.starts_with("allow is"));
}

TEST_CASE("a printer that takes no commands needs no signature, whatever the others take") {
    BridgeDriver driver{{.serials = {test::p1s, test::x1c}, .allow = {ControlLevel::none}}};
    driver.start();
    driver.broker_up();
    driver.go_live(test::idle, 0);
    driver.go_live(test::idle, 1);
    std::map<std::string, bool> takes_none;
    for (const auto& check : gateway_checks(driver.bridge())) {
        if (check.name == "signature") {
            takes_none[check.subject] = check.skipped && check.detail.starts_with("allow is \"none\"");
        }
    }
    CHECK(takes_none == std::map<std::string, bool>{{"p1", true}, {"p2", false}});
}

TEST_CASE("a running gateway's failed session is the finding that its failure means") {
    for (const auto& [failure, fault] :
         std::array{std::pair{LinkFailure::auth_refused, Fault::access_code_refused},
                    std::pair{LinkFailure::tls_untrusted, Fault::certificate_changed},
                    std::pair{LinkFailure::not_yet_valid, Fault::clock_behind},
                    std::pair{LinkFailure::expired, Fault::certificate_expired},
                    std::pair{LinkFailure::pin_unavailable, Fault::pin_unreadable},
                    std::pair{LinkFailure::unreachable, Fault::printer_unreachable}}) {
        BridgeDriver driver;
        driver.start();
        driver.broker_up();
        driver.printer_down(failure, "why");
        const auto checks = gateway_checks(driver.bridge());
        REQUIRE(checks.size() >= 2);
        CHECK(checks[1] == found("p1", "session", fault, "why"));
    }
}
