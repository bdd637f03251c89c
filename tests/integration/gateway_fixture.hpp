#pragma once
// Shared by the tests of the whole program: the program as a process, and an environment with the user's
// broker, simulated printers and an observer. Knows topics and processes, nothing of the program's code.

#include "simulator/printer_fleet.hpp"
#include "support/eventually.hpp"
#include "support/files.hpp"
#include "support/mosquitto.hpp"
#include "support/mqtt_observer.hpp"
#include "support/process.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::gateway_test {

using namespace std::chrono_literals;

using test_support::test_timeout;
using test_support::timeout_factor;

/// Topics and payloads.
using Retained = std::map<std::string, std::string>;

/// How a run of a command line ended.
struct CommandResult {
    int exit_code =
        -1; ///< 128 plus the signal when one ended it; -1 when it was still running after `test_timeout`
    std::string output{};
    std::string errors{};
};

/// Path of the program.
[[nodiscard]] std::string program();

/// Runs the program with these arguments until it ends; `input` is its standard input.
[[nodiscard]] CommandResult run_program(const std::vector<std::string>& arguments,
                                        std::string_view input = {},
                                        const std::map<std::string, std::string>& environment = {});

/// The same for any program.
[[nodiscard]] CommandResult run_command(std::vector<std::string> command, std::string_view input = {},
                                        std::map<std::string, std::string> environment = {});

/// The gateway as a process with its configuration file. Every run has its own log file, so that no output is
/// lost.
class GatewayRun {
  public:
    /// Files are created in `directory`, which is created if necessary.
    explicit GatewayRun(std::filesystem::path directory);

    /// Writes the configuration file; takes effect at the next start().
    void configure(std::string_view text) const;

    /// Starts it. Its environment has these variables in addition to the test's own; it listens for
    /// announcements only where BAMBU2MQTT_ANNOUNCEMENTS says.
    void start(std::map<std::string, std::string> environment = {});

    /// SIGTERM, and SIGKILL when `deadline` (three times as long with sanitizers) has passed. Returns the
    /// exit code, or 128 plus the signal that ended it.
    int stop(std::chrono::milliseconds deadline = std::chrono::seconds{5});

    /// SIGKILL.
    void kill();

    [[nodiscard]] bool running();

    /// Only while it runs.
    [[nodiscard]] pid_t pid() const { return process_->pid(); }

    /// Runs another command with the same configuration.
    [[nodiscard]] CommandResult
    command_request(std::vector<std::string> command,
                    const std::map<std::string, std::string>& environment = {}) const;

    /// Output of all runs on stdout and stderr.
    [[nodiscard]] std::string log() const;

    /// Number of lines in log() that contain this text.
    [[nodiscard]] std::size_t lines_with(std::string_view text) const;

    [[nodiscard]] std::filesystem::path config_file() const { return directory_ / "bambu2mqtt.toml"; }

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  private:
    [[nodiscard]] std::filesystem::path log_file(int run) const;

    std::filesystem::path directory_;
    std::unique_ptr<test_support::Process> process_;
    int runs_ = 0;
};

struct EnvironmentOptions {
    std::vector<std::string> models{"X1C"};
    std::chrono::milliseconds report_interval{250};
    simulator::Doors doors = simulator::Doors::one_each;
    std::vector<std::uint16_t> announce_to{}; ///< see FleetOptions
    std::string
        password{}; ///< of the user `gateway` at the user's broker; empty: anonymous logins are allowed
    simulator::MachineSettings settings{};
    simulator::Durations durations{};
    bool file_servers = false;                    ///< each printer has a vsftpd; see Vsftpd::available()
    std::vector<std::string> file_server_lines{}; ///< see FleetOptions
    std::vector<std::string> broker_lines{};      ///< further lines for the user's broker
    std::vector<std::string> more_users{};        ///< further users with that password
    std::filesystem::path rights{}; ///< the broker's access rights; empty: everything is allowed
    bool persistence = false;       ///< the user's broker keeps retained messages over stop() and start()
};

/// Changes to the plain configuration of a gateway.
struct ConfigChanges {
    std::vector<std::size_t> printers{};                      ///< indices; empty: all printers
    std::string broker_lines{};                               ///< lines for the table [broker]
    std::string files_lines{};                                ///< lines for the table [files]
    std::string more_lines{};                                 ///< complete tables
    std::map<std::size_t, std::string> printer_lines{};       ///< lines for a printer's table
    std::map<std::size_t, simulator::FleetPrinter> replace{}; ///< a printer with a wrong configuration
    std::uint16_t broker_port = 0;                            ///< 0: the broker's own
};

/// A user's installation. At first only the simulated printers and the user's broker run; the destructor
/// stops everything, the gateway first.
class TestEnvironment {
  public:
    explicit TestEnvironment(EnvironmentOptions options = {});

