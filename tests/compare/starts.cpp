#include "compare/starts.hpp"

#include "compare/contender.hpp"
#include "compare/feeder.hpp"
#include "simulator/gateway_config.hpp"
#include "support/files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace bambu2mqtt::compare {

namespace {

using namespace std::chrono_literals;

double milliseconds_between(Clock::time_point from, Clock::time_point until) {
    return std::chrono::duration<double, std::milli>(until - from).count();
}

Clock::time_point await(const Samples& samples, std::string_view what) {
    const auto deadline = Clock::now() + 120s;
    while (!samples.all_shown()) {
        if (Clock::now() >= deadline) {
            throw std::runtime_error{fmt::format("{} is missing two minutes after the start", what)};
        }
        std::this_thread::sleep_for(10ms);
    }
    return *samples.all_shown();
}

StartTimes measure_start(Contender& contender) {
    TopicIndex configs;
    TopicIndex availabilities;
    for (const auto& printer : contender.fleet().printers()) {
        configs.emplace(fmt::format("homeassistant/device/bambu2mqtt_{}/config", printer.serial),
                        configs.size());
        availabilities.emplace(fmt::format("bambu2mqtt/{}/availability", simulator::default_id(printer)),
                               availabilities.size());
    }
    Samples discovered{contender.options().printers};
    Samples online{contender.options().printers};
    const Listener configs_seen{contender.broker_port(), "homeassistant/#", discovered,
                                reader(std::move(configs), [](std::string_view payload) {
                                    return payload.empty() ? std::nullopt : std::optional<std::size_t>{1};
                                })};
    const Listener availabilities_seen{contender.broker_port(), "bambu2mqtt/+/availability", online,
                                       reader(std::move(availabilities), [](std::string_view payload) {
                                           return payload == "online" ? std::optional<std::size_t>{1}
                                                                      : std::nullopt;
                                       })};
    std::this_thread::sleep_for(1s); // retained messages of before arrive
    const auto from = contender.restart();
    const auto all_discovered = await(discovered, "a discovery message");
    const auto all_online = await(online, "a printer that is online");
    auto first = all_discovered;
    for (const auto& printer : discovered.all()) {
        for (const auto& sample : printer) {
            first = std::min(first, sample.shown.value_or(first));
        }
    }
    return {.first_discovery = milliseconds_between(from, first),
            .all_discovery = milliseconds_between(from, all_discovered),
            .all_online = milliseconds_between(from, all_online)};
}

} // namespace

std::vector<StartTimes> measure_starts(const RunOptions& options, int count) {
    const test_support::TemporaryDirectory directory;
    Contender contender{{.kind = Kind::gateway,
                         .printers = options.printers,
                         .directory = directory.path(),
                         .program = options.program}};
    Feeder feeder{{&contender}, options.rate};
    const auto deadline = Clock::now() + 180s;
    while (!contender.samples().all_shown()) {
        if (Clock::now() >= deadline) {
            throw std::runtime_error{"not every printer was seen within three minutes"};
        }
        feeder.run_until(Clock::now() + 500ms);
    }
    feeder.run_until(Clock::now() + 10s);
    std::vector<StartTimes> starts;
    for (int i = 0; i < count; ++i) {
        starts.push_back(measure_start(contender));
    }
    return starts;
}

std::string start_table(const std::vector<StartTimes>& starts) {
    std::string text =
        fmt::format("{:>20} {:>20} {:>20}\n", "first discovery ms", "all discovery ms", "all online ms");
    for (const auto& start : starts) {
        text += fmt::format("{:>20.0f} {:>20.0f} {:>20.0f}\n", start.first_discovery, start.all_discovery,
                            start.all_online);
    }
    return text;
}

std::string start_json(const std::vector<StartTimes>& starts, std::size_t printers) {
    nlohmann::ordered_json result{{"printers", printers}};
    result["starts"] = nlohmann::ordered_json::array();
    for (const auto& start : starts) {
        result["starts"].push_back({{"first_discovery_ms", start.first_discovery},
                                    {"all_discovery_ms", start.all_discovery},
                                    {"all_online_ms", start.all_online}});
    }
    return result.dump();
}

} // namespace bambu2mqtt::compare
