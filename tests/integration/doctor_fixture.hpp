#pragma once
// Shared by the tests of the command doctor: its findings in an environment, and configurations with a fault.

#include "integration/gateway_fixture.hpp"
#include "support/ports.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace bambu2mqtt::gateway_test {

/// A run of doctor.
struct DoctorRun {
    int exit_code = -1;
    std::multiset<std::string> findings{}; ///< "SUBJECT FINDING"
    std::vector<nlohmann::json> checks{};
    std::string text{}; ///< its whole output

    /// The result of a check: "ok", "finding", "skipped"; empty if it was left out.
    [[nodiscard]] std::string result(const std::string& subject, const std::string& name) const {
        for (const auto& check : checks) {
            if (check["subject"] == subject && check["check"] == name) {
                return check["result"];
            }
        }
        return {};
    }
};

/// Runs doctor with the environment's configuration file.
inline DoctorRun run_doctor(TestEnvironment& env, std::vector<std::string> printers = {}) {
    printers.insert(printers.begin(), {"doctor", "--json"});
    const auto result = env.gateway().command_request(std::move(printers));
    DoctorRun run{.exit_code = result.exit_code, .text = result.output + result.errors};
    std::istringstream lines{result.output};
    for (std::string line; std::getline(lines, line);) {
        run.checks.push_back(nlohmann::json::parse(line));
        const auto& check = run.checks.back();
        if (check.contains("finding")) {
            run.findings.insert(check["subject"].get<std::string>() + " " +
                                check["finding"].get<std::string>());
        }
    }
    return run;
}

/// Checks that doctor finds this and nothing else.
inline void check_finding(TestEnvironment& env, const std::string& finding) {
    const auto run = run_doctor(env);
    CAPTURE(finding);
    CHECK_MESSAGE(run.findings == std::multiset<std::string>{finding}, run.text);
    CHECK(run.exit_code == 1);
}

/// The printer, with its MQTT port also for files: doctor only opens it.
inline simulator::FleetPrinter with_file_port(TestEnvironment& env, std::size_t index = 0) {
    auto printer = env.fleet().printers()[index];
    printer.ftps_port = printer.port;
    return printer;
}

} // namespace bambu2mqtt::gateway_test
