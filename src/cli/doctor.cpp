#include "cli/doctor.hpp"

#include "cli/local_service.hpp"
#include "cli/printer_places.hpp"
#include "cli/setup.hpp"
#include <bambu2mqtt/doctor/check.hpp>
#include <bambu2mqtt/io/disk/instance_files.hpp>
#include <bambu2mqtt/io/doctor/broker_checks.hpp>
#include <bambu2mqtt/io/doctor/printer_checks.hpp>
#include <bambu2mqtt/io/local/local_socket.hpp>
#include <bambu2mqtt/io/thread/services.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace bambu2mqtt {

namespace {

constexpr int exit_finding = 1;
constexpr int exit_unknown_printer = 2;

/// Prints checks and counts findings.
class CheckOutput {
  public:
    CheckOutput(std::ostream& output, bool json) : output_(output), json_(json) {}

    void take(const Check& check) {
        findings_ += check.fault ? 1 : 0;
        output_ << (json_ ? json_text(json_of(check)) + "\n" : line_of(check)) << std::flush;
    }

    [[nodiscard]] int findings() const { return findings_; }

  private:
    std::ostream& output_;
    bool json_;
    int findings_ = 0;
};

/// The configuration, with one check for each problem.
std::optional<Setup> check_configuration(const Options& options, std::ostream& diagnostics,
                                         const CheckSink& sink) {
    constexpr auto subject = "configuration";
    SetupFindings findings;
    auto setup = read_setup(options, findings);
    for (const auto& warning : findings.warnings) {
        diagnostics << "warning: " << warning << '\n';
    }
    for (const auto& problem : findings.problems) {
        sink(found(subject, "file", Fault::configuration_invalid, problem));
    }
    if (setup) {
        sink(passed(subject, "file", options.config.string()));
    }
    return setup;
}

/// The chosen printers of the configuration; nothing, with a message, for an unknown one.
std::optional<std::vector<const PrinterConfig*>> chosen_printers(const Config& config, const Options& options,
                                                                 std::ostream& diagnostics) {
    std::vector<const PrinterConfig*> chosen;
    for (const auto& wanted : options.printers) {
        chosen.push_back(find_printer(config, wanted));
        if (chosen.back() == nullptr) {
            diagnostics << fmt::format("no printer '{}' in {}; give its id, name or serial\n", wanted,
                                       options.config.string());
            return std::nullopt;
        }
    }
    if (options.printers.empty()) {
        for (const auto& printer : config.printers) {
            chosen.push_back(&printer);
        }
    }
    return chosen;
}

/// Host by serial: the configured one, else where the gateway last reached the printer, else the announced
/// one.
std::map<std::string, std::string>
hosts_of(const Config& config, const std::vector<const PrinterConfig*>& printers, std::ostream& diagnostics) {
    std::map<std::string, std::string> hosts;
    std::vector<std::string> unknown;
    for (const auto* const printer : printers) {
        auto& host = hosts[printer->serial];
        host = printer->host;
        if (host.empty() && follows_announcements(*printer)) {
            host = learned_address(config, *printer, diagnostics);
            if (host.empty()) {
                unknown.push_back(printer->serial);
            }
        }
    }
    for (const auto& [serial, address] : announced_addresses(unknown, diagnostics)) {
        hosts[serial] = address;
    }
    return hosts;
}

/// What the running gateway knows: no second session is opened.
void ask_gateway(const Config& config, const std::vector<const PrinterConfig*>& printers,
                 const CheckSink& sink) {
    constexpr auto subject = "gateway";
    const auto answer = ask_local_socket(gateway_socket(config.state_directory), doctor_request);
    if (!answer || answer->empty()) {
        sink(found(subject, "running", Fault::gateway_running,
                   answer ? "it does not answer" : answer.error().detail));
        return;
    }
    sink(passed(subject, "running", "its own sessions are used"));
    const auto is_of_another = [&](const Check& check) {
        return find_printer(config, check.subject) != nullptr &&
               std::ranges::find(printers, check.subject, [](const auto* printer) { return printer->id; }) ==
                   printers.end();
    };
    std::istringstream lines{*answer};
    for (std::string line; std::getline(lines, line);) {
        if (auto check = parse_check(line); check && !is_of_another(*check)) {
            sink(*std::move(check));
        }
    }
}

} // namespace

int run_doctor(const Options& options, std::ostream& output, std::ostream& diagnostics) {
    CheckOutput result{output, options.json};
    const CheckSink sink = [&](const Check& check) { result.take(check); };
    const auto setup = check_configuration(options, diagnostics, sink);
    if (!setup) {
        return exit_finding;
    }
    const auto& config = setup->config;
    const auto printers = chosen_printers(config, options, diagnostics);
    if (!printers) {
        return exit_unknown_printer;
    }
    if (check_instance(config.state_directory).running) {
        ask_gateway(config, *printers, sink);
        return result.findings() > 0 ? exit_finding : 0;
    }
    prepare_tls();
    LinkServices services{config.state_directory};
    for (std::size_t node = 0; node < config.broker.nodes(); ++node) {
        check_broker(config.broker.node(node), config.home_assistant, services, sink);
    }
    auto hosts = hosts_of(config, *printers, diagnostics);
    for (const auto* const printer : *printers) {
        check_printer({.config = *printer,
                       .host = hosts[printer->serial],
                       .commands = control_level(*printer, config.control) != ControlLevel::none},
                      services, sink);
    }
    return result.findings() > 0 ? exit_finding : 0;
}

} // namespace bambu2mqtt
