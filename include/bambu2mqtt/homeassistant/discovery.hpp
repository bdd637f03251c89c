// Discovery messages for Home Assistant about a printer and about the gateway. Pure: nothing is stored
// between calls. Messages of earlier runs: see retained_cleanup.hpp.
#pragma once

#include <bambu2mqtt/command/policy.hpp>
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/texts/language.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// Discovery options for the whole gateway.
struct DiscoverySettings {
    std::string prefix = "homeassistant";
    std::string base_topic = "bambu2mqtt";
    bool per_component = false;       ///< one message per entity instead of one per device
    CommandPolicy policy{};           ///< what may be controlled at all
    Language language = Language::en; ///< of names; ids and event words never change
    bool operator==(const DiscoverySettings&) const = default;
};

/// Names of one printer.
struct PrinterNames {
    std::string serial{};
    std::string id{};   ///< topic level
    std::string name{}; ///< empty: the product's name and the last four characters of the serial
    std::string area{}; ///< suggested area in Home Assistant; empty: none
    bool operator==(const PrinterNames&) const = default;
};

/// Key inside the device message (or object id of the single message), and platform.
using AnnouncedComponent = std::pair<std::string, std::string>;

/// Discovery of one device; without messages when it has no component.
struct Announcement {
    std::string identifier{}; ///< bambu2mqtt_<SERIAL>_ams_1
    std::vector<Message> messages{};
    std::vector<AnnouncedComponent> components{}; ///< in the order of the catalogue
};

/// The devices of a printer with at least one component: the printer first, then in the order of `instances`.
[[nodiscard]] std::vector<DeviceKey> devices_of(std::span<const Instance> instances);

[[nodiscard]] inline std::vector<DeviceKey> devices_of(const Layout& layout) {
    return devices_of(layout.instances());
}

/// One device of a printer (`device` as in Instance::device). Deterministic: same input, same bytes. In the
/// component form one message per entity, each with device, origin and availability.
[[nodiscard]] Announcement announce_device(const DeviceKey& device, const PrinterNames& names,
                                           const Facts& facts, std::span<const Instance> instances,
                                           const Templates& templates, const DiscoverySettings& settings);

[[nodiscard]] inline Announcement announce_device(const DeviceKey& device, const PrinterNames& names,
                                                  const Facts& facts, const Layout& layout,
                                                  const Templates& templates,
                                                  const DiscoverySettings& settings) {
    return announce_device(device, names, facts, layout.instances(), templates, settings);
}

/// The gateway's device: its connection (the will topic), its version (from B/bridge/info, key `version`) and
/// its memory (from B/bridge/health, key `resident_memory_mb`, in MB).
[[nodiscard]] Announcement announce_bridge(const Templates& templates, const DiscoverySettings& settings);

/// The display name of a printer: the configured one, else the product's name and the last four characters of
/// the serial ("A1 mini 0003"; "Printer 0003" if the model is unknown).
[[nodiscard]] std::string display_name(const PrinterNames& names, const Facts& facts);

/// The component of a row that may not be controlled: numbers and fans become sensors, selects enum sensors,
/// switches and lights binary sensors; buttons are left out. Nothing for rows without discovery.
[[nodiscard]] std::optional<Component> read_only_component(Component component);

/// What follows the id in the key of a read-only form.
inline constexpr const char* read_only_suffix = "_readonly";

/// The component and key of an instance in discovery: itself under its id, or its read-only form under
/// `<id>_readonly`. Exactly one of the two; nothing for a button that may not be pressed.
struct AnnouncedAs {
    Component component = Component::sensor;
    std::string key{};
};

[[nodiscard]] std::optional<AnnouncedAs> announced_as(const Instance& instance, const Facts& facts,
                                                      const CommandPolicy& policy);

/// The additional sensor of a control, with the control's state topic: Home Assistant keeps long-term
/// statistics only for sensors. Nothing for rows without one, and while the control is not in discovery.
[[nodiscard]] std::optional<AnnouncedAs> statistics_of(const Instance& instance, const Facts& facts,
                                                       const CommandPolicy& policy);

/// The vendor's firmware page of a model; empty if there is none.
[[nodiscard]] std::string release_url(Model model);

} // namespace bambu2mqtt
