// bambu2mqtt-simulator: simulated printers from the command line, until a signal or a deadline ends them.

#include "simulator/gateway_config.hpp"
#include "simulator/orders.hpp"
#include "simulator/printer_fleet.hpp"
#include "support/files.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <signal.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace bambu2mqtt;

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

struct CommandLine {
    simulator::FleetOptions fleet{};
    double seconds_per_print = 300;
    double rate = 0;
    double duration = 0;
    bool shared_listener = false;
    bool signature_required = false;
    bool without_fun = false;
    double asked_print = 600;
    double filament_change = 20;
    double announce_every = 5;
    bool without_host = false;
    std::vector<std::string> orders{};
    std::filesystem::path config{};
    std::string broker = "mqtt://127.0.0.1:1883";
    std::uint16_t ftps_port = 0;
};

std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

void declare(CLI::App& app, CommandLine& line) {
    app.add_option("--printers", line.fleet.printers, "How many printers")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    app.add_option("--models", line.fleet.models, "Their models in turn: X1C,P1S,A1MINI,H2D,P2S,X2D")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option("--seconds-per-print", line.seconds_per_print,
                   "Duration of a print in seconds, repeated; 0: no prints")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--rate", line.rate, "Reports per second and printer; 0: as the model does")
        ->check(CLI::Range(0.0, 100.0));
    app.add_option("--replay", line.fleet.replays, "Play this file of JSON messages (several: in turn)")
        ->check(CLI::ExistingFile);
    app.add_option("--dir", line.fleet.directory,
                   "Where certificates, configuration and logs go; default: temporary");
    app.add_option("--write-config", line.config, "Write a configuration for the gateway to this file");
    app.add_option("--broker", line.broker, "The broker's URL in that configuration")->capture_default_str();
    app.add_option("--ftps-port", line.ftps_port, "The printers' FTPS port in that configuration");
    app.add_option("--duration", line.duration, "Stop after this many seconds; 0: on a signal")
        ->check(CLI::NonNegativeNumber);
    app.add_flag("--shared-listener", line.shared_listener, "One TLS port and access code for all printers");
    app.add_flag("--signature-required", line.signature_required,
                 "Developer Mode is off: print.* commands are refused");
    app.add_flag("--without-fun", line.without_fun, "Older firmware, which does not report its capabilities");
    app.add_option("--asked-print-seconds", line.asked_print, "Duration of a requested print in seconds")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--filament-seconds", line.filament_change, "Duration of loading or unloading in seconds")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--files-root", line.fleet.files_root,
                   "Print only files below this folder, the root of a file server; default: any")
        ->check(CLI::ExistingDirectory);
    app.add_flag("--with-files", line.fleet.file_servers,
                 "A file server (vsftpd, implicit TLS) for each printer, which prints the files on it");
    app.add_option("--announce-to", line.fleet.announce_to,
                   "UDP ports of 127.0.0.1 where the printers announce themselves (SSDP); default: nowhere")
        ->delimiter(',');
    app.add_option("--announce-every", line.announce_every, "Seconds between two announcements")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_flag("--without-host", line.without_host,
                 "Leave the printers' addresses out of that configuration: they announce themselves");
    app.add_option("--do", line.orders,
                   "An order to all printers at the start, as 'mute print.*'; several times")
        ->take_all();
    app.set_config("--options", "", "Read options from this file, as 'printers = 3'");
    app.footer([] {
        return "Orders, also by hand: mosquitto_pub -p PORT -t simulator/SERIAL/do -m ORDER, with the port "
               "that\n"
               "is printed at the start and SERIAL or all; the answer comes on simulator/SERIAL/done.\n\n" +
               simulator::order_help();
    });
}

sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

void wait_for_the_end(const sigset_t& signals, double seconds) {
    if (seconds <= 0) {
        int number = 0;
        sigwait(&signals, &number);
        return;
    }
    const auto whole = static_cast<std::time_t>(seconds);
    const timespec deadline{.tv_sec = whole,
                            .tv_nsec = static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
    sigtimedwait(&signals, nullptr, &deadline);
}

/// An order that is not understood ends the program.
void order_all(simulator::PrinterFleet& fleet, const std::string& order) {
    for (std::size_t index = 0; index < fleet.printers().size(); ++index) {
        const auto words = fleet.driver().order(index, order);
        if (words != "ok")
            throw std::runtime_error{"--do '" + order + "': " + words};
    }
}

void run(CommandLine& line, const sigset_t& signals) {
    std::optional<test_support::TemporaryDirectory> temporary;
    if (line.fleet.directory.empty())
        line.fleet.directory = temporary.emplace().path();
    line.fleet.directory = std::filesystem::absolute(line.fleet.directory);
    line.fleet.print_duration = milliseconds(line.seconds_per_print);
    if (line.rate > 0)
        line.fleet.report_interval = milliseconds(1 / line.rate);
    if (line.shared_listener)
        line.fleet.doors = simulator::Doors::shared;
    line.fleet.settings.developer_mode = !line.signature_required;
    line.fleet.settings.reports_fun = !line.without_fun;
    line.fleet.durations.print = milliseconds(line.asked_print);
    line.fleet.announce_every = milliseconds(line.announce_every);
    line.fleet.durations.filament_change = milliseconds(line.filament_change);
    if (line.fleet.file_servers && !test_support::Vsftpd::available()) {
        fmt::print(stderr,
                   "no file servers: vsftpd is not installed, or this user may not create namespaces\n");
        line.fleet.file_servers = false;
    }

    simulator::PrinterFleet fleet{line.fleet};
    for (const auto& order : line.orders)
        order_all(fleet, order);
    auto described = fleet.printers();
    for (auto& printer : described)
        printer.host = line.without_host ? "" : printer.host;
    if (!line.config.empty())
        test_support::write_file(line.config,
                                 simulator::gateway_config(described, {.broker_url = line.broker,
                                                                       .directory = line.fleet.directory,
                                                                       .doors = line.fleet.doors,
                                                                       .ftps_port = line.ftps_port,
                                                                       .write_ids = true}));
    if (line.fleet.file_servers)
        fmt::print("files: {}\n", fleet.file_server(0).storage().string());
    fmt::print("orders: mosquitto_pub -p {} -t simulator/{}/do -m help\n", fleet.inner_port(),
               fleet.printers().front().serial);
    fmt::print("ready: {} printers, first port {}\n", fleet.printers().size(), fleet.printers().front().port);
    std::fflush(stdout);
    wait_for_the_end(signals, line.duration);
    const auto traffic = fleet.driver().traffic();
    fmt::print(stderr, "{} reports, {} bytes, {} requests, latest report {} ms late\n", traffic.reports,
               traffic.bytes, traffic.requests, traffic.most_late.count());
}

} // namespace

int main(int argc, char** argv) {
    CommandLine line;
    CLI::App app{"Simulated Bambu Lab printers behind a real Mosquitto with TLS, user and password"};
    declare(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage; // --help is such an "error" too
    }
    const auto signals = stop_signals();
    sigprocmask(SIG_BLOCK, &signals,
                nullptr); // before any thread is created, so that all threads block signals
    try {
        run(line, signals);
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bambu2mqtt-simulator: {}\n", error.what());
        return exit_failed;
    }
}
