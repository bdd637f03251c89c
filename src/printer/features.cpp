#include "printer/learning.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace bambu2mqtt {

namespace {

/// Bit `index` of the hex word `key`.
bool word_bit(const ReportState& report, std::string_view key, unsigned index) {
    return read::bit(read::word(report.find(key)).value_or(0), index);
}

/// Bit `index` of home_flag.
bool home_bit(const ReportState& report, unsigned index) {
    return read::bit(read::signed_word(report.find("home_flag")).value_or(0), index);
}

bool present(const ReportState& report, std::string_view path) {
    return report.find(path) != nullptr;
}

/// True if device.airduct lists a part (16 part fan, 32 auxiliary, 48 chamber, 160 second auxiliary).
bool lists_part(const ReportState& report, int id) {
    return present(report, "device/airduct/parts/" + std::to_string(id));
}

bool measures_chamber(const ReportState& report) {
    const auto old_style = read::number(report.find("chamber_temper"));
    return present(report, "device/ctc") ||
           (old_style && *old_style != 5); // A1 and P1 send 5 without a sensor
}

/// Sizes in KiB; 0 if there is no such store.
bool reports_storage_size(const ReportState& report) {
    constexpr std::array totals{"ipcam/tl_external_total_kb", "ipcam/tl_internal_total_kb",
                                "device/cam/tl_external_total_kb", "device/cam/tl_internal_total_kb"};
    return std::ranges::any_of(
        totals, [&](const char* path) { return read::integer(report.find(path)).value_or(0) > 0; });
}

/// Firmware of P1S and P1P always reports 0. Recorded: P1S 2025, P1S with AMS.
bool tells_network_address(const ReportState& report) {
    const Json* const interfaces = report.find("net/info");
    return interfaces != nullptr && interfaces->is_array() &&
           std::ranges::any_of(*interfaces, [](const Json& one) {
               return one.is_object() && one.contains("ip") && read::signed_word(&one["ip"]).value_or(0) != 0;
           });
}

/// H2C: nozzle ids from 16 on are slots of the rack.
bool has_rack(const ReportState& report) {
    if (read::integer(report.find("device/nozzle/exist")).value_or(0) >= (1 << 16)) {
        return true;
    }
    const Json* const nozzles = report.find("device/nozzle/info");
    return nozzles != nullptr && nozzles->is_object() &&
           std::ranges::any_of(nozzles->items(),
                               [](const auto& item) { return id_of(item.key()).value_or(0) >= 16; });
}

/// A detector, by its own flag, or by its capability bit in `fun` and its state in `xcam.cfg`.
bool detects(const ReportState& report, std::string_view flag, unsigned capability) {
    return present(report, flag) || (word_bit(report, "fun", capability) && present(report, "xcam/cfg"));
}

bool two_extruders(const ReportState& report) {
    const Json* const extruders = report.find("device/extruder/info");
    return extruders != nullptr && extruders->is_object() && extruders->size() >= 2;
}

/// A feature, and its evidence in the fields with these keys. A feature that was detected stays. One with two
/// kinds of evidence has two rows.
struct FeatureRow {
    Feature feature{};
    std::string_view name{}; ///< in the state file: must not change, so that older files remain readable
    std::array<std::string_view, 4> from{};
    bool (*seen)(const ReportState&) = nullptr; ///< null: a report is not sufficient evidence
    Model only = Model::unknown;                ///< evidence on this model only; unknown: on all models
};

constexpr std::array feature_rows{
    FeatureRow{Feature::airduct,
               "airduct",
               {"device"},
               [](const ReportState& r) { return present(r, "device/airduct/modeCur"); }},
    FeatureRow{
        Feature::part_fan, "part_fan", {"device"}, [](const ReportState& r) { return lists_part(r, 16); }},
    FeatureRow{Feature::aux_fan,
               "aux_fan",
               {"device", "aux_part_fan"},
               [](const ReportState& r) {
                   return lists_part(r, 32) || read::flag(r.find("aux_part_fan")).value_or(false);
               }},
    // An A1 reports speeds of a fan it does not have; a P1P reports `aux_part_fan` in no recording.
    FeatureRow{Feature::aux_fan,
               "aux_fan",
               {"big_fan1_speed"},
               [](const ReportState& r) { return read::integer(r.find("big_fan1_speed")).value_or(0) > 0; },
               Model::p1p},
    FeatureRow{Feature::chamber_fan,
               "chamber_fan",
               {"device"},
               [](const ReportState& r) { return lists_part(r, 48); }},
    FeatureRow{Feature::secondary_aux_fan,
               "secondary_aux_fan",
               {"device"},
               [](const ReportState& r) { return lists_part(r, 160); }},
    FeatureRow{Feature::chamber_measured, "chamber_measured", {"device", "chamber_temper"}, measures_chamber},
    FeatureRow{Feature::work_light,
               "work_light",
               {"lights_report"},
               [](const ReportState& r) { return present(r, "lights_report/work_light"); }},
    FeatureRow{Feature::timelapse,
               "timelapse",
               {"ipcam"},
               [](const ReportState& r) { return present(r, "ipcam/timelapse"); }},
    FeatureRow{Feature::camera_recording,
               "camera_recording",
               {"ipcam"},
               [](const ReportState& r) { return present(r, "ipcam/ipcam_record"); }},
    FeatureRow{
        Feature::rtsp, "rtsp", {"ipcam"}, [](const ReportState& r) { return present(r, "ipcam/rtsp_url"); }},
    FeatureRow{Feature::plate,
               "plate",
               {"plate_idx", "plate_id"},
               [](const ReportState& r) { return present(r, "plate_idx") || present(r, "plate_id"); }},
    FeatureRow{Feature::np,
               "np",
               {"cfg", "fun", "aux", "stat"},
               [](const ReportState& r) {
                   return present(r, "cfg") && present(r, "fun") && present(r, "aux") && present(r, "stat");
               }},
    FeatureRow{Feature::fun,
               "fun",
               {"fun"},
               [](const ReportState& r) { return read::word(r.find("fun")).has_value(); }},
    FeatureRow{Feature::rack, "rack", {"device"}, has_rack},
    FeatureRow{Feature::external_spool,
               "external_spool",
               {"vir_slot", "vt_tray"},
               [](const ReportState& r) { return present(r, "vir_slot") || present(r, "vt_tray"); }},
    FeatureRow{Feature::two_extruders, "two_extruders", {"device"}, two_extruders},
    FeatureRow{Feature::prompt_sound,
               "prompt_sound",
               {"home_flag", "fun"},
               [](const ReportState& r) { return home_bit(r, 18) || word_bit(r, "fun", 8); }},
    FeatureRow{Feature::filament_tangle,
               "filament_tangle",
               {"home_flag", "fun"},
               [](const ReportState& r) { return home_bit(r, 19) || word_bit(r, "fun", 9); }},
    FeatureRow{Feature::nozzle_blob,
               "nozzle_blob",
               {"home_flag", "fun"},
               [](const ReportState& r) { return home_bit(r, 25) || word_bit(r, "fun", 13); }},
    FeatureRow{
        Feature::air_print, "air_print", {"home_flag"}, [](const ReportState& r) { return home_bit(r, 29); }},
    FeatureRow{Feature::spaghetti,
               "spaghetti",
               {"xcam", "fun"},
               [](const ReportState& r) { return detects(r, "xcam/spaghetti_detector", 42); }},
    FeatureRow{Feature::pileup,
               "pileup",
               {"xcam", "fun"},
               [](const ReportState& r) { return detects(r, "xcam/pileup_detector", 43); }},
    FeatureRow{Feature::clump,
               "clump",
               {"xcam", "fun"},
               [](const ReportState& r) { return detects(r, "xcam/clump_detector", 44); }},
    FeatureRow{Feature::airprinting,
               "airprinting",
               {"xcam", "fun"},
               [](const ReportState& r) { return detects(r, "xcam/airprint_detector", 45); }},
    FeatureRow{Feature::buildplate_marker,
               "buildplate_marker",
               {"xcam"},
               [](const ReportState& r) { return present(r, "xcam/buildplate_marker_detector"); }},
    FeatureRow{Feature::first_layer,
               "first_layer",
               {"xcam"},
               [](const ReportState& r) { return present(r, "xcam/first_layer_inspector"); }},
    FeatureRow{Feature::storage_size, "storage_size", {"ipcam", "device"}, reports_storage_size},
    FeatureRow{Feature::network_address, "network_address", {"net"}, tells_network_address},
    FeatureRow{Feature::nozzle_diameter,
               "nozzle_diameter",
               {"nozzle_diameter", "device"},
               [](const ReportState& r) {
                   return present(r, "nozzle_diameter") || present(r, "device/nozzle/info");
               }},
    FeatureRow{
        Feature::nozzle_type,
        "nozzle_type",
        {"nozzle_type", "device"},
        [](const ReportState& r) { return present(r, "nozzle_type") || present(r, "device/nozzle/info"); }},
    FeatureRow{Feature::mains_220_volt,
               "mains_220_volt",
               {"home_flag", "fun"},
               [](const ReportState& r) { return home_bit(r, 3) || word_bit(r, "fun", 2); }},
    FeatureRow{Feature::chamber_given, "chamber_given"},
    FeatureRow{Feature::awaited_tray, "awaited_tray"},
};

} // namespace

std::string_view name_of(Feature feature) {
    const auto* const found = std::ranges::find(feature_rows, feature, &FeatureRow::feature);
    return found == feature_rows.end() ? std::string_view{} : found->name;
}

std::optional<Feature> feature_called(std::string_view name) {
    const auto* const found = std::ranges::find(feature_rows, name, &FeatureRow::name);
    return found == feature_rows.end() ? std::nullopt : std::optional{found->feature};
}

bool learn_features(Facts& facts, const ReportState& report, const ChangeFilter& filter) {
    const auto before = facts.features;
    for (const auto& row : feature_rows) {
        const bool applies = row.seen != nullptr && (row.only == Model::unknown || row.only == facts.model);
        if (applies && !facts.has(row.feature) && filter.in(row.from) && row.seen(report)) {
            facts.features.set(static_cast<std::size_t>(row.feature));
        }
    }
    return facts.features != before;
}

} // namespace bambu2mqtt
