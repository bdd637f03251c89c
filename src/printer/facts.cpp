#include <bambu2mqtt/core/read.hpp>
#include <bambu2mqtt/printer/document.hpp>
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/limits.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

/// Bit `index` of the hex word `key`.
bool word_bit(const Document& report, std::string_view key, unsigned index) {
    return read::bit(read::word(report.find(key)).value_or(0), index);
}

/// Bit `index` of home_flag.
bool home_bit(const Document& report, unsigned index) {
    return read::bit(read::signed_word(report.find("home_flag")).value_or(0), index);
}

bool present(const Document& report, std::string_view path) {
    return report.find(path) != nullptr;
}

/// Whether device.airduct lists a part (16 part fan, 32 auxiliary, 48 chamber, 160 second auxiliary).
bool lists_part(const Document& report, int id) {
    const Json* const parts = report.find("device/airduct/parts");
    return parts != nullptr && parts->is_array() && std::ranges::any_of(*parts, [&](const Json& part) {
               return part.is_object() && part.contains("id") && read::integer(&part["id"]) == id;
           });
}

bool measures_chamber(const Document& report) {
    const auto old_style = read::number(report.find("chamber_temper"));
    return present(report, "device/ctc") ||
           (old_style && *old_style != 5); // 5 is what A1 and P1 send without a sensor
}

/// H2C: nozzle ids from 16 on are places of the rack.
bool has_rack(const Document& report) {
    if (read::integer(report.find("device/nozzle/exist")).value_or(0) >= (1 << 16)) {
        return true;
    }
    const Json* const nozzles = report.find("device/nozzle/info");
    return nozzles != nullptr && nozzles->is_object() &&
           std::ranges::any_of(nozzles->items(),
                               [](const auto& item) { return id_of(item.key()).value_or(0) >= 16; });
}

bool two_extruders(const Document& report) {
    const Json* const extruders = report.find("device/extruder/info");
    return extruders != nullptr && extruders->is_object() && extruders->size() >= 2;
}

/// What shows that a printer has something. A feature that was seen stays.
struct Evidence {
    Feature feature{};
    bool (*seen)(const Document&) = nullptr;
};

constexpr std::array evidence{
    Evidence{Feature::airduct, [](const Document& r) { return present(r, "device/airduct/modeCur"); }},
    Evidence{Feature::part_fan, [](const Document& r) { return lists_part(r, 16); }},
    Evidence{Feature::aux_fan,
             [](const Document& r) {
                 return lists_part(r, 32) || read::flag(r.find("aux_part_fan")).value_or(false);
             }},
    Evidence{Feature::chamber_fan, [](const Document& r) { return lists_part(r, 48); }},
    Evidence{Feature::secondary_aux_fan, [](const Document& r) { return lists_part(r, 160); }},
    Evidence{Feature::chamber_measured, measures_chamber},
    Evidence{Feature::work_light, [](const Document& r) { return present(r, "lights_report/work_light"); }},
    Evidence{Feature::timelapse, [](const Document& r) { return present(r, "ipcam/timelapse"); }},
    Evidence{Feature::camera_recording, [](const Document& r) { return present(r, "ipcam/ipcam_record"); }},
    Evidence{Feature::rtsp, [](const Document& r) { return present(r, "ipcam/rtsp_url"); }},
    Evidence{Feature::plate,
             [](const Document& r) { return present(r, "plate_idx") || present(r, "plate_id"); }},
    Evidence{Feature::np,
             [](const Document& r) {
                 return present(r, "cfg") && present(r, "fun") && present(r, "aux") && present(r, "stat");
             }},
    Evidence{Feature::fun, [](const Document& r) { return read::word(r.find("fun")).has_value(); }},
    Evidence{Feature::rack, has_rack},
    Evidence{Feature::external_spool,
             [](const Document& r) { return present(r, "vir_slot") || present(r, "vt_tray"); }},
    Evidence{Feature::two_extruders, two_extruders},
    Evidence{Feature::prompt_sound,
             [](const Document& r) { return home_bit(r, 18) || word_bit(r, "fun", 8); }},
    Evidence{Feature::filament_tangle,
             [](const Document& r) { return home_bit(r, 19) || word_bit(r, "fun", 9); }},
    Evidence{Feature::nozzle_blob,
             [](const Document& r) { return home_bit(r, 25) || word_bit(r, "fun", 13); }},
    Evidence{Feature::air_print, [](const Document& r) { return home_bit(r, 29); }},
    Evidence{
        Feature::spaghetti,
        [](const Document& r) { return present(r, "xcam/spaghetti_detector") || word_bit(r, "fun", 42); }},
    Evidence{Feature::pileup,
             [](const Document& r) { return present(r, "xcam/pileup_detector") || word_bit(r, "fun", 43); }},
    Evidence{Feature::clump,
             [](const Document& r) { return present(r, "xcam/clump_detector") || word_bit(r, "fun", 44); }},
    Evidence{
        Feature::airprinting,
        [](const Document& r) { return present(r, "xcam/airprint_detector") || word_bit(r, "fun", 45); }},
    Evidence{Feature::buildplate_marker,
             [](const Document& r) { return present(r, "xcam/buildplate_marker_detector"); }},
    Evidence{Feature::first_layer,
             [](const Document& r) { return present(r, "xcam/first_layer_inspector"); }},
    Evidence{Feature::mains_220_volt,
             [](const Document& r) { return home_bit(r, 3) || word_bit(r, "fun", 2); }},
};

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

