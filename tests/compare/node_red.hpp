#pragma once
// Node-RED 4 with a flow for any number of printers: one MQTT node for each, and a function that publishes
// every value of a report that differs from the last one, retained.

#include "simulator/printer_fleet.hpp"
#include "support/process.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace bambu2mqtt::compare {

struct NodeRedOptions {
    std::filesystem::path directory{}; ///< its user directory; created
    std::filesystem::path program{};   ///< red.js
    std::uint16_t broker_port = 0;     ///< to which it publishes printers/SERIAL/KEY/...
    std::vector<simulator::FleetPrinter> printers{};
};

/// Writes settings, flow and credentials, and starts it.
[[nodiscard]] std::unique_ptr<test_support::Process> run_node_red(const NodeRedOptions& options);

} // namespace bambu2mqtt::compare
