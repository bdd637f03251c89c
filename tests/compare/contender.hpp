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

namespace bambu2mqtt::compare {

enum class Kind {
    bridge,  ///< a Mosquitto that bridges the report topics to itself and changes nothing
    gateway, ///< bambu2mqtt
};

struct ContenderOptions {
    Kind kind = Kind::bridge;
    std::size_t printers = 1;
    std::filesystem::path directory{}; ///< of its own
    std::filesystem::path program{};   ///< bambu2mqtt
};

/// Runs from construction to destruction. Create it on a thread that outlives it (see Process).
class Contender {
  public:
    explicit Contender(const ContenderOptions& options);

    [[nodiscard]] std::string_view name() const { return kind_ == Kind::bridge ? "bridge" : "bambu2mqtt"; }

    /// The process that is compared.
    [[nodiscard]] pid_t pid() const { return gateway_ ? gateway_->pid() : broker_->pid(); }

    /// The broker at which its values are seen; of the bridge the same process.
    [[nodiscard]] pid_t broker_pid() const { return broker_->pid(); }

    [[nodiscard]] simulator::PrinterFleet& fleet() { return *fleet_; }

    [[nodiscard]] Samples& samples() { return samples_; }

  private:
    void start_bridge(const ContenderOptions& options);
    void start_gateway(const ContenderOptions& options);

    Kind kind_;
    Samples samples_;
    std::unique_ptr<simulator::PrinterFleet> fleet_;
    std::unique_ptr<test_support::Mosquitto> broker_;
    std::unique_ptr<test_support::Process> gateway_;
    std::unique_ptr<Listener> listener_; ///< last: ends first
};

} // namespace bambu2mqtt::compare
