#include <bambu2mqtt/announce/templates.hpp>
#include <bambu2mqtt/app/commands.hpp>
#include <bambu2mqtt/app/config.hpp>
#include <bambu2mqtt/app/gateway.hpp>
#include <bambu2mqtt/app/logging.hpp>
#include <bambu2mqtt/app/process.hpp>
#include <bambu2mqtt/app/state_files.hpp>
#include <bambu2mqtt/link/ssdp_search.hpp>
#include <bambu2mqtt/link/tls_probe.hpp>
#include <bambu2mqtt/link/trust_store.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

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

/// Where the gateway found the printer when that was not its configured host; empty: nowhere.
std::string learned_address(const Config& config, const PrinterConfig& printer, std::ostream& diagnostics) {
    const StateFiles files{config.state_directory,
                           [&](const std::string& text) { diagnostics << text << '\n'; }};
    const auto saved = files.load(printer.serial);
    const bool has_one = saved.is_object() && saved.contains("address") && saved["address"].is_string();
    return has_one ? host_address(saved["address"].get<std::string>()).value_or("") : std::string{};
}

/// Waits for the printer's announcement; empty when none comes.
std::string announced_address(const PrinterConfig& printer, std::ostream& diagnostics) {
    diagnostics << fmt::format("host is not set: listening for the printer's announcement for {} s\n",
                               every_printer_announced.count());
    std::string address;
    search_printers(
        ssdp_doors(), std::chrono::steady_clock::now() + every_printer_announced,
        [&](const PrinterNotice& heard) {
            address = heard.serial == printer.serial ? heard.address : address;
            return address.empty();
        },
        [&](const std::string& text) { diagnostics << text << '\n'; });
    return address;
}

/// Where to look for a printer, in this order; nothing when it is not to be found.
std::vector<std::string> places_of(const Config& config, const PrinterConfig& printer,
                                   std::ostream& diagnostics) {
    std::vector<std::string> places{printer.host};
    if (follows_announcements(printer)) {
        places.push_back(learned_address(config, printer, diagnostics));
    }
    std::erase(places, std::string{});
    if (places.empty()) {
        places.push_back(announced_address(printer, diagnostics));
    }
    std::erase(places, std::string{});
    return places;
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
        spdlog::error("{}", problem->detail);
        return exit_failed; // the disk may be mended or mounted later, the other gateway may end
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
    Result<PeerCertificate> certificate{Error{}};
    const auto places = places_of(setup->config, *printer, diagnostics);
    for (const auto& host : places) {
        certificate = probe_certificate(host, printer->mqtt_port, printer->serial, printer->ca_file);
        if (certificate) {
            break;
        }
        diagnostics << fmt::format("{} ({}:{}): {}\n", printer->id, host, printer->mqtt_port,
                                   certificate.error().detail);
    }
    if (!certificate) {
        if (places.empty()) {
            diagnostics << fmt::format("{}: host is not set, and the printer has not announced itself\n",
                                       printer->id);
        }
        return exit_failed;
    }
    output << fmt::format(
        "printer      {}\nnames        {}{}\nissuer       {}\nvalid until  {}\nSHA-256      {}\n",
        printer->id, certificate->common_name,
        certificate->common_name == printer->serial ? "" : "  (NOT the serial of this printer)",
        certificate->issuer, rfc3339(certificate->not_after), certificate->fingerprint);
    if (printer->tls != TlsMode::pin) {
        diagnostics << fmt::format("{}: not stored: tls is \"{}\", and only \"pin\" trusts a certificate by "
                                   "itself\n",
                                   printer->id, printer->tls == TlsMode::ca ? "ca" : "insecure");
        return exit_failed;
    }
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
    const auto found = check_presence(loaded.config.state_directory);
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
