// What a printer's reports say about signed commands, storage and clock.
#include <bambu2mqtt/doctor/report_checks.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace bambu2mqtt;
using namespace std::chrono_literals;

namespace {

/// The checks after one full report with these members of `print`.
std::vector<Check> checks_of(std::string_view members, ReportContext context = {.id = "a"}) {
    Printer printer{"01P00C000000001", std::nullopt, Rounding::plain};
    ReportParser parser;
    const auto message = R"({"print":{"command":"push_status","msg":0,)" + std::string{members} + R"(}})";
    REQUIRE(printer.take(message, parser, std::nullopt).has_value());
    return report_checks(printer, context);
}

} // namespace

TEST_CASE("Developer Mode is needed only where commands are allowed") {
    const std::string signs = R"("fun":"20000000")";
    CHECK(checks_of(signs)[0] == found("a", "signature", Fault::signature_needed));
    CHECK(checks_of(signs, {.id = "a", .commands = false})[0].skipped);
    CHECK(checks_of(R"("fun":"0")")[0] == passed("a", "signature", "Developer Mode is on"));
    CHECK(checks_of(R"("wifi_signal":"-40dBm")")[0].skipped);
    CHECK(checks_of(R"("hms":[{"attr":83887360,"code":65543}])")[0].fault == Fault::signature_needed);
}

TEST_CASE("storage is found missing, faulty or write-protected by its two bits") {
    CHECK(checks_of(R"("home_flag":0)")[1] == found("a", "storage", Fault::storage_missing));
    CHECK(checks_of(R"("home_flag":256)")[1] == passed("a", "storage", "normal"));
    CHECK(checks_of(R"("home_flag":512)")[1] == found("a", "storage", Fault::storage_faulty));
    CHECK(checks_of(R"("home_flag":768)")[1] == found("a", "storage", Fault::storage_read_only));
    CHECK(checks_of(R"("wifi_signal":"-40dBm")")[1].skipped);
}

TEST_CASE("a printer with internal storage needs no card") {
    CHECK(checks_of(R"("home_flag":0,"ipcam":{"tl_internal_free_kb":"5","tl_internal_total_kb":"9"})")[1] ==
          passed("a", "storage", "internal"));
}

TEST_CASE("the printer's clock may differ by five minutes") {
    const auto clock = [](std::optional<std::chrono::seconds> ahead) {
        return checks_of(R"("home_flag":256)", {.id = "a", .clock_ahead = ahead})[2];
    };
    CHECK(clock(300s) == passed("a", "clock", "300 s ahead"));
    CHECK(clock(-300s) == passed("a", "clock", "300 s behind"));
    CHECK(clock(301s) == found("a", "clock", Fault::printer_clock_wrong, "301 s ahead"));
    CHECK(clock(-561600s) == found("a", "clock", Fault::printer_clock_wrong, "561600 s behind"));
    CHECK(clock(std::nullopt).skipped);
}

TEST_CASE("the printer's time is t_utc in print or beside it, in milliseconds") {
    CHECK(printer_time(R"({"print":{"t_utc":1748882419147}})") == WallTime{1748882419s});
    CHECK(printer_time(R"({"print":{},"t_utc":"1748882419147"})") == WallTime{1748882419s});
    for (const auto* const none : {"{}", "[]", "x", R"({"t_utc":0})", R"({"t_utc":-1})", R"({"t_utc":[]})",
                                   R"({"t_utc":9223372036854775807})", R"({"print":[1]})"}) {
        CAPTURE(none);
        CHECK_FALSE(printer_time(none).has_value());
    }
}

TEST_CASE("a session that only looks asks for the modules and a full report") {
    const auto requests = report_requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0] == R"({"info":{"sequence_id":"1","command":"get_version"}})");
    CHECK(requests[1].find("pushall") != std::string::npos);
}
