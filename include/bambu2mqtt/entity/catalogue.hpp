// The table of all entities, and its expansion for one printer.
#pragma once

#include <bambu2mqtt/entity/entity.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bambu2mqtt {

/// All rows, in the order of docs/entities.md.
[[nodiscard]] std::span<const Entity> catalogue();

/// The name derived from an id: "Nozzle target temperature" for "nozzle_target_temperature".
[[nodiscard]] std::string name_from_id(std::string_view id);

/// The entity id pattern of a row, with its variable parts in braces: "ams_{unit}_tray_{n}_type".
[[nodiscard]] std::string pattern_of(const Entity& entity);

/// One id of an entity, with the row it comes from.
struct PossibleId {
    const Entity* entity = nullptr;
    std::string id{};
};

/// Every id that an entity of a printer can have, with each unit, spool and rack there is.
[[nodiscard]] std::vector<PossibleId> possible_ids();

/// The device of an entity: the printer itself, a unit ("ams_1"), a spool ("external_spool"), "rack". Empty:
/// the printer.
using DeviceKey = std::string;

/// One entity of one printer.
struct Instance {
    const Entity* entity = nullptr;
    Place place{};
    std::string id{};   ///< the public entity id: "ams_1_tray_2_type"
    std::string name{}; ///< display name: "Tray 2 type"
    DeviceKey device{};
};

/// The entities of one printer, and which of them read which part of the report. Valid as long as the Facts
/// it was created from do not change.
class Layout {
  public:
    Layout() = default;

    /// Expands the table for a printer. Before the first full report (`facts.complete` is false) only the
    /// gateway's own entities exist: connection and last_command.
    explicit Layout(const Facts& facts);

    [[nodiscard]] const std::vector<Instance>& instances() const noexcept { return instances_; }

    /// The index of the instance with this id ("ams_1_humidity"); nothing if the printer has none.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view id) const;

    /// Indices of the instances that read KEY, KEY/CHILD or KEY/CHILD/ITEM; empty if there are none.
    [[nodiscard]] std::span<const std::uint16_t> readers(std::string_view key, std::string_view child,
                                                         std::string_view item = {}) const;

    /// Indices of the instances that depend on this part of GatewayState.
    [[nodiscard]] std::span<const std::uint16_t> readers(GatewayField field) const {
        return gateway_readers_[static_cast<std::size_t>(field)];
    }

    /// The options of an enum entity of this printer.
    [[nodiscard]] static std::span<const std::string_view> options(const Instance& instance,
                                                                   const Facts& facts);

  private:
    void add(const Entity& entity, const Place& place, const Facts& facts, std::string prefix);

    std::vector<Instance> instances_;
    std::unordered_map<std::string, std::vector<std::uint16_t>> readers_;
    std::array<std::vector<std::uint16_t>, static_cast<std::size_t>(GatewayField::count_)> gateway_readers_;
};

} // namespace bambu2mqtt
