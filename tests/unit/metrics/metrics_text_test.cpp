// The metrics: values from the state of the gateway, in Prometheus' text format.
#include "metrics/rows.hpp"
#include "unit/gateway/bridge_driver.hpp"
#include "unit/source_directory.hpp"
#include <bambu2mqtt/metrics/metrics_text.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

constexpr ProcessFigures a_process{.cpu_seconds = 1.5,
                                   .start_time = 1'769'850'000,
                                   .resident_bytes = 12'000'000,
                                   .open_files = 20,
                                   .open_files_limit = 1024};

std::string metrics_of(BridgeDriver& driver) {
    return metrics_text(driver.bridge(), a_process, driver.now());
}

/// The sample of a series, "name" or "name{labels}"; empty: it is missing.
std::string sample_of(const std::string& text, std::string_view series) {
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(series) && line.size() > series.size() && line[series.size()] == ' ') {
            return line.substr(series.size() + 1);
        }
    }
    return {};
}

std::string of_printer(std::string_view name, std::string_view model = "P1S") {
    return "bambu2mqtt_printer_" + std::string{name} + R"({id="p1",model=")" + std::string{model} + "\"}";
}

} // namespace

TEST_CASE("metrics show the state of printers and gateway") {
    BridgeDriver driver;
    driver.start();
    auto text = metrics_of(driver);
    CHECK(sample_of(text, "bambu2mqtt_broker_connected") == "0");
    CHECK(sample_of(text, "process_cpu_seconds_total") == "1.5");
    CHECK(sample_of(text, "process_resident_memory_bytes") == "12000000");
    CHECK(sample_of(text, of_printer("connected")) == "0");
    CHECK(sample_of(text, of_printer("session_seconds")) == "");
    CHECK(sample_of(text, of_printer("last_report_timestamp_seconds")) == "");
    CHECK(sample_of(text, of_printer("bed_temperature_celsius")) == "");

    driver.broker_up();
    driver.go_live();
    text = metrics_of(driver);
    CHECK(sample_of(text, "bambu2mqtt_broker_connected") == "1");
    CHECK(sample_of(text, of_printer("connected")) == "1");
    CHECK(sample_of(text, of_printer("connections_total")) == "1");
    CHECK(sample_of(text, of_printer("reports_total")) == "2");
    CHECK(sample_of(text, of_printer("session_seconds")) == "3");
    CHECK(sample_of(text, of_printer("printing")) == "0");

    driver.report(R"({"print":{"command":"push_status","msg":1,"gcode_state":"RUNNING","bed_temper":60.4,)"
                  R"("wifi_signal":"-45dBm"}})");
    text = metrics_of(driver);
    CHECK(sample_of(text, of_printer("reports_total")) == "3");
    CHECK(sample_of(text, of_printer("printing")) == "1");
    CHECK(sample_of(text, of_printer("bed_temperature_celsius")) == "60");
    CHECK(sample_of(text, of_printer("wifi_signal_dbm")) == "-45");

    driver.printer_down();
    CHECK(sample_of(metrics_of(driver), of_printer("connected")) == "0");
}

TEST_CASE("metrics count commands by their outcome, and losses of reports") {
    BridgeDriver driver;
    driver.start();
    driver.broker_up();
    driver.go_live();
    driver.command(R"({"command":"get_state"})");
    driver.command(R"({"command":"no_such_command"})");
    driver.command(R"({"command":"get_state","no_such_argument":1})");
    driver.give(0, ReportsLost{});
    const auto text = metrics_of(driver);
    CHECK(sample_of(text, of_printer("commands_succeeded_total")) == "1");
    CHECK(sample_of(text, of_printer("commands_failed_total")) == "2");
    CHECK(sample_of(text, of_printer("report_losses_total")) == "1");
}

TEST_CASE("each metric has one head, before its samples, and no other label than id and model") {
    BridgeDriver driver;
    driver.start();
    driver.broker_up();
    driver.go_live();
    std::istringstream lines{metrics_of(driver)};
    std::set<std::string> names;
    std::string current;
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        if (line.starts_with("# HELP ")) {
            current = line.substr(7, line.find(' ', 7) - 7);
            CHECK(names.insert(current).second);
        } else if (line.starts_with("# TYPE ")) {
            CHECK(line.substr(7, current.size()) == current);
            CHECK(line.ends_with(current.ends_with("_total") ? " counter" : " gauge"));
        } else {
            CHECK(line.starts_with(current));
            const auto rest = line.substr(current.size());
            CHECK((rest.starts_with(' ') || rest.starts_with(R"({id=")")));
            CHECK(std::count(rest.begin(), rest.end(), '=') <= 2);
        }
    }
    CHECK(names.size() > 20);
}

TEST_CASE("docs/monitoring.md lists all metrics") {
    std::ifstream file{source_directory() / "docs" / "monitoring.md"};
    const std::string page{std::istreambuf_iterator<char>{file}, {}};
    const auto check = [&](std::string_view name, MetricType type, std::string_view help) {
        const auto line = "| `" + std::string{name} + "` | " +
                          (type == MetricType::counter ? "counter" : "gauge") + " | " + std::string{help} +
                          " |\n";
        CHECK_MESSAGE(page.find(line) != std::string::npos, line);
    };
    for (const auto& row : process_metrics()) {
        check(row.name, row.type, row.help);
    }
    for (const auto& row : gateway_metrics()) {
        check(row.name, row.type, row.help);
    }
    for (const auto& row : session_metrics()) {
        check(row.name, row.type, row.help);
    }
    for (const auto& row : entity_metrics()) {
        check(row.name, MetricType::gauge, row.help);
    }
}
