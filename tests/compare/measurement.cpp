#include "compare/measurement.hpp"

#include "compare/callgrind.hpp"
#include "compare/command_sender.hpp"
#include "compare/contender.hpp"
#include "compare/feeder.hpp"
#include "support/files.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

namespace bambu2mqtt::compare {

namespace {

using namespace std::chrono_literals;

using Contenders = std::vector<std::unique_ptr<Contender>>;

std::chrono::nanoseconds duration(double seconds) {
    return std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
}

Contenders start(const RunOptions& options, const std::filesystem::path& directory) {
    Contenders contenders;
    for (const auto& name : options.contenders) {
        const auto folder = directory / name;
        std::filesystem::create_directories(folder);
        contenders.push_back(std::make_unique<Contender>(ContenderOptions{
            .kind = kind_of(name),
            .printers = options.printers,
            .directory = folder,
            .program = options.program,
            .node_red = options.node_red,
            .run_inside = options.callgrind.empty() ? std::vector<std::string>{}
                                                    : callgrind_arguments(options.callgrind)}));
    }
    return contenders;
}

/// Reports until values of all printers of all contenders were shown.
void await_all(Feeder& feeder, const Contenders& contenders) {
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

/// What is measured of one contender, between begin() and end().
class Watch {
  public:
    explicit Watch(Contender& contender) : contender_(contender) {
        figures_.contender = contender.name();
        (void)contender.samples().take_messages();
        figures_.contender_us = -processor_time(contender.pid());
        figures_.broker_us = -processor_time(contender.broker_pid());
    }

    void first_minute() { figures_.first_minute = memory_of(contender_.pid()); }

    void end(double seconds) {
        figures_.contender_us += processor_time(contender_.pid());
        figures_.broker_us += processor_time(contender_.broker_pid());
        figures_.contender_share = figures_.contender_us / seconds;
        figures_.messages = static_cast<double>(contender_.samples().take_messages());
        figures_.memory = memory_of(contender_.pid());
    }

    /// When all messages in flight have arrived.
    [[nodiscard]] Figures figures(Clock::time_point from, Clock::time_point until) {
        add_delays(figures_, contender_.samples().all(), from, until);
        if (figures_.reports > 0) {
            const auto reports = static_cast<double>(figures_.reports);
            figures_.contender_us /= reports;
            figures_.broker_us /= reports;
            figures_.messages /= reports;
        }
        return figures_;
    }

  private:
    Contender& contender_;
    Figures figures_{};
};

/// Feeds, or not, until then.
void pass_time(Feeder& feeder, bool idle, Clock::time_point until) {
    if (idle) {
        feeder.rest_until(until);
    } else {
        feeder.run_until(until);
    }
}

} // namespace

Results measure(const RunOptions& options) {
    const test_support::TemporaryDirectory directory;
    const auto contenders = start(options, directory.path());
    std::vector<Contender*> fed;
    std::ranges::transform(contenders, std::back_inserter(fed), [](const auto& one) { return one.get(); });
    const auto started = Clock::now();
    Feeder feeder{fed, options.rate};
    await_all(feeder, contenders);
    Results results{.printers = options.printers, .rate = options.rate, .seconds = options.seconds};
    results.all_shown_seconds = std::chrono::duration<double>(Clock::now() - started).count();
    pass_time(feeder, options.idle, Clock::now() + duration(options.warm_up));

    std::optional<CommandSender> command_sender;
    if (options.commands > 0) {
        command_sender.emplace(*fed.back(), duration(1 / options.commands));
    }
    if (!options.callgrind.empty()) {
        callgrind_zero(fed.back()->pid());
    }
    feeder.forget_lateness();
    const auto from = Clock::now();
    const auto until = from + duration(options.seconds);
    const auto own = processor_time(getpid());
    std::vector<Watch> watches;
    for (auto* const contender : fed) {
        watches.emplace_back(*contender);
    }
    pass_time(feeder, options.idle, std::min(until, from + 60s));
    for (auto& watch : watches) {
        watch.first_minute();
    }
    pass_time(feeder, options.idle, until);
    results.own_share = (processor_time(getpid()) - own) / (options.seconds * 1e6);
    for (auto& watch : watches) {
        watch.end(options.seconds);
    }
    results.most_late_ms = std::chrono::duration<double, std::milli>(feeder.most_late()).count();
    if (!options.callgrind.empty()) {
        callgrind_dump(fed.back()->pid());
    }
    pass_time(feeder, options.idle, Clock::now() + 2s); // messages in flight
    for (auto& watch : watches) {
        results.rows.push_back(watch.figures(from, until));
    }
    if (command_sender) {
        Figures commands{.contender = "commands"};
        add_delays(commands, command_sender->samples().all(), from, until);
        results.commands = commands;
    }
    if (!options.callgrind.empty()) {
        results.instructions =
            callgrind_count(options.callgrind) / static_cast<double>(results.rows.back().reports);
    }
    return results;
}

} // namespace bambu2mqtt::compare
