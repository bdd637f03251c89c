// bambu2mqtt-soak: the gateway between a real broker and simulated printers that all go down and come back,
// for a given time; its resource use is recorded, and must not grow.

#include "soak/soak_environment.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <random>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using bambu2mqtt::soak::Needs;
using bambu2mqtt::soak::SoakEnvironment;
using Clock = std::chrono::steady_clock;

constexpr long most_growth_kb = 1024;

struct CommandLine {
    std::string gateway{};
    double minutes = 30;
    int printers = 10;
    int sample_seconds = 10;
};

/// A recurring moment at random intervals.
class Recurring {
  public:
    Recurring(std::chrono::milliseconds low, std::chrono::milliseconds high) : low_{low}, high_{high} {}

    /// True if it has come.
    bool due(std::minstd_rand& random) {
        const auto now = Clock::now();
        const bool is = next_ && now >= *next_;
        if (is || !next_)
            next_ = now + std::chrono::milliseconds{std::uniform_int_distribution<std::int64_t>{
                              low_.count(), high_.count()}(random)};
        return is;
    }

  private:
    std::chrono::milliseconds low_;
    std::chrono::milliseconds high_;
    std::optional<Clock::time_point> next_{};
};

void print_head() {
    fmt::print("{:>7} {:>12} {:>12} {:>11} {:>8} {:>10} {:>9} {:>9} {:>9}\n", "seconds", "resident kB",
               "anonymous kB", "descriptors", "threads", "connected", "restarts", "commands", "outcomes");
}

void print_row(Clock::time_point begin, const Needs& needs, SoakEnvironment& soak_environment,
               const char* remark) {
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begin);
    fmt::print("{:7} {:12} {:12} {:11} {:8} {:10} {:9} {:9} {:9} {}\n", passed.count(), needs.resident_kb,
               needs.anonymous_kb, needs.descriptors, needs.threads, soak_environment.connected(),
               soak_environment.counts().restarts, soak_environment.counts().commands,
               soak_environment.counts().outcomes, remark);
    std::fflush(stdout);
}

/// Disturbs the environment until `end`.
void churn(SoakEnvironment& soak_environment, std::minstd_rand& random, Clock::time_point begin,
           Clock::time_point end, int sample_seconds) {
    Recurring printer{500ms, 2'000ms};
    Recurring broker{40s, 80s};
    Recurring command{200ms, 1'000ms};
    Recurring home_assistant{60s, 120s};
    Recurring sample{std::chrono::seconds{sample_seconds}, std::chrono::seconds{sample_seconds}};
    while (Clock::now() < end) {
        soak_environment.settle();
        if (printer.due(random))
            soak_environment.disturb_a_printer(random);
        if (broker.due(random))
            soak_environment.restart_broker(random);
        if (command.due(random))
            soak_environment.send_a_command(random);
        if (home_assistant.due(random))
            soak_environment.start_home_assistant();
        if (sample.due(random))
            print_row(begin, soak_environment.needs(), soak_environment, "");
        std::this_thread::sleep_for(50ms);
    }
}

/// Waits until nothing is disturbed and measures the resources then.
Needs at_rest(SoakEnvironment& soak_environment, Clock::time_point begin, const char* remark) {
    if (!soak_environment.calm_down(120s))
        throw std::runtime_error{"not all printers came back within two minutes"};
    const auto needs = soak_environment.needs();
    print_row(begin, needs, soak_environment, remark);
    return needs;
}

int run(const CommandLine& line) {
    SoakEnvironment soak_environment{line.gateway, line.printers};
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double, std::ratio<60>>{line.minutes});
    const auto warm = begin + std::min<Clock::duration>(5min, (end - begin) / 2);
    std::minstd_rand random{1};
    print_head();
    churn(soak_environment, random, begin, warm, line.sample_seconds);
    const auto before = at_rest(soak_environment, begin, "at rest");
    churn(soak_environment, random, begin, end, line.sample_seconds);
    const auto after = at_rest(soak_environment, begin, "at rest");

    const long growth = after.resident_kb - before.resident_kb;
    const bool flat =
        growth < most_growth_kb && after.descriptors <= before.descriptors && after.threads <= before.threads;
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(Clock::now() - warm);
    const auto& counts = soak_environment.counts();
    fmt::print("\n{} after the first {} min: in {} min resident memory {} -> {} kB ({:+} kB), descriptors {} "
               "-> {}, threads {} -> {}\n",
               flat ? "flat" : "GROWN",
               std::chrono::duration_cast<std::chrono::minutes>(warm - begin).count(), minutes.count(),
               before.resident_kb, after.resident_kb, growth, before.descriptors, after.descriptors,
               before.threads, after.threads);
    fmt::print("{} printers, {} times disturbed, {} of them another address; broker restarted {} times; {} "
               "commands, {} outcomes\n",
               line.printers, counts.restarts, counts.moves, counts.broker_restarts, counts.commands,
               counts.outcomes);
    return soak_environment.stop() == 0 && flat ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) {
    CommandLine line;
    CLI::App app{"Watches what the gateway needs while printers, broker and Home Assistant come and go"};
    app.add_option("--gateway", line.gateway, "The program")->required()->check(CLI::ExistingFile);
    app.add_option("--minutes", line.minutes, "How long")
        ->check(CLI::Range(0.5, 100'000.0))
        ->capture_default_str();
    app.add_option("--printers", line.printers, "How many printers")
        ->check(CLI::Range(1, 200))
        ->capture_default_str();
    app.add_option("--sample", line.sample_seconds, "Seconds between two lines of the table")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        return run(line);
    } catch (const std::exception& error) {
        fmt::print(stderr, "bambu2mqtt-soak: {}\n", error.what());
        return EXIT_FAILURE;
    }
}
