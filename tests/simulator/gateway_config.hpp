#pragma once
// The configuration file with which a gateway connects to the simulated printers. Knows the keys of that
// file, nothing else.

#include "simulator/printer_fleet.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bambu2mqtt::simulator {

struct GatewayConfigOptions {
    std::string broker_url = "mqtt://127.0.0.1:1883"; ///< the user's own broker, not the printers'
    std::filesystem::path directory{};                ///< contains `state` and `files`
    Doors doors = Doors::one_each;                    ///< shared: certificates cannot be checked
    std::uint16_t ftps_port = 0;                      ///< of printers without a file server; 0: left out
    bool write_ids = false;                           ///< `id` is written for each printer
};

/// The gateway's topic level for this printer when the configuration has no id.
[[nodiscard]] std::string default_id(const FleetPrinter& printer);

/// The text of a `bambu2mqtt.toml` with one `[[printer]]` per simulated printer.
[[nodiscard]] std::string gateway_config(const std::vector<FleetPrinter>& printers,
                                         const GatewayConfigOptions& options);

} // namespace bambu2mqtt::simulator
