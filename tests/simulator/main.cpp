// bambu2mqtt-simulator: simulated printers from the command line, until a signal or a deadline ends them.

#include "simulator/gateway_config.hpp"
#include "simulator/model_profile.hpp"
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

void declare_printers(CLI::App& app, CommandLine& line) {
    app.add_option("--models", line.fleet.models, "their models, used in turn: " + simulator::model_names())
        ->type_name("MODEL,...")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option("--printers", line.fleet.printers, "how many")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    app.add_option("--seconds-per-print", line.seconds_per_print,
                   "length of a print; the next begins after it. 0: no prints by themselves")
        ->type_name("SECONDS")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--asked-print-seconds", line.asked_print, "length of a print that a command starts")
        ->type_name("SECONDS")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--filament-seconds", line.filament_change, "how long loading or unloading takes")
        ->type_name("SECONDS")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--rate", line.rate, "reports a second from each printer; 0: as its model does")
        ->type_name("N")
        ->check(CLI::Range(0.0, 100.0));
    app.add_option("--replay", line.fleet.replays,
                   "send the JSON messages of this file, one a line; given several times: in turn")
        ->type_name("FILE")
        ->check(CLI::ExistingFile);
    app.add_option("--duration", line.duration, "end after this time; 0: with Ctrl-C or SIGTERM")
        ->type_name("SECONDS")
        ->check(CLI::NonNegativeNumber);
}

void declare_gateway(CLI::App& app, CommandLine& line) {
    app.add_option("--write-config", line.config,
                   "where the configuration for the gateway is written; default: in the folder of --dir")
        ->type_name("FILE");
    app.add_option("--broker", line.broker, "the broker in that configuration")
        ->type_name("URL")
        ->capture_default_str();
    app.add_option("--ftps-port", line.ftps_port, "the printers' port for files in that configuration")
        ->type_name("PORT");
    app.add_option("--dir", line.fleet.directory,
                   "certificates, configuration and logs; default: a temporary folder, removed at the end")
        ->type_name("FOLDER");
}

void declare_faults(CLI::App& app, CommandLine& line) {
    app.add_flag("--signature-required", line.signature_required,
                 "Developer Mode is off: most commands are refused");
    app.add_flag("--without-fun", line.without_fun, "older firmware, which does not report its capabilities");
    app.add_option("--do", line.orders, "an order to all printers at the start, as 'mute print.*'")
        ->type_name("ORDER")
        ->take_all();
}

void declare_network(CLI::App& app, CommandLine& line) {
    app.add_flag(
        "--with-files", line.fleet.file_servers,
        "a file server (vsftpd, implicit TLS) for each printer, which prints the files on it; as root");
    app.add_option("--files-root", line.fleet.files_root,
                   "print only files below this folder, the root of a file server; default: any")
        ->type_name("FOLDER")
        ->check(CLI::ExistingDirectory);
    app.add_option("--announce-to", line.fleet.announce_to,
                   "UDP ports of 127.0.0.1 where the printers announce themselves; default: nowhere")
        ->type_name("PORT,...")
        ->delimiter(',');
    app.add_option("--announce-every", line.announce_every, "time between two announcements")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_flag("--without-host", line.without_host,
                 "leave the printers' addresses out of the configuration: they announce themselves");
    app.add_flag("--shared-listener", line.shared_listener, "one TLS port and access code for all printers");
}

void declare(CLI::App& app, CommandLine& line) {
    app.option_defaults()->group("Printers");
    declare_printers(app, line);
    app.option_defaults()->group("For the gateway");
    declare_gateway(app, line);
    app.option_defaults()->group("Faults");
    declare_faults(app, line);
    app.option_defaults()->group("Files and network");
    declare_network(app, line);
    app.option_defaults()->group("Options");
    app.set_config("--options", "", "Read options from this file, as 'printers = 3'");
    app.footer([] {
        return "Example, with a broker on this machine:\n"
               "  bambu2mqtt-simulator --models X1C,A1MINI --printers 2 --write-config try.toml\n"
               "  bambu2mqtt --config try.toml                                            # in another "
               "terminal\n"
               "\n"
               "While it runs, orders make things happen to a printer (SERIAL, or all); PORT is printed at "
               "the\n"
               "start, and the answer comes on simulator/SERIAL/done:\n"
               "  mosquitto_pub -p PORT -t simulator/SERIAL/do -m 'runout'\n"
               "\n"
               "Orders:\n" +
               simulator::order_help() + "\n\nExit codes: 0 success, 1 failed, 2 usage error.";
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
    const auto config = line.config.empty() ? line.fleet.directory / "bambu2mqtt.toml" : line.config;
    test_support::write_file(config, simulator::gateway_config(described, {.broker_url = line.broker,
                                                                           .directory = line.fleet.directory,
                                                                           .doors = line.fleet.doors,
                                                                           .ftps_port = line.ftps_port,
                                                                           .write_ids = true}));
    if (line.fleet.file_servers)
        fmt::print("files: {}\n", fleet.file_server(0).storage().string());
    fmt::print("orders: mosquitto_pub -p {} -t simulator/{}/do -m help\n", fleet.inner_port(),
               fleet.printers().front().serial);
    fmt::print("gateway: bambu2mqtt --config {}\n", config.string());
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
    CLI::App app{
        "Simulated Bambu Lab printers, to try the gateway and automations without a printer. They report, "
        "print and execute commands as real ones do, on this machine, behind a Mosquitto with TLS."};
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
