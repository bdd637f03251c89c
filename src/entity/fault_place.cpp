#include "entity/fault_place.hpp"

#include <bambu2mqtt/printer/facts.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

/// The error modules of AMS units, and the wire id of their first unit.
struct UnitModule {
    std::uint32_t module = 0;
    int first_unit = 0;
};

constexpr std::array unit_modules{UnitModule{0x07, 0}, UnitModule{0x12, 0}, UnitModule{0x18, 128}};

bool has_unit_with_id(const Facts& facts, int id) {
    return std::ranges::find(facts.units, id, &Unit::id) != facts.units.end();
}

} // namespace

std::optional<Feed> place_in(std::uint32_t module_and_unit, const Facts& facts) {
    const auto* const module = std::ranges::find(unit_modules, module_and_unit >> 8U, &UnitModule::module);
    if (module == unit_modules.end()) {
        return std::nullopt;
    }
    const auto number = static_cast<int>(module_and_unit & 0xFFU);
    if (number >= 0xFE) {
        const auto spool = !facts.two_nozzles() ? Spool::single : number == 0xFE ? Spool::left : Spool::right;
        return Feed{.kind = Feed::Kind::external, .spool = spool};
    }
    auto unit = module->first_unit + (number & 0x7F);
    if (unit == 0 && !has_unit_with_id(facts, 0) && has_unit_with_id(facts, 16)) {
        unit = 16; // the only unit of an A2L
    }
    return Feed{.kind = Feed::Kind::tray, .unit = unit};
}

std::string prefix_of_place(const Feed& place) {
    return place.kind == Feed::Kind::tray ? Unit{.id = place.unit}.prefix()
                                          : std::string{prefix_of(place.spool)};
}

bool is_place(const Feed& feed) {
    return feed.kind == Feed::Kind::tray || feed.kind == Feed::Kind::external;
}

} // namespace bambu2mqtt
