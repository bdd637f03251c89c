#include "printer/learning.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/ams_id.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace bambu2mqtt {

namespace {

UnitKind kind_from_info(const Json& unit) {
    const auto info = read::word(unit.contains("info") ? &unit["info"] : nullptr).value_or(0);
    switch (read::bits(info, 0, 4)) {
    case 1:
        return UnitKind::ams;
    case 2:
    case 5: // A2L
        return UnitKind::ams_lite;
    case 3:
        return UnitKind::ams_2_pro;
    case 4:
        return UnitKind::ams_ht;
    default:
        return UnitKind::unknown;
    }
}

UnitKind kind_from_id(int id, Family family) {
    if (id >= 128) {
        return UnitKind::ams_ht;
    }
    if (id == 16) {
        return UnitKind::ams_lite;
    }
    return family == Family::a1 ? UnitKind::ams_lite : UnitKind::ams;
}

Unit& unit_of(Facts& facts, int id) {
    const auto at = std::ranges::lower_bound(facts.units, id, {}, &Unit::id);
    if (at != facts.units.end() && at->id == id) {
        return *at;
    }
    return *facts.units.insert(at, Unit{.id = id});
}

void learn_unit(Facts& facts, int id, const Json& reported) {
    auto& unit = unit_of(facts, id);
    unit.present = true;
    unit.absent_seconds = 0;
    if (unit.kind == UnitKind::unknown) {
        unit.kind = kind_from_info(reported);
    }
    if (unit.kind == UnitKind::unknown) {
        unit.kind = kind_from_id(id, facts.traits().family);
    }
    const auto member = [&](const char* key) { return read::member(&reported, key); };
    // An AMS without sensors always sends "0" and "0.0"; so does one with them while it starts up.
    unit.reports_humidity = unit.reports_humidity || read::integer(member("humidity_raw")).value_or(0) != 0;
    unit.reports_temperature = unit.reports_temperature || read::number(member("temp")).value_or(0) != 0;
    unit.reports_drying = unit.reports_drying || member("dry_setting") != nullptr;
}

struct UnitModule {
    std::string_view prefix{};
    UnitKind kind = UnitKind::unknown;
};

constexpr std::array unit_modules{
    UnitModule{"ams/", UnitKind::ams},
    UnitModule{"ams_f1/", UnitKind::ams_lite},
    UnitModule{"n3f/", UnitKind::ams_2_pro},
    UnitModule{"n3s/", UnitKind::ams_ht},
};

} // namespace

std::string_view name_of(UnitKind kind) {
    constexpr std::array<std::string_view, 5> names{"AMS", "AMS", "AMS Lite", "AMS 2 Pro", "AMS HT"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view prefix_of(Spool spool) {
    constexpr std::array<std::string_view, 3> prefixes{"external_spool", "external_spool_left",
                                                       "external_spool_right"};
    return prefixes[static_cast<std::size_t>(spool)];
}

int Unit::trays() const {
    const auto known = AmsId::from_wire(id);
    return known ? known->trays() : 4;
}

std::string Unit::prefix() const {
    const auto known = AmsId::from_wire(id);
    return known ? known->name() : "ams_" + std::to_string(id + 1);
}

bool learn_units(Facts& facts, const ReportState& report) {
    const Json* const units = report.find("ams/ams");
    if (units == nullptr || !units->is_object()) {
        return false;
    }
    const auto before = facts.units;
    if (report.complete()) {
        for (auto& unit : facts.units) {
            unit.present = report.unit_present(unit.id);
        }
    }
    for (const auto& [key, reported] : units->items()) {
        const auto id = id_of(key);
        if (id && AmsId::from_wire(*id) && reported.is_object() && report.unit_present(*id)) {
            learn_unit(facts, *id, reported);
        }
    }
    return facts.units != before;
}

void learn_unit_module(Facts& facts, const Json& module) {
    const auto name = read::text_member(module, "name");
    for (const auto& row : unit_modules) {
        if (!name.starts_with(row.prefix)) {
            continue;
        }
        const auto id = id_of(name.substr(row.prefix.size()));
        const auto serial = read::text_member(module, "sn");
        if (id && AmsId::from_wire(*id) && !serial.empty()) { // incomplete answers have none
            const bool known = std::ranges::find(facts.units, *id, &Unit::id) != facts.units.end();
            auto& unit = unit_of(facts, *id);
            unit.kind = row.kind;
            unit.serial = serial;
            unit.firmware = read::text_member(module, "sw_ver");
            // The report decides which units are plugged in; before the first one the module list does.
            unit.present = known ? unit.present : !facts.complete;
        }
        return;
    }
}

} // namespace bambu2mqtt
