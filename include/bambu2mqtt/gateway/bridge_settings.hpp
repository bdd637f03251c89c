// The part of the configuration that the bridge needs, and the printers of earlier runs.
#pragma once

#include <bambu2mqtt/gateway/session_settings.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// A printer of an earlier run, with its former id; its topics on the broker are ours to clear. A printer
/// that is still configured, by its serial, is first published under its new id.
struct FormerPrinter {
    std::string serial{};
    std::string id{};
};

struct BridgeSettings {
    DiscoverySettings discovery{};
    bool announce = true;
    std::string status_topic = "homeassistant/status";
    std::vector<std::string> response_topics{}; ///< filters, see ResponseTopics
    std::string client_id = "bambu2mqtt";       ///< the gateway's client id at the broker
    std::string log_level = "info";             ///< of the configuration, one of log_level_words
    bool manage_printers = false;               ///< whether the request `printers` is allowed
    std::size_t broker_nodes = 1;               ///< of the broker's cluster, see BrokerWatch
    std::vector<SessionSettings> printers{};
    std::vector<FeatureEntry> features{}; ///< of every session
    std::vector<FormerPrinter> former{};  ///< of earlier runs, no longer configured in this way
    unsigned seed = 1;
};

} // namespace bambu2mqtt
