#pragma once
// One stack: simulated printers behind TLS, a contender, and the broker at which its values are seen.

#include "compare/listener.hpp"
#include "compare/samples.hpp"
#include "simulator/printer_fleet.hpp"
#include "support/mosquitto.hpp"
#include "support/process.hpp"

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::compare {

enum class Kind {
    bridge,   ///< a Mosquitto that bridges the report topics to itself and changes nothing
    node_red, ///< Node-RED 4 with a flow that publishes each changed value of a report, retained
    gateway,  ///< bambu2mqtt
};

/// "bridge", "node-red", "bambu2mqtt"; throws std::runtime_error for any other text.
[[nodiscard]] Kind kind_of(std::string_view name);

struct ContenderOptions {
    Kind kind = Kind::bridge;
    std::size_t printers = 1;
    std::filesystem::path directory{};     ///< of its own
    std::filesystem::path program{};       ///< bambu2mqtt
    std::filesystem::path node_red{};      ///< Node-RED's red.js
    std::vector<std::string> run_inside{}; ///< program and arguments put before those of bambu2mqtt
};

/// Runs from construction to destruction. Create it on a thread that outlives it (see Process).
class Contender {
  public:
    explicit Contender(ContenderOptions options);

    [[nodiscard]] std::string_view name() const;

    [[nodiscard]] const ContenderOptions& options() const { return options_; }

    /// The process that is compared.
    [[nodiscard]] pid_t pid() const { return process_ ? process_->pid() : broker_->pid(); }

    /// The broker at which its values are seen; of the bridge the same process.
    [[nodiscard]] pid_t broker_pid() const { return broker_->pid(); }

    [[nodiscard]] std::uint16_t broker_port() const { return broker_->port(); }

    [[nodiscard]] simulator::PrinterFleet& fleet() { return *fleet_; }

    [[nodiscard]] Samples& samples() { return samples_; }

    /// Ends bambu2mqtt and starts it again; its state files stay. Returns the time of the start.
    Clock::time_point restart();

  private:
    void start_bridge();
    void start_node_red();
    void start_gateway();
    void start_broker(const std::vector<std::string>& more_lines = {});
    void run_gateway();

    ContenderOptions options_;
    Samples samples_;
    std::unique_ptr<simulator::PrinterFleet> fleet_;
    std::unique_ptr<test_support::Mosquitto> broker_;
    std::unique_ptr<test_support::Process> process_; ///< not of the bridge
    std::unique_ptr<Listener> listener_;             ///< last: ends first
};

} // namespace bambu2mqtt::compare