    /// The configuration file for these printers and this broker.
    [[nodiscard]] std::string config(const ConfigChanges& changes = {}) const;

    /// Configures and starts the gateway and waits until all its printers are connected. False at the
    /// deadline.
    [[nodiscard]] bool start_gateway(const ConfigChanges& changes = {},
                                     std::map<std::string, std::string> environment = {});

    /// Starts to observe all topics of the user's broker; retained messages come first.
    test_support::MqttObserver& observe();

    /// The observer of observe().
    [[nodiscard]] test_support::MqttObserver& observer() { return *observer_; }

    /// Like observe(), as another client: all topics, with the right to publish.
    [[nodiscard]] test_support::ObserverOptions observer_options() const;

    /// The retained messages on the user's broker. The broker delivers about a thousand messages in one
    /// batch, as many as six printers have; with more this throws std::runtime_error.
    [[nodiscard]] Retained retained() const;

    /// The same, once they no longer change, see lasting(). Throws std::runtime_error when they keep
    /// changing.
    [[nodiscard]] Retained result() const;

    /// Waits until the lasting retained messages on the broker equal those of this. Else returns the
    /// difference.
    [[nodiscard]] std::string unlike(const Retained& wanted) const;

    /// A topic of a printer: "availability", "print_status", ...
    [[nodiscard]] std::string topic(std::size_t printer, std::string_view name) const;

    /// The topic of a printer's own discovery message in the device form.
    [[nodiscard]] std::string discovery_topic(std::size_t printer) const;

    /// Waits until the observer has received this as the last payload of a printer's topic.
    [[nodiscard]] bool sees(std::size_t printer, std::string_view name, const std::string& payload,
                            std::chrono::milliseconds deadline = test_timeout);

    /// Last payload the observer received of a printer's topic; empty when there was none.
    [[nodiscard]] std::string seen(std::size_t printer, std::string_view name) const;

    /// All payloads of a printer's topic received from a position on, in order: "a, b, c".
    [[nodiscard]] std::string history(std::size_t printer, std::string_view name, std::size_t from = 0) const;

    /// Payloads of a printer's topic `event` received from a position on, in order.
    [[nodiscard]] std::vector<nlohmann::json> events(std::size_t printer, std::size_t from = 0) const;

    /// Sets `mc_percent` of a printer and returns the time until the gateway publishes it; nothing when it
    /// never does. Waits first until the topic has been silent for more than a second, as the gateway would
    /// otherwise throttle it.
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_to_publish(std::size_t printer, int percent);

    [[nodiscard]] simulator::PrinterFleet& fleet() { return fleet_; }

    [[nodiscard]] test_support::Mosquitto& broker() { return broker_; }

    /// The gateway's files.directory at its default place in state_directory. Exists.
    [[nodiscard]] std::filesystem::path local_files() const {
        return gateway_.directory() / "state" / "files";
    }

    [[nodiscard]] GatewayRun& gateway() { return gateway_; }

    [[nodiscard]] const test_support::TemporaryDirectory& directory() const { return directory_; }

    [[nodiscard]] std::size_t printers() const { return fleet_.printers().size(); }

  private:
    [[nodiscard]] test_support::MosquittoOptions broker_options() const;
    [[nodiscard]] std::vector<std::size_t> all_printers() const;

    EnvironmentOptions options_;
    test_support::TemporaryDirectory directory_;
    test_support::Mosquitto broker_;
    simulator::PrinterFleet fleet_;
    std::unique_ptr<test_support::MqttObserver> observer_;
    GatewayRun gateway_; // last: ends first
};

/// The retained messages that do not change by themselves: without gateway health, measured values and times.
[[nodiscard]] Retained lasting(Retained messages);

/// The topics of `left` that are missing in `right` or have another payload there, and vice versa, as a
/// message.
[[nodiscard]] std::string difference(const Retained& left, const Retained& right);

/// Runs the checker named by the environment variable BAMBU2MQTT_DISCOVERY_CHECKER on retained messages.
/// Returns its output when it fails, else nothing; nothing, with a note, when the variable is not set.
[[nodiscard]] std::string discovery_complaints(const Retained& messages);

/// The same for JSON lines with topic and payload.
[[nodiscard]] std::string discovery_complaints_of_lines(const std::string& lines);

/// Number of established TCP connections to this port of 127.0.0.1.
[[nodiscard]] std::size_t connections_to(std::uint16_t port);

/// True if a printer's states are still published: reports this progress, and waits for it.
[[nodiscard]] inline bool publishes(TestEnvironment& env, std::size_t printer, int percent) {
    env.fleet().with(printer, [&](auto& machine) { machine.merge({{"mc_percent", percent}}); });
    return env.sees(printer, "print_progress", std::to_string(percent));
}

} // namespace bambu2mqtt::gateway_test
