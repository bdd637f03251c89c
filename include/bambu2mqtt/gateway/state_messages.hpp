// Messages about one printer and about the gateway: state, attributes, availability. Pure conversion of
// values to messages.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/command/policy.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/state/printer.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// The retained messages of one entity: its state, its attributes, and the newest version of an update
/// entity. None for entities without a state (buttons).
[[nodiscard]] std::vector<Message> state_messages(const Printer& printer, std::size_t index,
                                                  const PrinterTopics& topics);

/// The availability of controls that work only in some job states, for the offered ones.
[[nodiscard]] std::vector<Message> control_availability_messages(const Printer& printer,
                                                                 const PrinterTopics& topics,
                                                                 const CommandPolicy& policy);

enum class Reachable { no, yes };

/// Availability of the printer and of its units.
[[nodiscard]] std::vector<Message> availability_messages(const Printer& printer, const PrinterTopics& topics,
                                                         Reachable reachable);

/// Information about the gateway. Megabytes are 1,000,000 bytes.
struct Health {
    std::int64_t uptime_seconds = 0;
    double resident_memory_mb = 0;
    std::int64_t open_files = 0;
    std::int64_t open_files_limit = 0;
    std::uint64_t messages_in = 0;
    std::uint64_t messages_out = 0;
    double publish_delay_ms = 0; ///< median of the last minute: from a report's arrival to its first message
    std::vector<std::pair<std::string, std::int64_t>>
        session_seconds{};           ///< per printer id, 0 when not connected
    std::string broker_problem{};    ///< what is wrong with the session with the broker; empty: nothing
    std::uint64_t internal_errors{}; ///< exceptions since the start; each is logged
};

/// The payload of bridge/health.
[[nodiscard]] OrderedJson to_json(const Health& health);

/// bridge/state `online`, bridge/info, bridge/health.
[[nodiscard]] std::vector<Message> bridge_state_messages(const BridgeTopics& topics,
                                                         const std::vector<std::string>& printers,
                                                         const Health& health);

} // namespace bambu2mqtt
