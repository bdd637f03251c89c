// bambu2mqtt-compare: the gateway and what people use instead side by side, each between simulated printers
// and a broker of its own, in one run. See scripts/compare.sh.

#include "compare/limits.hpp"
#include "compare/measurement.hpp"
#include "compare/starts.hpp"
#include "support/files.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace {

using namespace bambu2mqtt::compare;

struct CommandLine {
    RunOptions run{.contenders = {"bridge", "bambu2mqtt"}};
    std::string limits{};
    int starts = 0;
    bool json = false;
};

void declare(CLI::App& app, CommandLine& line) {
    auto& run = line.run;
    app.add_option("--program", run.program, "The gateway")->required()->check(CLI::ExistingFile);
    app.add_option("--node-red", run.node_red, "red.js of Node-RED")->check(CLI::ExistingFile);
    app.add_option("--printers", run.printers, "Printers of each contender")
        ->check(CLI::Range(1, 2000))
        ->capture_default_str();
    app.add_option("--rate", run.rate, "Reports a second of each printer")
        ->check(CLI::Range(0.01, 100.0))
        ->capture_default_str();
    app.add_option("--seconds", run.seconds, "How long is measured")
        ->check(CLI::Range(1.0, 100'000.0))
        ->capture_default_str();
    app.add_option("--warm-up", run.warm_up, "Seconds before that, once every printer was seen")
        ->capture_default_str();
    app.add_option("--contenders", run.contenders, "Who: bridge,node-red,bambu2mqtt")
        ->delimiter(',')
        ->check(CLI::IsMember({"bridge", "node-red", "bambu2mqtt"}))
        ->capture_default_str();
    app.add_flag("--idle", run.idle, "No reports while it is measured");
    app.add_option("--commands", run.commands, "Commands a second to bambu2mqtt, the last contender")
        ->capture_default_str();
    app.add_option(
        "--callgrind", run.callgrind,
        "Count the instructions of bambu2mqtt, the last contender; profiles are written to FILE.1 ...");
    app.add_option("--starts", line.starts, "Only measure so many starts of bambu2mqtt with known printers");
    app.add_option("--limits", line.limits, "Compare the figures with these limits")
        ->check(CLI::ExistingFile);
    app.add_flag("--json", line.json, "One JSON object instead of a table");
}

void measure_starts(const CommandLine& line) {
    const auto starts = measure_starts(line.run, line.starts);
    if (line.json) {
        fmt::print("{}\n", start_json(starts, line.run.printers));
    } else {
        fmt::print("{} printers, starts of bambu2mqtt:\n{}\n", line.run.printers, start_table(starts));
    }
}

/// Exit code.
int compare(const CommandLine& line) {
    const auto results = measure(line.run);
    fmt::print("{}\n", line.json ? json(results) : table(results));
    if (line.limits.empty()) {
        return 0;
    }
    const auto verdict = check_limits(results, line.limits);
    fmt::print("{}", verdict.text);
    return verdict.passed ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    CommandLine line;
    CLI::App app{"Compares the gateway with other ways to the same values"};
    declare(app, line);
    CLI11_PARSE(app, argc, argv);
    try {
        if (line.starts > 0) {
            measure_starts(line);
            return 0;
        }
        return compare(line);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
