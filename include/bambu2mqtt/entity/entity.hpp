// One row per entity: what it is called, where its value comes from, how it is decoded, who has it.
#pragma once

#include <bambu2mqtt/base/json.hpp>
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

/// What is measured: unit, device class and state class go together. Empty: none.
struct Quantity {
    std::string_view device_class{};
    std::string_view unit{};
    std::string_view state_class{};
};

/// Which thing a row is about, and so how many entities it becomes and which device they belong to.
enum class Scope : std::uint8_t {
    printer,  ///< once; device: the printer
    ams,      ///< once per AMS unit, id with the unit's prefix ("ams_1_humidity"); device: the unit
    tray,     ///< once per tray of each unit ("ams_1_tray_2_type"); device: the unit
    external, ///< once per external spool ("external_spool_left_type"); device: that spool
    rack,     ///< once where there is a hotend rack; device: the rack
    hotend,   ///< once per place of the rack, "hotend_1" ... "hotend_6"; device: the rack
};

/// Whose being there an entity's availability follows.
enum class Follows : std::uint8_t {
    printer, ///< bridge and printer (and the unit, for entities of a unit)
    bridge,  ///< the bridge alone: shown also while the printer is not there
};

/// The one thing an entity made from a row is about.
struct Place {
    const Unit* unit = nullptr;  ///< scopes ams and tray
    int tray = 0;                ///< scopes tray: 0-based slot
    Spool spool = Spool::single; ///< scope external
    int hotend = 0;              ///< scope hotend: 0-based place in the rack
};

struct Entity;

/// What a decoder may look at.
struct View {
    const ReportState& report;
    const GatewayState& gateway;
    const Facts& facts;
    const Entity& entity;
    const Place& place;
};

/// The value of an entity; `not_known` when the report does not tell.
using Decoder = Value (*)(const View&);

/// Fills the attributes of an entity; the keys are always the same, null where not known.
using AttributeWriter = void (*)(const View&, OrderedJson&);

/// Whether the printer has the thing; looks at slow facts only, never at the job.
using Predicate = bool (*)(const Facts&, const Place&);

/// The allowed texts of an enum entity of this printer.
using OptionLister = std::span<const std::string_view> (*)(const Facts&);

/// Paths into the merged report: a top-level key, or KEY/CHILD below `device` and `ams`;
/// `ams/{unit}` stands for the own fields of the unit at hand, `ams/{unit}/{tray}` for its tray, `ams/*` for
/// anything of any unit. A change below one of them makes the entity be decoded again; the first is the one
/// that simple decoders read.
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
    job_values, ///< which values still are those of the job before
    heatbed_light,
    speed_level,
    chamber_temperature,
    targets, ///< when targets and fans changed, and how fast fans ran
    feed,
    awaited_feed,
    storage,
    count_
};

/// What may stand on the command topic of an entity.
enum class Payload : std::uint8_t {
    none,    ///< nothing: it cannot be controlled
    number,  ///< a number
    on_off,  ///< ON or OFF
    word,    ///< one of the options
    percent, ///< ON (the last speed, else 100), OFF or 0 to 100
    press,   ///< PRESS
};

/// How an entity is controlled: by which command, and what becomes its arguments.
struct Control {
    std::string_view command{}; ///< name of the row in the table of commands
    Payload payload = Payload::none;
    std::string_view argument{}; ///< takes the payload's value; empty: none does
    std::string_view fixed{};    ///< JSON object with arguments that are always the same
    std::string_view kept{};     ///< an argument that stays what entity `kept_from` shows
    std::string_view kept_from{};
    bool for_unit = false; ///< `ams_id` is the unit the entity belongs to
};

struct Entity {
    std::string_view id{}; ///< without the prefix of unit, tray or spool; "" for the tray or spool itself
    Scope scope = Scope::printer;
    Component component = Component::sensor;
    std::string_view name{}; ///< empty: made from the id
    Quantity quantity{};
    Category category = Category::primary;
    bool enabled_by_default = true;
    Predicate enabled_for = nullptr; ///< enabled by default only where it holds; null: everywhere
    Sources from{};
    GatewayField gateway = GatewayField::none; ///< a change of it makes the entity be decoded again, too
    Decoder decode = nullptr;                  ///< null: no state of its own (button, event)
    Predicate exists = nullptr;
    AttributeWriter attributes = nullptr;
    std::span<const std::string_view> options{}; ///< fixed list of an enum
    OptionLister options_of = nullptr;           ///< where the list depends on the printer
    Decoder latest = nullptr;                    ///< update entities: the newest version known
    Follows follows = Follows::printer;
    std::string_view icon{};
    double slow_change = 0; ///< changes smaller than this wait for a minute (Wi-Fi signal)
    bool coarse =
        false; ///< whole degrees with a band of half a degree, so that a value on the edge does not flap
    double hysteresis =
        0; ///< a shown number stays until the real one is that far away; 0: every change shows
    std::string_view statistics{}; ///< id of the sensor announced beside the control, for Home Assistant's
                                   ///< long-term statistics; empty: none
    Control control{};

    /// Whether Home Assistant shows it without being asked.
    [[nodiscard]] bool enabled(const Facts& facts, const Place& place) const {
        return enabled_by_default && (enabled_for == nullptr || enabled_for(facts, place));
    }
};

} // namespace bambu2mqtt
