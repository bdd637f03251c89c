#include <bambu2mqtt/announce/templates.hpp>
#include <bambu2mqtt/app/commands.hpp>
#include <bambu2mqtt/app/config.hpp>
#include <bambu2mqtt/app/gateway.hpp>
#include <bambu2mqtt/app/logging.hpp>
#include <bambu2mqtt/app/process.hpp>
#include <bambu2mqtt/link/tls_probe.hpp>
#include <bambu2mqtt/link/trust_store.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <ostream>

namespace bambu2mqtt {

namespace {

constexpr int exit_failed = 1;
constexpr int exit_configuration = 2;

/// A configuration and the templates that go with it.
struct Setup {
    Config config{};
    Templates templates;
};

/// Reads both, telling every problem and warning of both; nothing when there is a problem.
std::optional<Setup> read_setup(const Options& options, std::ostream& diagnostics) {
    auto loaded = load_config(options.config);
    for (const auto& warning : loaded.warnings) {
        diagnostics << "warning: " << warning.to_string() << '\n';
    }
    for (const auto& problem : loaded.problems) {
        diagnostics << problem.to_string() << '\n';
    }
    std::vector<Error> problems;
    const auto& folder = loaded.config.home_assistant.templates;
    auto templates = folder.empty() ? Templates::built_in() : Templates::load(folder, problems);
    for (const auto& problem : problems) {
        diagnostics << problem.detail << '\n';
    }
    if (!loaded.problems.empty() || !problems.empty()) {
        return std::nullopt;
    }
    if (options.log_level) {
        loaded.config.log.level = *options.log_level;
    }
    return Setup{std::move(loaded.config), std::move(templates)};
}

const PrinterConfig* find_printer(const Config& config, const std::string& wanted) {
    const auto found = std::ranges::find_if(config.printers, [&](const PrinterConfig& printer) {
        return printer.id == wanted || printer.serial == wanted || printer.name == wanted;
    });
    return found == config.printers.end() ? nullptr : &*found;
}

} // namespace

int run_gateway(const Options& options, std::ostream& diagnostics) {
    const auto setup = read_setup(options, diagnostics);
    if (!setup) {
        return exit_configuration;
    }
    start_logging(setup->config.log);
    raise_open_files();
    prepare_tls();
    const StopSignals signals; // blocked before any thread exists

    Presence presence;
    if (const auto problem = Presence::take(setup->config.state_directory, presence)) {
        spdlog::error("{}", *problem);
        return exit_configuration;
    }
    Gateway gateway{setup->config, setup->templates, presence};
    spdlog::info("bambu2mqtt {} starting with {} printer(s)", BAMBU2MQTT_VERSION,
                 setup->config.printers.size());
    gateway.start();
    spdlog::info("stopping on {}", signals.wait());
    gateway.stop();
    return 0;
}

int run_check(const Options& options, std::ostream& output, std::ostream& diagnostics) {
    const auto setup = read_setup(options, diagnostics);
    if (!setup) {
        return exit_configuration;
    }
    output << fmt::format("{}: fine, {} printer(s)\n", options.config.string(),
                          setup->config.printers.size());
    return 0;
}

int run_pin(const Options& options, std::ostream& output, std::ostream& diagnostics) {
    const auto setup = read_setup(options, diagnostics);
    if (!setup) {
        return exit_configuration;
    }
    const auto* const printer = find_printer(setup->config, options.printer);
    if (printer == nullptr) {
        diagnostics << fmt::format("no printer '{}' in {}; give its id, name or serial\n", options.printer,
                                   options.config.string());
        return exit_configuration;
    }
    prepare_tls();
    const auto certificate =
        probe_certificate(printer->host, printer->mqtt_port, printer->serial, printer->ca_file);
    if (!certificate) {
        diagnostics << fmt::format("{} ({}:{}): {}\n", printer->id, printer->host, printer->mqtt_port,
                                   certificate.error().detail);
        return exit_failed;
    }
    output << fmt::format(
        "printer      {}\nnames        {}{}\nissuer       {}\nvalid until  {}\nSHA-256      {}\n",
        printer->id, certificate->common_name,
        certificate->common_name == printer->serial ? "" : "  (NOT the serial of this printer)",
        certificate->issuer, rfc3339(certificate->not_after), certificate->fingerprint);
    TrustStore store{setup->config.state_directory};
    if (const auto stored = store.put(printer->serial, certificate->pem); !stored) {
        diagnostics << stored.error().detail << '\n';
        return exit_failed;
    }
    output << "trusted from now on\n";
    return 0;
}

int run_health(const Options& options, std::ostream& output, std::ostream& diagnostics) {
    const auto loaded = load_config(options.config);
    if (!loaded.problems.empty()) {
        diagnostics << loaded.problems.front().to_string() << '\n';
        return exit_failed;
    }
    const auto fault = check_presence(loaded.config.state_directory);
    if (!fault.empty()) {
        diagnostics << fault << '\n';
        return exit_failed;
    }
    output << "healthy\n";
    return 0;
}

} // namespace bambu2mqtt
