#include "recording/scrub_rules.hpp"

#include <bambu2mqtt/base/ascii.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

namespace {

struct ContentRow {
    std::string_view key{};
    Content content{};
    std::string_view parent{}; ///< only below this key; empty: everywhere
};

// A row with a parent comes before the one without. Short numbers, versions and common words need no row.
// clang-format off
constexpr std::array content_rows{
    ContentRow{"name", Content::words, "module"}, ContentRow{"name", Content::words, "new_ver_list"}, ContentRow{"name", Content::name},
    ContentRow{"access_code", Content::id}, ContentRow{"attr", Content::count}, ContentRow{"aux", Content::bits},
    ContentRow{"bed_type", Content::words}, ContentRow{"cfg", Content::bits}, ContentRow{"code", Content::count},
    ContentRow{"color", Content::bits}, ContentRow{"color_m", Content::bits}, ContentRow{"cols", Content::bits},
    ContentRow{"command", Content::words}, ContentRow{"cur_id", Content::id}, ContentRow{"design_id", Content::id},
    ContentRow{"dev_id", Content::serial}, ContentRow{"dev_model_name", Content::words}, ContentRow{"dev_name", Content::name},
    ContentRow{"device_id", Content::serial}, ContentRow{"dns", Content::address}, ContentRow{"dry_filament", Content::words},
    ContentRow{"err", Content::count}, ContentRow{"err_code", Content::count}, ContentRow{"fila_id", Content::preset},
    ContentRow{"filament", Content::preset}, ContentRow{"filament_id", Content::preset}, ContentRow{"file", Content::name},
    ContentRow{"file_name", Content::name}, ContentRow{"fun", Content::bits}, ContentRow{"fun2", Content::bits},
    ContentRow{"gateway", Content::address}, ContentRow{"gcode_file", Content::name}, ContentRow{"gcode_start_time", Content::count},
    ContentRow{"gcode_state", Content::words}, ContentRow{"gw", Content::address}, ContentRow{"halt_print_sensitivity", Content::words},
    ContentRow{"hw_ver", Content::words}, ContentRow{"idx2", Content::id}, ContentRow{"info", Content::bits},
    ContentRow{"ip", Content::address}, ContentRow{"job_id", Content::id}, ContentRow{"lan_task_id", Content::id},
    ContentRow{"led_mode", Content::words}, ContentRow{"led_node", Content::words}, ContentRow{"lifecycle", Content::words},
    ContentRow{"mac", Content::address}, ContentRow{"mc_print_error_code", Content::count}, ContentRow{"mc_print_line_number", Content::count},
    ContentRow{"md5", Content::tag}, ContentRow{"mess_production_state", Content::words}, ContentRow{"message", Content::words},
    ContentRow{"mode", Content::words}, ContentRow{"model", Content::words}, ContentRow{"model_id", Content::id},
    ContentRow{"module", Content::words}, ContentRow{"module_name", Content::words}, ContentRow{"node", Content::words},
    ContentRow{"nozzle_id", Content::words}, ContentRow{"nozzle_sn", Content::serial}, ContentRow{"nozzle_type", Content::words},
    ContentRow{"param", Content::name}, ContentRow{"print_error", Content::count}, ContentRow{"print_type", Content::words},
    ContentRow{"printer_name", Content::name}, ContentRow{"product_name", Content::words}, ContentRow{"profile_id", Content::id},
    ContentRow{"project_id", Content::id}, ContentRow{"project_name", Content::words}, ContentRow{"reason", Content::words},
    ContentRow{"resolution", Content::words}, ContentRow{"result", Content::words}, ContentRow{"sequence_id", Content::count},
    ContentRow{"setting_id", Content::preset}, ContentRow{"sn", Content::serial}, ContentRow{"ssid", Content::name},
    ContentRow{"stat", Content::bits}, ContentRow{"state", Content::words}, ContentRow{"status", Content::words},
    ContentRow{"storage", Content::words}, ContentRow{"sub_command", Content::words}, ContentRow{"subtask_id", Content::id},
    ContentRow{"subtask_name", Content::name}, ContentRow{"sw_ver", Content::words}, ContentRow{"tag_uid", Content::tag},
    ContentRow{"task_id", Content::id}, ContentRow{"tool", Content::words}, ContentRow{"tray_color", Content::bits},
    ContentRow{"tray_id_name", Content::words}, ContentRow{"tray_info_idx", Content::preset}, ContentRow{"tray_sub_brands", Content::words},
    ContentRow{"tray_type", Content::words}, ContentRow{"tray_uuid", Content::tag}, ContentRow{"type", Content::words},
    ContentRow{"uid", Content::id}, ContentRow{"user_id", Content::id}, ContentRow{"xcam_info", Content::tag},
};

constexpr std::array<std::string_view, 26> common_words{
    "",      "N/A",   "auto",    "disable", "disabled", "enable", "enabled", "fail",    "false",    "finish", "high", "idle", "invalid",
    "local", "low",   "medium",  "none",    "null",     "off",    "ok",      "on",      "ready",    "running", "success", "true", "unknown",
};

constexpr std::array<std::string_view, 15> common_path_parts{
    "", "cache", "corelogger", "data", "image", "ipcam", "logger", "Metadata", "mnt", "model", "sdcard", "timelapse", "udisk", "usb", "userdata",
};

// clang-format on

/// "ams_exist_bits", "tray_is_bbl_bits_raw".
bool names_bits(std::string_view key) {
    return key.find("_bits") != std::string_view::npos;
}

} // namespace

Content content_of(std::string_view key, std::string_view parent) {
    const auto* const row = std::ranges::find_if(content_rows, [&](const ContentRow& candidate) {
        return candidate.key == key && (candidate.parent.empty() || candidate.parent == parent);
    });
    if (row != content_rows.end()) {
        return row->content;
    }
    if (names_bits(key)) {
        return Content::bits;
    }
    return key.ends_with("_ver") ? Content::words : Content::unknown;
}

bool is_common_word(std::string_view text) {
    return std::ranges::any_of(common_words,
                               [&](std::string_view word) { return same_in_any_case(word, text); });
}

bool is_common_path_part(std::string_view part) {
    constexpr std::string_view plate = "plate_";
    if (!part.starts_with(plate)) {
        return std::ranges::find(common_path_parts, part) != common_path_parts.end();
    }
    const auto number = part.substr(plate.size());
    const auto digits = std::min(number.size(), number.find_first_not_of("0123456789"));
    constexpr std::array<std::string_view, 4> ends{"", ".gcode", ".json", ".png"};
    return digits > 0 && digits <= 3 && std::ranges::find(ends, number.substr(digits)) != ends.end();
}

std::string_view usual_extension(std::string_view name) {
    constexpr std::array<std::string_view, 12> extensions{".gcode.3mf", ".gcode", ".3mf", ".mp4",
                                                          ".avi",       ".jpg",   ".png", ".json",
                                                          ".log",       ".zip",   ".bin", ".sig"};
    for (const auto extension : extensions) {
        if (ends_in_any_case(name, extension)) {
            return name.substr(name.size() - extension.size());
        }
    }
    return {};
}

} // namespace bambu2mqtt
