// bambu2mqtt-compare: the gateway and what people use instead side by side, each between simulated printers
// and a broker of its own, in one run.

#include "compare/contender.hpp"
#include "compare/feeder.hpp"
#include "compare/figures.hpp"
#include "support/files.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace bambu2mqtt::compare;
using namespace std::chrono_literals;

struct CommandLine {
    std::size_t printers = 1;
    double rate = 0.9;
    double seconds = 30;
    double warm_up = 10;
    std::vector<std::string> contenders{"bridge", "bambu2mqtt"};
    std::string program{};
    bool json = false;
};

void declare(CLI::App& app, CommandLine& line) {
    app.add_option("--program", line.program, "The gateway")->required()->check(CLI::ExistingFile);
    app.add_option("--printers", line.printers, "Printers of each contender")
        ->check(CLI::Range(1, 2000))
        ->capture_default_str();
    app.add_option("--rate", line.rate, "Reports a second of each printer")
        ->check(CLI::Range(0.01, 100.0))
        ->capture_default_str();
    app.add_option("--seconds", line.seconds, "How long is measured")->capture_default_str();
    app.add_option("--warm-up", line.warm_up, "Seconds before that, once every printer was seen")
        ->capture_default_str();
    app.add_option("--contenders", line.contenders, "Who: bridge,bambu2mqtt")
        ->delimiter(',')
        ->check(CLI::IsMember({"bridge", "bambu2mqtt"}))
        ->capture_default_str();
    app.add_flag("--json", line.json, "One JSON object instead of a table");
}

std::chrono::nanoseconds duration(double seconds) {
    return std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
}

/// Reports until values of all printers of all contenders were shown.
void await_all(Feeder& feeder, const std::vector<std::unique_ptr<Contender>>& contenders) {
    const auto deadline = Clock::now() + 180s;
    for (const auto& contender : contenders) {
        while (!contender->samples().all_shown()) {
            if (Clock::now() >= deadline) {
                throw std::runtime_error{
                    fmt::format("{}: not every printer was seen within three minutes", contender->name())};
            }
            feeder.run_until(Clock::now() + 500ms);
        }
    }
}

void run(const CommandLine& line) {
    const bambu2mqtt::test_support::TemporaryDirectory directory;
    std::vector<std::unique_ptr<Contender>> contenders;
    std::vector<Contender*> fed;
    for (const auto& name : line.contenders) {
        const auto folder = directory / name;
        std::filesystem::create_directories(folder);
        contenders.push_back(std::make_unique<Contender>(
            ContenderOptions{.kind = name == "bridge" ? Kind::bridge : Kind::gateway,
                             .printers = line.printers,
                             .directory = folder,
                             .program = line.program}));
        fed.push_back(contenders.back().get());
    }
    Feeder feeder{fed, line.rate};
    await_all(feeder, contenders);
    feeder.run_until(Clock::now() + duration(line.warm_up));

    const auto from = Clock::now();
    const auto own = processor_time(getpid());
    std::vector<Figures> rows;
    for (const auto& contender : contenders) {
        (void)contender->samples().take_messages();
        rows.push_back({.contender = std::string{contender->name()},
                        .contender_us = -processor_time(contender->pid()),
                        .broker_us = -processor_time(contender->broker_pid())});
    }
    feeder.run_until(from + duration(line.seconds));
    const auto until = Clock::now();
    const double share = (processor_time(getpid()) - own) / (line.seconds * 1e6);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].contender_us += processor_time(contenders[i]->pid());
        rows[i].broker_us += processor_time(contenders[i]->broker_pid());
        rows[i].messages = static_cast<double>(contenders[i]->samples().take_messages());
        rows[i].memory = memory_of(contenders[i]->pid());
    }
    feeder.run_until(until + 2s); // messages in flight
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto& row = rows[i];
        add_delays(row, contenders[i]->samples().all(), from, until);
        const auto reports = static_cast<double>(row.reports);
        row.contender_us /= reports;
        row.broker_us /= reports;
        row.messages /= reports;
    }
    if (line.json) {
        fmt::print("{}\n", json(rows, line.printers, line.rate, share));
        return;
    }
    fmt::print("{} printers x {} reports a second, {} s:\n{}feeder and subscribers: {:.1f} % of a processor, "
               "a report at "
               "most {:.1f} ms late\n\n",
               line.printers, line.rate, line.seconds, table(rows), share * 100,
               std::chrono::duration<double, std::milli>(feeder.most_late()).count());
}

} // namespace

int main(int argc, char** argv) {
    CommandLine line;
    CLI::App app{"Compares the gateway with other ways to the same values"};
    declare(app, line);
    CLI11_PARSE(app, argc, argv);
    try {
        run(line);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
    return 0;
}
