// Messages retained by earlier runs: which are ours, and how entities are removed. Decides only; knows no
// connection and no time. Every message is foreign until proven ours.
#pragma once

#include <bambu2mqtt/homeassistant/discovery.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// The parts of a discovery topic PREFIX/COMPONENT/[NODE/]OBJECT/config.
struct DiscoveryTopic {
    std::string_view component{}; ///< "device", "sensor"
    std::string_view object_id{}; ///< with "NODE/" in front, if there is a node id

    [[nodiscard]] bool is_device_form() const noexcept { return component == "device"; }
};

/// Parses a topic; the parts are views into `topic`. Nothing if it is not a discovery topic below `prefix`.
[[nodiscard]] std::optional<DiscoveryTopic> parse_discovery_topic(std::string_view topic,
                                                                  std::string_view prefix);

/// A discovery message that is certainly ours.
struct OwnDiscovery {
    std::string serial{};     ///< of its printer; empty: the gateway
    std::string identifier{}; ///< of its device
    bool device_form = true;  ///< false: the message of a single component
};

/// Identifies a retained discovery message. It is ours only if all of this holds: origin.name is
/// "bambu2mqtt"; every topic in it is below our base topic, and there is at least one; the device identifier
/// and the object id name a serial of `known_serials` or our own gateway; the keys are the long ones that we
/// write. Nothing for all others, also unreadable ones.
[[nodiscard]] std::optional<OwnDiscovery> own_discovery(std::string_view topic, std::string_view payload,
                                                        const DiscoverySettings& settings,
                                                        std::span<const std::string> known_serials);

[[nodiscard]] inline bool is_ours(std::string_view topic, std::string_view payload,
                                  const DiscoverySettings& settings,
                                  std::span<const std::string> known_serials) {
    return own_discovery(topic, payload, settings, known_serials).has_value();
}

/// The components of a device message, in its order; empty for anything else.
[[nodiscard]] std::vector<AnnouncedComponent> announced_components(std::string_view payload);

/// Those of `before` that are missing in `now`, or have another platform: they must be removed first.
[[nodiscard]] std::vector<AnnouncedComponent> removed_components(std::span<const AnnouncedComponent> before,
                                                                 std::span<const AnnouncedComponent> now);

/// The device message `payload` with each of `removed` reduced to its platform, which makes Home Assistant
/// remove the entity. To be sent once, followed by the message without them. Nothing if `payload` is not a
/// device message.
[[nodiscard]] std::optional<std::string> removal_form(std::string_view payload,
                                                      std::span<const AnnouncedComponent> removed);

/// Migration from one discovery form to the other: `start` for every old topic, then the new messages, then
/// `finish` for every old topic.
struct Migration {
    Message start{};  ///< unloads the entities but keeps them in the registry; not retained
    Message finish{}; ///< empty, retained: clears the old message
};

[[nodiscard]] Migration migration(std::string_view old_topic);

/// True if a retained message on `topic` is one of the states, attributes or availabilities that a gateway
/// with this base topic publishes for one of `printer_ids`, or for itself. Not for commands, settings and raw
/// messages.
[[nodiscard]] bool owns_state_topic(std::string_view topic, std::string_view base,
                                    std::span<const std::string> printer_ids);

} // namespace bambu2mqtt
