// The settings of the bridge, from the configuration, of the edges and of earlier runs.
#pragma once

#include "cli/printer_edges.hpp"
#include "cli/reload.hpp"
#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>

#include <vector>

namespace bambu2mqtt {

/// `edges` has all printers of `config`; `memories` is needed of those that get a new session.
[[nodiscard]] BridgeSettings bridge_settings(const Config& config, const PrinterMemories& memories,
                                             const PrinterEdges& edges);

/// The same at the start, with the printers of earlier runs. Pins that a user has forced are logged.
[[nodiscard]] BridgeSettings first_settings(const Config& config, const PrinterEdges& edges,
                                            const StateFiles& files, TrustStore& trust);

/// The saved states of the printers in their order.
[[nodiscard]] std::vector<Json> saved_states(const Config& config, const StateFiles& files);

} // namespace bambu2mqtt
