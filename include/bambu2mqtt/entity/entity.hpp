// One row per entity: its name, the source of its value, its decoder, and which printers have it.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/qos.hpp>
#include <bambu2mqtt/entity/value.hpp>
#include <bambu2mqtt/printer/facts.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bambu2mqtt {

class ReportState;
struct GatewayState;

/// Home Assistant's component, as in the discovery message.
enum class Component : std::uint8_t {
    sensor,
    binary_sensor,
    number,
    select,
    switch_,
    light,
    fan,
    button,
    event,
    update,
};

/// The component's name in topics, templates and messages: "binary_sensor", "switch".
[[nodiscard]] std::string_view name_of(Component component);

/// entity_category of Home Assistant.
enum class Category : std::uint8_t { primary, diagnostic, config };

/// Unit, device class and state class of a measured quantity. Empty: none.
struct Quantity {
    std::string_view device_class{};
    std::string_view unit{};
    std::string_view state_class{};
};

/// What a row is about: determines how many entities it becomes and their device.
enum class Scope : std::uint8_t {
    printer,  ///< once; device: the printer
    ams,      ///< once per AMS unit, id with the unit's prefix ("ams_1_humidity"); device: the unit
    tray,     ///< once per tray of each unit ("ams_1_tray_2_type"); device: the unit
    external, ///< once per external spool ("external_spool_left_type"); device: that spool
    rack,     ///< once where there is a hotend rack; device: the rack
    hotend,   ///< once per slot of the rack, "hotend_1" ... "hotend_6"; device: the rack
};

/// Which availability topics an entity follows.
enum class Follows : std::uint8_t {
    printer, ///< gateway and printer (and the unit, for entities of a unit)
    bridge,  ///< the gateway only: also available while the printer is offline
};

/// The unit, tray, spool or hotend of an entity instance.
struct Place {
    const Unit* unit = nullptr;  ///< scopes ams and tray
    int tray = 0;                ///< scopes tray: 0-based slot
    Spool spool = Spool::single; ///< scope external
    int hotend = 0;              ///< scope hotend: 0-based slot of the rack
};

struct Entity;

/// Input of a decoder.
struct View {
    const ReportState& report;
    const GatewayState& gateway;
    const Facts& facts;
    const Entity& entity;
    const Place& place;
};

/// The value of an entity; `not_known` if not reported.
using Decoder = Value (*)(const View&);

/// Fills the attributes of an entity; the keys are always the same, null where unknown.
using AttributeWriter = void (*)(const View&, OrderedJson&);

/// Whether the printer has the feature; depends on facts only, never on the job.
using Predicate = bool (*)(const Facts&, const Place&);

/// The allowed texts of an enum entity of this printer.
using OptionLister = std::span<const std::string_view> (*)(const Facts&);

/// Paths into the merged report: a top-level key, or KEY/CHILD below `device` and `ams`; `ams/{unit}` means
/// the own fields of the instance's unit, `ams/{unit}/{tray}` for its tray, `ams/*` for any field of any
/// unit. A change below one of them causes the entity to be decoded again; simple decoders read the first
/// one.
using Sources = std::array<std::string_view, 8>;

/// The parts of GatewayState (gateway_state.hpp) an entity can depend on.
enum class GatewayField : std::uint8_t {
    none,
    connection,
    last_command,
    transfer,
    start_time,
    end_time,
    elapsed_time,
    total_usage,
    job_values, ///< which values are still those of the previous job
    heatbed_light,
    speed_level,
    chamber_temperature,
    targets, ///< when targets and fans changed, and the last fan speeds
    feed,
    awaited_feed,
    storage,
    count_
};

/// Payloads accepted on an entity's command topic.
enum class Payload : std::uint8_t {
    none,    ///< none: it cannot be controlled
    number,  ///< a number
    on_off,  ///< ON or OFF
    word,    ///< one of the options
    percent, ///< ON (the last speed, else 100), OFF or 0 to 100
    press,   ///< PRESS
};

/// How an entity is controlled: its command, and how the arguments are built.
struct Control {
    std::string_view command{}; ///< name of the row in the command table
    Payload payload = Payload::none;
    std::string_view argument{}; ///< set to the payload's value; empty: none
    std::string_view fixed{};    ///< JSON object with constant arguments
    std::string_view kept{};     ///< an argument that keeps the value of entity `kept_from`
    std::string_view kept_from{};
    bool for_unit = false;                         ///< `ams_id` is the unit the entity belongs to
    bool (*applies)(const ReportState&) = nullptr; ///< works only while this is true; null: always
};

struct Entity {
    std::string_view id{}; ///< without the prefix of unit, tray or spool; "" for the tray or spool itself
    Scope scope = Scope::printer;
    Component component = Component::sensor;
    std::string_view name{}; ///< empty: derived from the id
    Quantity quantity{};
    Qos qos = Qos::at_least_once; ///< of the state; at_most_once: a number that moves by itself
    Category category = Category::primary;
    bool enabled_by_default = true;
    Predicate enabled_for = nullptr; ///< enabled by default only if true; null: always
    Sources from{};
    GatewayField gateway = GatewayField::none; ///< a change of it causes the entity to be decoded again, too
    Decoder decode = nullptr;                  ///< null: no state of its own (button, event)
    Predicate exists = nullptr;
    AttributeWriter attributes = nullptr;
    std::span<const std::string_view> options{}; ///< fixed list of an enum
    OptionLister options_of = nullptr;           ///< where the list depends on the printer
    Decoder latest = nullptr;                    ///< update entities: the newest version known
    Follows follows = Follows::printer;
    std::string_view icon{};
    double slow_change = 0; ///< smaller changes wait for a minute (Wi-Fi signal)
    bool coarse = false;    ///< whole degrees with a hysteresis of half a degree, so that a value between two
                            ///< degrees does not flap
    double hysteresis =
        0; ///< the shown number stays until the real one differs by this much; 0: every change is shown
    std::string_view statistics{}; ///< id of the additional sensor beside the control, for Home Assistant's
                                   ///< long-term statistics; empty: none
    Control control{};

    /// Whether the entity is enabled by default in Home Assistant.
    [[nodiscard]] bool enabled(const Facts& facts, const Place& place) const {
        return enabled_by_default && (enabled_for == nullptr || enabled_for(facts, place));
    }
};

} // namespace bambu2mqtt
