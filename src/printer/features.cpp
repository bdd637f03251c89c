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
bool tells_storage_size(const ReportState& report) {
    constexpr std::array totals{"ipcam/tl_external_total_kb", "ipcam/tl_internal_total_kb",
                                "device/cam/tl_external_total_kb", "device/cam/tl_internal_total_kb"};
    return std::ranges::any_of(
        totals, [&](const char* path) { return read::integer(report.find(path)).value_or(0) > 0; });
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

/// Evidence for a feature in the fields with these keys. A feature that was detected stays.
struct Evidence {
    Feature feature{};
    std::array<std::string_view, 4> from{};
    bool (*seen)(const ReportState&) = nullptr;
    Model only = Model::unknown; ///< evidence on this model only; unknown: on all models
};

constexpr std::array evidence{
    Evidence{Feature::airduct,
             {"device"},
             [](const ReportState& r) { return present(r, "device/airduct/modeCur"); }},
    Evidence{Feature::part_fan, {"device"}, [](const ReportState& r) { return lists_part(r, 16); }},
    Evidence{Feature::aux_fan,
             {"device", "aux_part_fan"},
             [](const ReportState& r) {
                 return lists_part(r, 32) || read::flag(r.find("aux_part_fan")).value_or(false);
             }},
    // An A1 reports speeds of a fan it does not have; a P1P reports `aux_part_fan` in no recording.
    Evidence{Feature::aux_fan,
             {"big_fan1_speed"},
             [](const ReportState& r) { return read::integer(r.find("big_fan1_speed")).value_or(0) > 0; },
             Model::p1p},
    Evidence{Feature::chamber_fan, {"device"}, [](const ReportState& r) { return lists_part(r, 48); }},
    Evidence{Feature::secondary_aux_fan, {"device"}, [](const ReportState& r) { return lists_part(r, 160); }},
    Evidence{Feature::chamber_measured, {"device", "chamber_temper"}, measures_chamber},
    Evidence{Feature::work_light,
             {"lights_report"},
             [](const ReportState& r) { return present(r, "lights_report/work_light"); }},
    Evidence{
        Feature::timelapse, {"ipcam"}, [](const ReportState& r) { return present(r, "ipcam/timelapse"); }},
    Evidence{Feature::camera_recording,
             {"ipcam"},
             [](const ReportState& r) { return present(r, "ipcam/ipcam_record"); }},
    Evidence{Feature::rtsp, {"ipcam"}, [](const ReportState& r) { return present(r, "ipcam/rtsp_url"); }},
    Evidence{Feature::plate,
             {"plate_idx", "plate_id"},
             [](const ReportState& r) { return present(r, "plate_idx") || present(r, "plate_id"); }},
    Evidence{Feature::np,
             {"cfg", "fun", "aux", "stat"},
             [](const ReportState& r) {
                 return present(r, "cfg") && present(r, "fun") && present(r, "aux") && present(r, "stat");
             }},
    Evidence{
        Feature::fun, {"fun"}, [](const ReportState& r) { return read::word(r.find("fun")).has_value(); }},
    Evidence{Feature::rack, {"device"}, has_rack},
    Evidence{Feature::external_spool,
             {"vir_slot", "vt_tray"},
             [](const ReportState& r) { return present(r, "vir_slot") || present(r, "vt_tray"); }},
    Evidence{Feature::two_extruders, {"device"}, two_extruders},
    Evidence{Feature::prompt_sound,
             {"home_flag", "fun"},
             [](const ReportState& r) { return home_bit(r, 18) || word_bit(r, "fun", 8); }},
    Evidence{Feature::filament_tangle,
             {"home_flag", "fun"},
             [](const ReportState& r) { return home_bit(r, 19) || word_bit(r, "fun", 9); }},
    Evidence{Feature::nozzle_blob,
             {"home_flag", "fun"},
             [](const ReportState& r) { return home_bit(r, 25) || word_bit(r, "fun", 13); }},
    Evidence{Feature::air_print, {"home_flag"}, [](const ReportState& r) { return home_bit(r, 29); }},
    Evidence{Feature::spaghetti,
             {"xcam", "fun"},
             [](const ReportState& r) { return detects(r, "xcam/spaghetti_detector", 42); }},
    Evidence{Feature::pileup,
             {"xcam", "fun"},
             [](const ReportState& r) { return detects(r, "xcam/pileup_detector", 43); }},
    Evidence{Feature::clump,
             {"xcam", "fun"},
             [](const ReportState& r) { return detects(r, "xcam/clump_detector", 44); }},
    Evidence{Feature::airprinting,
             {"xcam", "fun"},
             [](const ReportState& r) { return detects(r, "xcam/airprint_detector", 45); }},
    Evidence{Feature::buildplate_marker,
             {"xcam"},
             [](const ReportState& r) { return present(r, "xcam/buildplate_marker_detector"); }},
    Evidence{Feature::first_layer,
             {"xcam"},
             [](const ReportState& r) { return present(r, "xcam/first_layer_inspector"); }},
    Evidence{Feature::storage_size, {"ipcam", "device"}, tells_storage_size},
    Evidence{Feature::mains_220_volt,
             {"home_flag", "fun"},
             [](const ReportState& r) { return home_bit(r, 3) || word_bit(r, "fun", 2); }},
};

} // namespace

bool learn_features(Facts& facts, const ReportState& report, const ChangeFilter& filter) {
    const auto before = facts.features;
    for (const auto& row : evidence) {
        const bool applies = row.only == Model::unknown || row.only == facts.model;
        if (applies && !facts.has(row.feature) && filter.in(row.from) && row.seen(report)) {
            facts.features.set(static_cast<std::size_t>(row.feature));
        }
    }
    return facts.features != before;
}

} // namespace bambu2mqtt
