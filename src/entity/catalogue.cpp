#include "entity/rows.hpp"
#include <bambu2mqtt/entity/catalogue.hpp>
#include <bambu2mqtt/printer/ams_id.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace bambu2mqtt {

namespace {

constexpr int rack_places = 6;

std::vector<Entity> join_rows() {
    std::vector<Entity> all;
    for (const auto part :
         {job_rows(), error_rows(), attention_rows(), job_button_rows(), dialog_button_rows(),
          temperature_rows(), fan_rows(), light_rows(), machine_rows(), nozzle_rows(), setting_rows(),
          detector_rows(), machine_button_rows(), filament_rows(), ams_rows(), rack_rows()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

/// The entities of a printer that was never seen.
bool known_from_the_start(const Entity& entity) {
    return entity.id == "connection" || entity.id == "last_command";
}

std::string name_of_instance(const Entity& entity, const Place& place) {
    if (!entity.name.empty()) {
        return std::string{entity.name};
    }
    if (entity.scope == Scope::tray) {
        const auto tray = fmt::format("Tray {}", place.tray + 1);
        return entity.id.empty() ? tray : fmt::format("{} {}", tray, entity.id);
    }
    return entity.scope == Scope::hotend ? fmt::format("Hotend {}", place.hotend + 1)
                                         : name_from_id(entity.id);
}

std::string join(std::string_view prefix, std::string_view id) {
    if (prefix.empty() || id.empty()) {
        return std::string{prefix.empty() ? id : prefix};
    }
    return fmt::format("{}_{}", prefix, id);
}

/// What can stand before the ids of a scope: the public names of units, trays, spools and places.
std::vector<std::string> prefixes_of(Scope scope) {
    constexpr int largest_unit = 255;
    std::vector<std::string> prefixes;
    for (int id = 0; (scope == Scope::ams || scope == Scope::tray) && id <= largest_unit; ++id) {
        const auto unit = AmsId::from_wire(id);
        if (unit && scope == Scope::ams) {
            prefixes.push_back(unit->name());
        }
        for (int tray = 0; unit && scope == Scope::tray && tray < unit->trays(); ++tray) {
            prefixes.push_back(fmt::format("{}_tray_{}", unit->name(), tray + 1));
        }
    }
    switch (scope) {
    case Scope::printer:
    case Scope::rack:
        return {""};
    case Scope::external:
        for (const auto spool : {Spool::single, Spool::left, Spool::right}) {
            prefixes.emplace_back(prefix_of(spool));
        }
        break;
    case Scope::hotend:
        for (int place = 0; place < rack_places; ++place) {
            prefixes.push_back(fmt::format("hotend_{}", place + 1));
        }
        break;
    case Scope::ams:
    case Scope::tray:
        break;
    }
    return prefixes;
}

} // namespace

std::string_view name_of(Component component) {
    constexpr std::array<std::string_view, 10> names{"sensor", "binary_sensor", "number", "select", "switch",
                                                     "light",  "fan",           "button", "event",  "update"};
    return names[static_cast<std::size_t>(component)];
}

std::span<const Entity> catalogue() {
    static const std::vector<Entity> all = join_rows();
    return all;
}

std::string name_from_id(std::string_view id) {
    std::string name{id};
    std::ranges::replace(name, '_', ' ');
    if (!name.empty()) {
        name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    }
    return name;
}

std::string pattern_of(const Entity& entity) {
    constexpr std::array<std::string_view, 6> prefixes{"", "{ams}", "{ams}_tray_{n}", "{external_spool}",
                                                       "", ""};
    return entity.scope == Scope::hotend ? "hotend_{n}"
                                         : join(prefixes[static_cast<std::size_t>(entity.scope)], entity.id);
}

std::vector<PossibleId> possible_ids() {
    std::vector<PossibleId> ids;
    for (const auto& entity : catalogue()) {
        for (const auto& prefix : prefixes_of(entity.scope)) {
            ids.push_back({&entity, entity.scope == Scope::hotend ? prefix : join(prefix, entity.id)});
        }
    }
    return ids;
}

Layout::Layout(const Facts& facts) {
    for (const auto& entity : catalogue()) {
        if (!facts.complete && !known_from_the_start(entity)) {
            continue;
        }
        switch (entity.scope) {
        case Scope::printer:
            add(entity, Place{}, facts, "");
            break;
        case Scope::ams:
            for (const auto& unit : facts.units) {
                add(entity, Place{.unit = &unit}, facts, unit.prefix());
            }
            break;
        case Scope::tray:
            for (const auto& unit : facts.units) {
                for (int tray = 0; tray < unit.trays(); ++tray) {
                    add(entity, Place{.unit = &unit, .tray = tray}, facts,
                        fmt::format("{}_tray_{}", unit.prefix(), tray + 1));
                }
            }
            break;
        case Scope::external:
            if (facts.has(Feature::external_spool)) {
                const auto spools =
                    facts.two_nozzles() ? std::vector{Spool::left, Spool::right} : std::vector{Spool::single};
                for (const auto spool : spools) {
                    add(entity, Place{.spool = spool}, facts, std::string{prefix_of(spool)});
                }
            }
            break;
        case Scope::rack:
            if (facts.has(Feature::rack)) {
                add(entity, Place{}, facts, "");
            }
            break;
        case Scope::hotend:
            for (int place = 0; facts.has(Feature::rack) && place < rack_places; ++place) {
                add(entity, Place{.hotend = place}, facts, "");
            }
            break;
        }
    }
}

void Layout::add(const Entity& entity, const Place& place, const Facts& facts, std::string prefix) {
    if (entity.exists != nullptr && !entity.exists(facts, place)) {
        return;
    }
    Instance instance{.entity = &entity, .place = place, .name = name_of_instance(entity, place)};
    switch (entity.scope) {
    case Scope::printer:
        break;
    case Scope::ams:
    case Scope::tray:
        instance.device = place.unit->prefix();
        break;
    case Scope::external:
        instance.device = prefix_of(place.spool);
        break;
    case Scope::rack:
    case Scope::hotend:
        instance.device = "rack";
        break;
    }
    instance.id =
        entity.scope == Scope::hotend ? fmt::format("hotend_{}", place.hotend + 1) : join(prefix, entity.id);

    const auto index = static_cast<std::uint16_t>(instances_.size());
    for (const auto source : entity.from) {
        if (!source.empty()) {
            auto key = std::string{source};
            if (key == "ams/{unit}") {
                key = fmt::format("ams/{}", place.unit->id);
            } else if (key == "ams/{unit}/{tray}") {
                key = fmt::format("ams/{}/{}", place.unit->id, place.tray);
            }
            readers_[std::move(key)].push_back(index);
        }
    }
    if (entity.gateway != GatewayField::none) {
        gateway_readers_[static_cast<std::size_t>(entity.gateway)].push_back(index);
    }
    instances_.push_back(std::move(instance));
}

std::optional<std::size_t> Layout::find(std::string_view id) const {
    const auto found = std::ranges::find(instances_, id, &Instance::id);
    return found == instances_.end() ? std::nullopt
                                     : std::optional{static_cast<std::size_t>(found - instances_.begin())};
}

std::span<const std::uint16_t> Layout::readers(std::string_view key, std::string_view child,
                                               std::string_view item) const {
    // Assembled in a reused buffer: this runs for every changed field of every report.
    thread_local std::string path;
    path.assign(key);
    if (!child.empty()) {
        path.append("/").append(child);
    }
    if (!item.empty()) {
        path.append("/").append(item);
    }
    const auto found = readers_.find(path);
    return found == readers_.end() ? std::span<const std::uint16_t>{} : found->second;
}

std::span<const std::string_view> Layout::options(const Instance& instance, const Facts& facts) {
    return instance.entity->options_of != nullptr ? instance.entity->options_of(facts)
                                                  : instance.entity->options;
}

} // namespace bambu2mqtt