/// Ids that units have; anything else in a report is noise.
bool is_unit_id(int id) {
    return (id >= 0 && id <= 3) || id == 16 || (id >= 128 && id <= 135);
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
    const auto member = [&](const char* key) { return reported.contains(key) ? &reported[key] : nullptr; };
    const bool humidity = read::integer(member("humidity_raw")).has_value();
    const bool warm = read::number(member("temp")).value_or(0) != 0;
    unit.reports_humidity = unit.reports_humidity || humidity;
    unit.reports_temperature = unit.reports_temperature || humidity || warm;
    unit.reports_drying = unit.reports_drying || member("dry_setting") != nullptr;
}

void learn_units(Facts& facts, const Document& report) {
    const Json* const units = report.find("ams/ams");
    if (units == nullptr || !units->is_object()) {
        return;
    }
    if (report.complete()) {
        for (auto& unit : facts.units) {
            unit.present = report.unit_present(unit.id);
        }
    }
    for (const auto& [key, reported] : units->items()) {
        const auto id = id_of(key);
        if (id && is_unit_id(*id) && reported.is_object() && report.unit_present(*id)) {
            learn_unit(facts, *id, reported);
        }
    }
}

std::uint32_t offered_modes(const Document& report) {
    const Json* const modes = report.find("device/airduct/modeList");
    std::uint32_t result = 0;
    if (modes != nullptr && modes->is_array()) {
        for (const auto& mode : *modes) {
            const auto id =
                read::integer(mode.is_object() && mode.contains("modeId") ? &mode["modeId"] : nullptr);
            if (id && *id >= 0 && *id < 8) {
                result |= 1U << static_cast<unsigned>(*id);
            }
        }
    }
    return result;
}

std::string text_of(const Json& module, const char* key) {
    return std::string{read::text(module.contains(key) ? &module[key] : nullptr).value_or("")};
}

/// The order of tests is the one of docs/printers.md: product name, then board and project code.
Model model_of_modules(const Json& modules) {
    for (const auto& module : modules) {
        const auto product = text_of(module, "product_name");
        if (product.starts_with("Bambu Lab ")) {
            if (const auto model = parse_model(product)) {
                return *model;
            }
        }
    }
    for (const auto& module : modules) {
        const auto board = text_of(module, "hw_ver");
        const auto project = text_of(module, "project_name");
        if (!board.starts_with("AP0")) {
            continue;
        }
        if (board == "AP02") {
            return Model::x1e;
        }
        if (project == "N1") {
            return Model::a1mini;
        }
        if (board == "AP04" && (project == "C11" || project == "C12")) {
            return project == "C11" ? Model::p1p : Model::p1s;
        }
        if (board == "AP05" && project == "N2S") {
            return Model::a1;
        }
        if (board == "AP05" && project.empty()) {
            return Model::x1c;
        }
        break;
    }
    return Model::unknown;
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

void learn_unit_module(Facts& facts, const Json& module) {
    const auto name = text_of(module, "name");
    for (const auto& row : unit_modules) {
        if (!name.starts_with(row.prefix)) {
            continue;
        }
        const auto id = id_of(std::string_view{name}.substr(row.prefix.size()));
        if (id && is_unit_id(*id)) {
            const bool known = std::ranges::find(facts.units, *id, &Unit::id) != facts.units.end();
            auto& unit = unit_of(facts, *id);
            unit.kind = row.kind;
            unit.serial = text_of(module, "sn");
            unit.firmware = text_of(module, "sw_ver");
            // The report decides what is plugged in; until it has come, the module list does.
            unit.present = known ? unit.present : !facts.complete;
        }
        return;
    }
}

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

std::string Unit::prefix() const {
    if (id >= 128) {
        return "ams_ht_" + std::to_string(id - 127);
    }
    return id == 16 ? "ams_lite_1" : "ams_" + std::to_string(id + 1);
}

bool learn(Facts& facts, const Document& report) {
    const Facts before = facts;
    facts.complete = facts.complete || report.complete();
    for (const auto& row : evidence) {
        if (!facts.has(row.feature) && row.seen(report)) {
            facts.features.set(static_cast<std::size_t>(row.feature));
        }
    }
    facts.airduct_modes |= offered_modes(report);
    learn_units(facts, report);
    learn_targets(facts, report);
    if (const auto fun = read::word(report.find("fun"))) {
        facts.signature = read::bit(*fun, 29) ? Signature::needed : Signature::not_needed;
    }
    return facts != before;
}

bool learn_modules(Facts& facts, const Json& modules, std::optional<Model> configured) {
    if (!modules.is_array()) {
        return false;
    }
    Json usable = Json::array();
    std::ranges::copy_if(modules, std::back_inserter(usable),
                         [](const Json& module) { return module.is_object(); });

    const Facts before = facts;
    const auto told = model_of_modules(usable);
    if (configured) {
        facts.model = *configured;
    } else if (told != Model::unknown) {
        facts.model = told;
    }
    for (const auto& module : usable) {
        const auto name = text_of(module, "name");
        if (name == "ota" && !text_of(module, "sw_ver").empty()) {
            facts.firmware = text_of(module, "sw_ver");
        }
        if (text_of(module, "hw_ver").starts_with("AP0")) {
            facts.hardware = text_of(module, "hw_ver");
        }
        learn_unit_module(facts, module);
    }
    return facts != before;
}

} // namespace bambu2mqtt
