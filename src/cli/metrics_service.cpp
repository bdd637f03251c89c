#include "cli/metrics_service.hpp"

#include <bambu2mqtt/base/address.hpp>
#include <bambu2mqtt/io/disk/instance_files.hpp>
#include <bambu2mqtt/metrics/metrics_text.hpp>

#include <fmt/format.h>

#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <string>
#include <utility>

namespace bambu2mqtt {

namespace {

/// When the program was loaded, in Unix time by the clock of that moment.
const double process_started_at =
    std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

ProcessFigures process_figures() {
    Health process;
    read_process(process);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return {.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
            .start_time = process_started_at,
            .resident_bytes = static_cast<std::uint64_t>(std::llround(process.resident_memory_mb * 1e6)),
            .open_files = static_cast<std::uint64_t>(process.open_files),
            .open_files_limit = static_cast<std::uint64_t>(process.open_files_limit)};
}

} // namespace

expected<void, Error> MetricsService::start(const MetricsConfig& config) {
    const auto address = read_listen_address(config.listen);
    if (!address) { // empty: the configuration was checked
        return {};
    }
    auto server =
        HttpServer::listen(*address, [this](std::string_view path) { return exchange_.answer(path); });
    if (!server) {
        return failure(server.error().problem, fmt::format("metrics.listen: {}", server.error().detail));
    }
    server_ = *std::move(server);
    config_ = config;
    return {};
}

expected<void, Error> MetricsService::restart(const MetricsConfig& config) {
    if (config == config_) {
        return {};
    }
    server_.reset(); // another address may have the same port
    const auto former = std::exchange(config_, {});
    auto started = start(config);
    if (!started) {
        (void)start(former);
    }
    return started;
}

void MetricsService::serve(const Bridge& bridge, Now now) {
    if (exchange_.take_request()) {
        exchange_.provide({.text = metrics_text(bridge, process_figures(), now), .ready = ready(bridge)});
    }
}

bool MetricsService::ready(const Bridge& bridge) {
    announced_ = announced_ || (bridge.broker_up() && !bridge.announces());
    return announced_ && bridge.broker_up();
}

} // namespace bambu2mqtt
