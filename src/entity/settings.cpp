// Settings of the printer and its detectors: switches and sensitivities.
#include "entity/rows.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>

#include <array>

namespace bambu2mqtt {

namespace {

using namespace decode;

constexpr int no_bit = -1;

/// A setting in a bit of `cfg` on new firmware, in a bit of `home_flag` on old.
template <int cfg_bit, int home_bit>
Value setting(const View& view) {
    const auto cfg = np(view) ? read::word(view.report.find("cfg")) : std::nullopt;
    if (cfg && cfg_bit != no_bit) {
        return read::bit(*cfg, static_cast<unsigned>(cfg_bit));
    }
    const auto home = read::signed_word(view.report.find("home_flag"));
    return home && home_bit != no_bit ? Value{read::bit(*home, static_cast<unsigned>(home_bit))} : not_known;
}

/// The same, where old firmware has a separate field: `ams.insert_flag`, `ams.power_on_flag`.
template <int cfg_bit>
Value ams_setting(const View& view) {
    const auto value = setting<cfg_bit, no_bit>(view);
    return known(value) ? value : flag(view);
}

/// "enable" / "disable" below ipcam, or the bit of cfg.
template <int cfg_bit>
Value camera_setting(const View& view, std::string_view key) {
    const auto value = setting<cfg_bit, no_bit>(view);
    const auto text = read::text(member(view.report.find("ipcam"), key)).value_or("");
    if (known(value) || (text != "enable" && text != "disable")) {
        return value;
    }
    return text == "enable";
}

Value timelapse(const View& view) {
    return camera_setting<5>(view, "timelapse");
}

Value camera_recording(const View& view) {
    return camera_setting<3>(view, "ipcam_record");
}

/// A detector: one bit and two bits of level in xcam.cfg, or a separate flag below xcam.
struct Detector {
    unsigned bit = 0;
    std::string_view key{};
};

constexpr std::array detectors{
    Detector{7, "spaghetti_detector"},
    Detector{10, "pileup_detector"},
    Detector{13, "clump_detector"},
    Detector{16, "airprint_detector"},
};

std::optional<std::uint64_t> xcam_word(const View& view) {
    return read::signed_word(view.report.find("xcam/cfg"));
}

template <std::size_t index>
Value detector(const View& view) {
    if (const auto word = xcam_word(view)) {
        return read::bit(*word, detectors[index].bit);
    }
    const auto state = read::flag(member(view.report.find("xcam"), detectors[index].key));
    return state ? Value{*state} : not_known;
}

template <std::size_t index>
Value sensitivity(const View& view) {
    if (const auto word = xcam_word(view)) {
        constexpr std::array<std::string_view, 4> levels{"low", "medium", "high", ""};
        return option(view, levels[read::bits(*word, detectors[index].bit + 1, 2)]);
    }
    // Old firmware has one level, and only for the spaghetti detector.
    return index == 0 ? option(view, read::text(view.report.find("xcam/halt_print_sensitivity")).value_or(""))
                      : not_known;
}

Value xcam_flag(const View& view, std::string_view key) {
    const auto state = read::flag(member(view.report.find("xcam"), key));
    return state ? Value{*state} : not_known;
}

Value buildplate_marker(const View& view) {
    return xcam_flag(view, "buildplate_marker_detector");
}

/// Firmware that reports `cfg` has it in bit 12.
Value first_layer(const View& view) {
    const auto value = setting<12, no_bit>(view);
    return known(value) ? value : xcam_flag(view, "first_layer_inspector");
}

template <Feature feature>
bool has(const Facts& facts, const Place&) {
    return facts.has(feature);
}

bool has_prompt_sound(const Facts& facts, const Place&) {
    return facts.traits().prompt_sound && facts.has(Feature::prompt_sound);
}

bool has_ams(const Facts& facts, const Place&) {
    return !facts.units.empty();
}

constexpr std::array<std::string_view, 4> levels{"never_halt", "low", "medium", "high"};

// clang-format off
constexpr std::array setting_table{
    Entity{.id = "timelapse", .component = switch_, .category = config, .from = {"ipcam", "cfg"}, .decode = timelapse, .exists = has<Feature::timelapse>, .icon = "mdi:timelapse", .control = {.command = "set_timelapse", .payload = Payload::on_off, .argument = "enabled"}},
    Entity{.id = "camera_recording", .component = switch_, .category = config, .from = {"ipcam", "cfg"}, .decode = camera_recording, .exists = has<Feature::camera_recording>, .icon = "mdi:record-rec", .control = {.command = "set_camera_recording", .payload = Payload::on_off, .argument = "enabled"}},
    Entity{.id = "prompt_sound", .component = switch_, .category = config, .from = {"cfg", "home_flag"}, .decode = setting<22, 17>, .exists = has_prompt_sound, .icon = "mdi:volume-high", .control = {.command = "set_print_option", .payload = Payload::on_off, .argument = "enabled", .fixed = R"({"option":"sound_enable"})"}},
    Entity{.id = "auto_recovery", .component = switch_, .category = config, .from = {"cfg", "home_flag"}, .decode = setting<16, 4>, .icon = "mdi:backup-restore", .control = {.command = "set_print_option", .payload = Payload::on_off, .argument = "enabled", .fixed = R"({"option":"auto_recovery"})"}},
    Entity{.id = "auto_switch_filament", .component = switch_, .category = config, .from = {"cfg", "home_flag"}, .decode = setting<18, 10>, .exists = has_ams, .icon = "mdi:swap-horizontal", .control = {.command = "set_print_option", .payload = Payload::on_off, .argument = "enabled", .fixed = R"({"option":"auto_switch_filament"})"}},
    Entity{.id = "filament_tangle_detection", .component = switch_, .category = config, .from = {"cfg", "home_flag"}, .decode = setting<23, 20>, .exists = has<Feature::filament_tangle>, .icon = "mdi:sine-wave", .control = {.command = "set_print_option", .payload = Payload::on_off, .argument = "enabled", .fixed = R"({"option":"filament_tangle_detect"})"}},
    Entity{.id = "nozzle_blob_detection", .component = switch_, .category = config, .from = {"cfg", "home_flag"}, .decode = setting<24, 24>, .exists = has<Feature::nozzle_blob>, .icon = "mdi:blur", .control = {.command = "set_print_option", .payload = Payload::on_off, .argument = "enabled", .fixed = R"({"option":"nozzle_blob_detect"})"}},
    Entity{.id = "air_print_detection", .component = switch_, .name = "Non-visual air printing detection", .category = config, .from = {"home_flag"}, .decode = setting<no_bit, 28>, .exists = has<Feature::air_print>, .icon = "mdi:weather-windy", .control = {.command = "set_print_option", .payload = Payload::on_off, .argument = "enabled", .fixed = R"({"option":"air_print_detect"})"}},
};

constexpr std::array detector_table{
    Entity{.id = "spaghetti_detection", .component = switch_, .category = config, .from = {"xcam"}, .decode = detector<0>, .exists = has<Feature::spaghetti>, .icon = "mdi:noodles", .control = {.command = "set_spaghetti_detector", .payload = Payload::on_off, .argument = "enabled", .kept = "sensitivity", .kept_from = "spaghetti_sensitivity"}},
    Entity{.id = "pileup_detection", .component = switch_, .name = "Purge chute pile-up detection", .category = config, .from = {"xcam"}, .decode = detector<1>, .exists = has<Feature::pileup>, .icon = "mdi:layers-plus", .control = {.command = "set_purgechutepileup_detector", .payload = Payload::on_off, .argument = "enabled", .kept = "sensitivity", .kept_from = "pileup_sensitivity"}},
    Entity{.id = "clump_detection", .component = switch_, .name = "Nozzle clumping detection", .category = config, .from = {"xcam"}, .decode = detector<2>, .exists = has<Feature::clump>, .icon = "mdi:blur-radial", .control = {.command = "set_nozzleclumping_detector", .payload = Payload::on_off, .argument = "enabled", .kept = "sensitivity", .kept_from = "clump_sensitivity"}},
    Entity{.id = "airprinting_detection", .component = switch_, .name = "Air printing detection", .category = config, .from = {"xcam"}, .decode = detector<3>, .exists = has<Feature::airprinting>, .icon = "mdi:weather-windy", .control = {.command = "set_airprinting_detector", .payload = Payload::on_off, .argument = "enabled", .kept = "sensitivity", .kept_from = "airprinting_sensitivity"}},
    Entity{.id = "buildplate_marker_detection", .component = switch_, .name = "Build plate marker detection", .category = config, .from = {"xcam"}, .decode = buildplate_marker, .exists = has<Feature::buildplate_marker>, .icon = "mdi:qrcode-scan", .control = {.command = "set_buildplate_marker_detector", .payload = Payload::on_off, .argument = "enabled"}},
    Entity{.id = "first_layer_inspection", .component = switch_, .category = config, .from = {"cfg", "xcam"}, .decode = first_layer, .exists = has<Feature::first_layer>, .icon = "mdi:magnify-scan", .control = {.command = "set_first_layer_inspection", .payload = Payload::on_off, .argument = "enabled"}},
    Entity{.id = "spaghetti_sensitivity", .component = select, .category = config, .from = {"xcam"}, .decode = sensitivity<0>, .exists = has<Feature::spaghetti>, .options = levels, .icon = "mdi:tune", .control = {.command = "set_spaghetti_detector", .payload = Payload::word, .argument = "sensitivity", .kept = "enabled", .kept_from = "spaghetti_detection"}},
    Entity{.id = "pileup_sensitivity", .component = select, .name = "Purge chute pile-up sensitivity", .category = config, .from = {"xcam"}, .decode = sensitivity<1>, .exists = has<Feature::pileup>, .options = levels, .icon = "mdi:tune", .control = {.command = "set_purgechutepileup_detector", .payload = Payload::word, .argument = "sensitivity", .kept = "enabled", .kept_from = "pileup_detection"}},
    Entity{.id = "clump_sensitivity", .component = select, .name = "Nozzle clumping sensitivity", .category = config, .from = {"xcam"}, .decode = sensitivity<2>, .exists = has<Feature::clump>, .options = levels, .icon = "mdi:tune", .control = {.command = "set_nozzleclumping_detector", .payload = Payload::word, .argument = "sensitivity", .kept = "enabled", .kept_from = "clump_detection"}},
    Entity{.id = "airprinting_sensitivity", .component = select, .name = "Air printing sensitivity", .category = config, .from = {"xcam"}, .decode = sensitivity<3>, .exists = has<Feature::airprinting>, .options = levels, .icon = "mdi:tune", .control = {.command = "set_airprinting_detector", .payload = Payload::word, .argument = "sensitivity", .kept = "enabled", .kept_from = "airprinting_detection"}},
    Entity{.id = "ams_startup_read", .component = switch_, .name = "AMS startup read", .category = config, .from = {"ams/power_on_flag", "cfg"}, .decode = ams_setting<1>, .exists = has_ams, .icon = "mdi:power", .control = {.command = "set_ams_user_setting", .payload = Payload::on_off, .argument = "enabled", .fixed = R"({"setting":"startup_read_option"})"}},
    Entity{.id = "ams_tray_read", .component = switch_, .name = "AMS tray read", .category = config, .from = {"ams/insert_flag", "cfg"}, .decode = ams_setting<0>, .exists = has_ams, .icon = "mdi:nfc", .control = {.command = "set_ams_user_setting", .payload = Payload::on_off, .argument = "enabled", .fixed = R"({"setting":"tray_read_option"})"}},
    Entity{.id = "ams_remaining_estimate", .component = switch_, .name = "AMS remaining estimate", .category = config, .from = {"home_flag", "cfg"}, .decode = setting<17, 7>, .exists = has_ams, .icon = "mdi:percent", .control = {.command = "set_ams_user_setting", .payload = Payload::on_off, .argument = "enabled", .fixed = R"({"setting":"calibrate_remain_flag"})"}},
};
// clang-format on

} // namespace

std::span<const Entity> setting_rows() {
    return setting_table;
}

std::span<const Entity> detector_rows() {
    return detector_table;
}

} // namespace bambu2mqtt
