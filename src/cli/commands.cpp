#include "cli/commands.hpp"

#include "cli/gateway.hpp"
#include "cli/logging.hpp"
#include "cli/setup.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/io/disk/instance_files.hpp>
#include <bambu2mqtt/io/disk/state_directory.hpp>
#include <bambu2mqtt/io/thread/services.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <memory>
#include <optional>
#include <ostream>
#include <vector>

namespace bambu2mqtt {

namespace {

constexpr int exit_failed = 1;
constexpr int exit_configuration = 2;

} // namespace

int run_gateway(const Options& options, std::ostream& diagnostics) {
    const auto setup = read_setup(options, diagnostics);
    if (!setup) {
        return exit_configuration;
    }
    const auto log_tap = std::make_shared<LogTap>();
    start_logging(setup->config.log, log_tap);
    raise_open_files();
    prepare_tls();
    const Signals signals; // blocked before any thread is created

    const auto instance_files = InstanceFiles::take(setup->config.state_directory);
    if (!instance_files) {
        spdlog::error("{}", instance_files.error().detail);
        return exit_failed; // the disk may work later, the other gateway may end
    }
    Gateway gateway{setup->config, setup->templates, *instance_files, *log_tap};
    spdlog::info("bambu2mqtt {} starting with {} printer(s)", BAMBU2MQTT_VERSION,
                 setup->config.printers.size());
    if (const auto started = gateway.start(); !started) {
        spdlog::error("{}", started.error().detail);
        return exit_failed;
    }
    auto signal = signals.wait();
    for (; signal == SIGHUP; signal = signals.wait()) {
        gateway.reload(
            [&](const std::optional<std::string>& managed) { return read_config(options, managed); });
    }
    spdlog::info("stopping on {}", signal_name(signal));
    gateway.stop();
    return 0;
}

int run_check(const Options& options, std::ostream& output, std::ostream& diagnostics) {
    const auto setup = read_setup(options, diagnostics);
    if (!setup) {
        return exit_configuration;
    }
    if (const auto why = why_not_writable(setup->config.state_directory); !why.empty()) {
        diagnostics << fmt::format("warning: state_directory: {}\n", why);
    }
    output << fmt::format("{}: fine, {} printer(s)\n", options.config.string(),
                          setup->config.printers.size());
    return 0;
}

int run_health(const Options& options, std::ostream& output, std::ostream& diagnostics) {
    const auto loaded = load_config(options.config);
    if (!loaded.problems.empty()) {
        diagnostics << loaded.problems.front().to_string() << '\n';
        return exit_failed;
    }
    const auto found = check_instance(loaded.config.state_directory);
    if (!found.fault.empty()) {
        diagnostics << found.fault << '\n';
        return exit_failed;
    }
    output << (found.internal_errors == 0
                   ? std::string{"healthy\n"}
                   : fmt::format("healthy, {} internal error(s) since the start, see the log\n",
                                 found.internal_errors));
    return 0;
}

} // namespace bambu2mqtt
