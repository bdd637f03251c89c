#pragma once
// What the tests of the whole program share: the program itself as a process, and an environment with the
// user's broker, simulated printers and an observer. Knows topics and processes, nothing of the program's
// code.

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

/// Where the program lies.
[[nodiscard]] std::string program();

/// Runs the program with these arguments until it ends; `input` is its standard input.
[[nodiscard]] CommandResult run_program(const std::vector<std::string>& arguments,
                                        std::string_view input = {},
                                        const std::map<std::string, std::string>& environment = {});

/// The same for any program.
[[nodiscard]] CommandResult run_command(std::vector<std::string> command, std::string_view input = {},
                                        std::map<std::string, std::string> environment = {});

/// The bridge as a process with its configuration file. Every run has a log file of its own, so that nothing
/// said is lost.
class GatewayRun {
  public:
    /// Files lie in `directory`, which is created if need be.
    explicit GatewayRun(std::filesystem::path directory);

    /// Writes the configuration file; it counts at the next start().
    void configure(std::string_view text) const;

    /// Starts it. Its environment has these variables besides the test's own; announcements of printers are
    /// listened for only where BAMBU2MQTT_ANNOUNCEMENTS says.
    void start(std::map<std::string, std::string> environment = {});

    /// SIGTERM, and SIGKILL when `deadline` (three times as long with sanitizers) has passed. Exit code, or
    /// 128 plus the signal that was needed.
    int stop(std::chrono::milliseconds deadline = std::chrono::seconds{5});

    /// SIGKILL.
    void kill();

    [[nodiscard]] bool running();

    /// Only while it runs.
    [[nodiscard]] pid_t pid() const { return process_->pid(); }

    /// Another command with the same configuration.
    [[nodiscard]] CommandResult
    command_request(std::vector<std::string> command,
                    const std::map<std::string, std::string>& environment = {}) const;

    /// What all runs wrote to stdout and stderr.
    [[nodiscard]] std::string log() const;

    /// How many lines of log() hold this text.
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
    std::string password{}; ///< of the user `gateway` at the user's broker; empty: everybody may log in
    simulator::MachineSettings settings{};
    simulator::Durations durations{};
    bool file_servers = false;                    ///< each printer has a vsftpd; see Vsftpd::available()
    std::vector<std::string> file_server_lines{}; ///< see FleetOptions
    std::vector<std::string> broker_lines{};      ///< further lines for the user's broker
    std::vector<std::string> more_users{};        ///< who may log in with that password too
    std::filesystem::path rights{}; ///< the broker's access rights; empty: everything is allowed
    bool persistence = false;       ///< the user's broker keeps what is retained over stop() and start()
};

/// Changes to the plain configuration of a gateway.
struct ConfigChanges {
    std::vector<std::size_t> printers{};                      ///< indices; empty: all there are
    std::string broker_lines{};                               ///< lines for the table [broker]
    std::string files_lines{};                                ///< lines for the table [files]
    std::string more_lines{};                                 ///< whole tables
    std::map<std::size_t, std::string> printer_lines{};       ///< lines for a printer's table
    std::map<std::size_t, simulator::FleetPrinter> replace{}; ///< a printer as the user wrongly describes it
    std::uint16_t broker_port = 0;                            ///< 0: the broker's own
};

/// A user's home. Nothing runs but the simulated printers and the user's broker until a test says so; what
/// runs at the end is stopped, the gateway first.
class TestEnvironment {
  public:
    explicit TestEnvironment(EnvironmentOptions options = {});

    /// The text of a configuration for these printers and this broker.
    [[nodiscard]] std::string config(const ConfigChanges& changes = {}) const;

    /// Configures and starts the gateway and waits until all its printers are connected. False at the
    /// deadline.
    [[nodiscard]] bool start_gateway(const ConfigChanges& changes = {},
                                     std::map<std::string, std::string> environment = {});

    /// Begins to look on at everything on the user's broker; retained messages come first.
    test_support::MqttObserver& observe();

    /// The observer of observe().
    [[nodiscard]] test_support::MqttObserver& observer() { return *observer_; }

    /// What observe() makes, as somebody else: all topics, with the right to publish.
    [[nodiscard]] test_support::ObserverOptions observer_options() const;

    /// What stands on the user's broker now. The broker hands out about a thousand messages at once, as many
    /// as six printers have; with more this throws std::runtime_error.
    [[nodiscard]] Retained retained() const;

    /// The same, once nothing changes there any more, see lasting(). Throws std::runtime_error when it goes
    /// on changing.
    [[nodiscard]] Retained result() const;

    /// Waits until what lasts of what stands on the broker is what lasts of this. Else the difference.
    [[nodiscard]] std::string unlike(const Retained& wanted) const;

    /// A topic of a printer: "availability", "print_status", ...
    [[nodiscard]] std::string topic(std::size_t printer, std::string_view name) const;

    /// The topic of a printer's own discovery message in the device form.
    [[nodiscard]] std::string discovery_topic(std::size_t printer) const;

    /// Waits until the observer has seen this as the last payload of a printer's topic.
    [[nodiscard]] bool sees(std::size_t printer, std::string_view name, const std::string& payload,
                            std::chrono::milliseconds deadline = test_timeout);

    /// Last payload the observer saw of a printer's topic; empty when there was none.
    [[nodiscard]] std::string seen(std::size_t printer, std::string_view name) const;

    /// All payloads of a printer's topic that the observer has seen from a position on, in order: "a, b, c".
    [[nodiscard]] std::string history(std::size_t printer, std::string_view name, std::size_t from = 0) const;

    /// The payloads of a printer's topic `event` that the observer has seen from a position on, in order.
    [[nodiscard]] std::vector<nlohmann::json> events(std::size_t printer, std::size_t from = 0) const;

    /// Sets `mc_percent` of a printer and gives the time until the gateway publishes it; nothing when it
    /// never does. Begins only when the topic has been silent for more than a second, as the gateway would
    /// wait for that.
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_to_publish(std::size_t printer, int percent);

    [[nodiscard]] simulator::PrinterFleet& fleet() { return fleet_; }

    [[nodiscard]] test_support::Mosquitto& broker() { return broker_; }

    /// The gateway's files.directory, where it lies by default: in state_directory. It is there.
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

/// Of what stands on a broker only what does not change by itself from moment to moment or from run to run:
/// no bridge health, no measured values, no times.
[[nodiscard]] Retained lasting(Retained messages);

/// The topics of `left` that are missing in `right` or have another payload there, and the other way round,
/// for a message to a reader.
[[nodiscard]] std::string difference(const Retained& left, const Retained& right);

/// Runs the checker named by the environment variable BAMBU2MQTT_DISCOVERY_CHECKER on what stands on a
/// broker. Its words when it complains, else nothing; nothing, with a message, when the variable is not set.
[[nodiscard]] std::string discovery_complaints(const Retained& messages);

/// The same for JSON lines with topic and payload.
[[nodiscard]] std::string discovery_complaints_of_lines(const std::string& lines);

/// How many TCP connections to this port of 127.0.0.1 are established.
[[nodiscard]] std::size_t connections_to(std::uint16_t port);

} // namespace bambu2mqtt::gateway_test
