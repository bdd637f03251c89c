// The print job: status, progress, times, names.
#include "entity/display_words.hpp"
#include "entity/rows.hpp"
#include "entity/stage.hpp"
#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/entity/event_types.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/entity/job_fields.hpp>
#include <bambu2mqtt/printer/job_state.hpp>

#include <algorithm>

namespace bambu2mqtt {

namespace {

using namespace decode;

// clang-format off
constexpr std::array<std::string_view, 8> status_options{
    "idle", "init", "slicing", "prepare", "running", "pause", "finish", "failed"};
constexpr std::array<std::string_view, 4> print_type_options{"cloud", "local", "idle", "system"};
constexpr std::array<std::string_view, 4> speed_options{"silent", "standard", "sport", "ludicrous"};

/// stg_cur 0, 1, 2, ...; 18 is the micro lidar again.
constexpr std::array<std::string_view, 78> stages{
    "printing", "auto_bed_leveling", "heatbed_preheating", "sweeping_xy_mech_mode", "changing_filament", "m400_pause",
    "paused_filament_runout", "heating_hotend", "calibrating_extrusion", "scanning_bed_surface",
    "inspecting_first_layer", "identifying_build_plate_type", "calibrating_micro_lidar", "homing_toolhead",
    "cleaning_nozzle_tip", "checking_extruder_temperature", "paused_user", "paused_front_cover_falling",
    "calibrating_micro_lidar", "calibrating_extrusion_flow", "paused_nozzle_temperature_malfunction",
    "paused_heat_bed_temperature_malfunction", "filament_unloading", "paused_skipped_step", "filament_loading",
    "calibrating_motor_noise", "paused_ams_lost", "paused_low_fan_speed_heat_break",
    "paused_chamber_temperature_control_error", "cooling_chamber", "paused_user_gcode", "motor_noise_showoff",
    "paused_nozzle_filament_covered_detected", "paused_cutter_error", "paused_first_layer_error", "paused_nozzle_clog",
    "check_absolute_accuracy_before_calibration", "absolute_accuracy_calibration",
    "check_absolute_accuracy_after_calibration", "calibrate_nozzle_offset", "bed_level_high_temperature",
    "check_quick_release", "check_door_and_cover", "laser_calibration", "check_platform",
    "check_birdeye_camera_position", "calibrate_birdeye_camera", "bed_level_phase_1", "bed_level_phase_2",
    "heating_chamber", "heated_bed_cooling", "print_calibration_lines", "check_material",
    "calibrating_live_view_camera", "waiting_for_heatbed_temperature", "check_material_position",
    "calibrating_cutter_model_offset", "measuring_surface", "thermal_preconditioning", "homing_blade_holder",
    "calibrating_camera_offset", "calibrating_blade_holder_position", "hotend_pick_place_test",
    "waiting_chamber_temperature_equalize", "preparing_hotend", "calibrating_detection_nozzle_clumping",
    "purifying_chamber_air", "measuring_rotary_attachment", "moving_toolhead_above_purge_chute", "cooling_nozzle",
    "moving_toolhead_to_center_of_heatbed", "active_arc_fitting", "hotend_type_detection",
    "build_plate_alignment_detection", "heatbed_surface_foreign_object_detection",
    "heatbed_underside_foreign_object_detection", "pre_extrusion_before_printing", "preparing_ams"};
// clang-format on

/// The distinct stage names, then `idle` and `other`.
constexpr auto stage_options = [] {
    std::array<std::string_view, stages.size() + 1> result{};
    std::size_t size = 0;
    for (const auto stage : stages) {
        if (std::find(result.begin(), result.begin() + size, stage) == result.begin() + size) {
            result[size++] = stage;
        }
    }
    result[size++] = "idle";
    result[size++] = "other";
    return result;
}();

Value status(const View& view) {
    return own(name_of(job_state(view.report)));
}

/// stg_cur, or stage._id where that is missing. Idle is -1 (X1), 255 (P1, A1), or 0 while nothing prints.
std::optional<std::int64_t> stage_code(const ReportState& report) {
    const auto current = read::integer(report.find("stg_cur"));
    return current ? current : read::integer(report.find("stage/_id"));
}

Value stage(const View& view) {
    return stage_value(view.report);
}

void status_attributes(const View& view, OrderedJson& out) {
    put_words(status(view), status_words, view, out);
}

void stage_attributes(const View& view, OrderedJson& out) {
    constexpr std::int64_t most = 0xFFFF'FFFF;
    const auto code = stage_code(view.report);
    out["code"] = code && *code >= -most && *code <= most ? OrderedJson(*code) : OrderedJson(nullptr);
    put_words(stage(view), stage_words, view, out);
}

/// The first of the row's sources that has a percentage.
Value first_percent(const View& view) {
    for (const auto source : {view.entity.from[0], view.entity.from[1]}) {
        const auto number = read::integer(view.report.find(source));
        if (number && *number >= 0 && *number <= 100) {
            return *number;
        }
    }
    return not_known;
}

Value progress(const View& view) {
    return own(job_percent(view.report, view.gateway));
}

Value remaining(const View& view) {
    return is_active(job_state(view.report)) ? own(job_minutes_left(view.report, view.gateway)) : not_known;
}

Value start_time(const View& view) {
    return own(view.gateway.start_time);
}

Value end_time(const View& view) {
    return own(view.gateway.end_time);
}

Value elapsed_time(const View& view) {
    return is_active(job_state(view.report)) ? own(view.gateway.elapsed_time) : not_known;
}

Value layer(const View& view) {
    return own(job_layer(view.report, view.gateway));
}

Value total_layers(const View& view) {
    return own(job_total_layers(view.report, view.gateway));
}

Value print_type(const View& view) {
    return option(view, read::text(field(view)).value_or(""));
}

Value plate(const View& view) {
    auto number = read::integer(view.report.find("plate_idx"));
    if (!number) {
        number = read::integer(view.report.find("plate_id"));
    }
    return number && *number > 0 && *number < 1000 ? Value{*number} : not_known;
}

/// A short number or word, unchanged: recordings have 1 to 3.
Value as_it_is(const View& view) {
    constexpr std::int64_t most = 9999;
    if (read::number(field(view))) {
        const auto number = within(field(view), -1, most);
        return number ? Value{std::to_string(*number)} : not_known;
    }
    return text(view);
}

Value skipped(const View& view) {
    const Json* const ids = field(view);
    return ids != nullptr && ids->is_array() ? Value{static_cast<std::int64_t>(ids->size())} : not_known;
}

void skipped_attributes(const View& view, OrderedJson& out) {
    const Json* const ids = field(view);
    out["ids"] = OrderedJson::array();
    if (ids != nullptr && ids->is_array()) {
        for (const auto& id : *ids) {
            if (const auto number = within(&id, 0, 0xFFFF'FFFF)) {
                out["ids"].push_back(*number);
            }
        }
    }
}

Value speed(const View& view) {
    auto level = view.gateway.speed_level;
    if (np(view)) {
        const auto coded = read::bits(read::word(view.report.find("cfg")).value_or(0), 8, 3);
        level = coded >= 1 && coded <= 4 ? std::optional{static_cast<std::int64_t>(coded)} : level;
    }
    return level && *level >= 1 && *level <= 4
               ? Value{std::string{speed_options[static_cast<std::size_t>(*level - 1)]}}
               : not_known;
}

Value speed_percent(const View& view) {
    const auto number = read::integer(field(view));
    return number && *number > 0 && *number <= 500 ? Value{*number} : not_known;
}

bool has_plate(const Facts& facts, const Place&) {
    return facts.has(Feature::plate);
}

// clang-format off
constexpr std::array job_rows_table{
    Entity{.id = "print_status", .quantity = quantity::option, .from = {"gcode_state"}, .decode = status, .attributes = status_attributes, .options = status_options, .icon = "mdi:printer-3d"},
    Entity{.id = "stage", .quantity = quantity::option, .from = {"stg_cur", "stage", "print_type", "gcode_state"}, .decode = stage, .attributes = stage_attributes, .options = stage_options, .icon = "mdi:progress-wrench"},
    Entity{.id = "print_progress", .quantity = quantity::percent, .qos = moves, .from = {"mc_percent", "percent"}, .gateway = GatewayField::job_values, .decode = progress, .icon = "mdi:percent"},
    Entity{.id = "prepare_progress", .quantity = quantity::percent, .qos = moves, .category = Category::diagnostic, .enabled_by_default = false, .from = {"gcode_file_prepare_percent", "prepare_per"}, .decode = first_percent, .icon = "mdi:download"},
    Entity{.id = "remaining_time", .quantity = quantity::minutes, .qos = moves, .from = {"mc_remaining_time", "remain_time", "gcode_state"}, .gateway = GatewayField::job_values, .decode = remaining},
    Entity{.id = "start_time", .quantity = quantity::timestamp, .qos = moves, .gateway = GatewayField::start_time, .decode = start_time},
    Entity{.id = "end_time", .quantity = quantity::timestamp, .qos = moves, .gateway = GatewayField::end_time, .decode = end_time},
    Entity{.id = "elapsed_time", .quantity = quantity::minutes, .qos = moves, .enabled_by_default = false, .from = {"gcode_state"}, .gateway = GatewayField::elapsed_time, .decode = elapsed_time},
    Entity{.id = "current_layer", .quantity = quantity::count, .qos = moves, .from = {"layer_num", "3D"}, .gateway = GatewayField::job_values, .decode = layer, .icon = "mdi:layers"},
    Entity{.id = "total_layers", .quantity = quantity::count, .qos = moves, .from = {"total_layer_num", "3D"}, .gateway = GatewayField::job_values, .decode = total_layers, .icon = "mdi:layers-triple"},
    Entity{.id = "task_name", .from = {"subtask_name"}, .decode = text, .attributes = whole_text, .icon = "mdi:cube-outline"},
    Entity{.id = "gcode_file", .name = "G-code file", .category = Category::diagnostic, .enabled_by_default = false, .from = {"gcode_file"}, .decode = text, .attributes = whole_text, .icon = "mdi:file-code-outline"},
    Entity{.id = "print_type", .quantity = quantity::option, .category = Category::diagnostic, .from = {"print_type"}, .decode = print_type, .options = print_type_options, .icon = "mdi:printer-3d-nozzle"},
    Entity{.id = "plate", .category = Category::diagnostic, .enabled_by_default = false, .from = {"plate_idx", "plate_id"}, .decode = plate, .exists = has_plate, .icon = "mdi:texture-box"},
    Entity{.id = "print_stage", .category = Category::diagnostic, .enabled_by_default = false, .from = {"mc_print_stage"}, .decode = as_it_is, .icon = "mdi:state-machine"},
    Entity{.id = "skipped_objects", .quantity = quantity::count, .from = {"s_obj"}, .decode = skipped, .attributes = skipped_attributes, .icon = "mdi:cube-off-outline"},
    Entity{.id = "print_speed", .component = Component::select, .from = {"cfg"}, .gateway = GatewayField::speed_level, .decode = speed, .options = speed_options, .icon = "mdi:speedometer", .control = {.command = "set_speed_level", .payload = Payload::word, .argument = "level"}},
    Entity{.id = "print_speed_percent", .quantity = quantity::percent, .category = Category::diagnostic, .enabled_by_default = false, .from = {"spd_mag"}, .decode = speed_percent, .icon = "mdi:speedometer"},
};

constexpr std::array job_button_table{
    Entity{.id = "pause", .component = Component::button, .icon = "mdi:pause", .control = {.command = "pause_printing", .payload = Payload::press}},
    Entity{.id = "resume", .component = Component::button, .icon = "mdi:play", .control = {.command = "resume_printing", .payload = Payload::press}},
    Entity{.id = "stop", .component = Component::button, .icon = "mdi:stop", .control = {.command = "stop_printing", .payload = Payload::press}},
    Entity{.id = "print_event", .component = Component::event, .options = event_types, .follows = Follows::bridge, .icon = "mdi:calendar-alert"},
};
// clang-format on

} // namespace

Value stage_value(const ReportState& report) {
    const auto code = stage_code(report);
    if (!code) {
        return not_known;
    }
    const auto type = read::text(report.find("print_type")).value_or("");
    const auto state = job_state(report);
    const bool at_rest = type == "idle" || (type.empty() && state != JobState::unknown && !is_active(state));
    if (*code == -1 || *code == 255 || (*code == 0 && at_rest)) {
        return "idle";
    }
    if (*code < 0 || *code >= static_cast<std::int64_t>(stages.size())) {
        return "other";
    }
    return std::string{stages[static_cast<std::size_t>(*code)]};
}

std::span<const Entity> job_rows() {
    return job_rows_table;
}

std::span<const Entity> job_button_rows() {
    return job_button_table;
}

} // namespace bambu2mqtt
