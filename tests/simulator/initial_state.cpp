#include "simulator/initial_state.hpp"

#include "simulator/device_state.hpp"
#include "simulator/spools.hpp"

namespace bambu2mqtt::simulator {
namespace {

using nlohmann::json;

/// What every model reports in the same form.
constexpr const char* common_keys = R"({
    "ams_rfid_status": 0, "ams_status": 0,
    "big_fan1_speed": "0", "big_fan2_speed": "0", "cooling_fan_speed": "0", "heatbreak_fan_speed": "0", "fan_gear": 0,
    "cali_version": 0, "force_upgrade": false,
    "gcode_file": "", "gcode_file_prepare_percent": "0", "gcode_state": "IDLE",
    "hms": [], "hw_switch_state": 0, "layer_num": 0, "total_layer_num": 0,
    "lights_report": [{"node": "chamber_light", "mode": "on"}],
    "mc_percent": 0, "mc_print_stage": "1", "mc_print_sub_stage": 0, "mc_remaining_time": 0,
    "net": {"conf": 0, "info": [{"ip": 16777343, "mask": 255}]},
    "nozzle_diameter": "0.4", "nozzle_type": "hardened_steel",
    "print_error": 0, "print_type": "idle",
    "profile_id": "0", "project_id": "0", "task_id": "0", "subtask_id": "0", "subtask_name": "",
    "queue_est": 0, "queue_number": 0, "queue_sts": 0, "queue_total": 0,
    "s_obj": [], "sdcard": true, "spd_lvl": 2, "spd_mag": 100, "stg": [], "wifi_signal": "-48dBm"
})";

/// Additional keys of P1 and A1 firmware.
constexpr const char* older_keys = R"({
    "chamber_temper": 5, "filam_bak": [], "flag3": 15, "k": "0.0200", "lifecycle": "product",
    "mc_print_line_number": "0", "mess_production_state": "active",
    "ipcam": {"ipcam_dev": "1", "ipcam_record": "enable", "mode_bits": 3, "resolution": "1080p",
              "timelapse": "disable", "tutk_server": "disable"},
    "online": {"ahb": false, "rfid": false, "version": 1709863228},
    "upgrade_state": {"consistency_request": false, "cur_state_code": 0, "dis_state": 0, "err_code": 0,
                      "force_upgrade": false, "idx2": 1733878084, "message": "0%, 0B/s", "module": "",
                      "new_ver_list": [], "new_version_state": 2, "progress": "", "sequence_id": 0, "status": "IDLE"},
    "upload": {"message": "", "progress": 0, "status": "idle"}
})";

/// Additional keys of X1, P2 and H2 firmware with the newer protocol.
constexpr const char* newer_keys = R"({
    "ap_err": 0, "aux": "2001004", "aux_part_fan": true, "batch_id": 0, "canvas_id": 0,
    "care": [{"id": "cr", "info": "1864"}, {"id": "lr", "info": "1864"}],
    "design_id": "", "err": "0", "fail_reason": "0", "file": "", "info": {"temp": 25},
    "ipcam": {"agora_service": "disable", "brtc_service": "enable", "bs_state": 0, "ipcam_dev": "1",
              "ipcam_record": "enable", "laser_preview_res": 7, "mode_bits": 2, "resolution": "1080p",
              "rtsp_url": "rtsps://127.0.0.1:322/streaming/live/1", "timelapse": "disable",
              "tl_store_hpd_type": 2, "tl_store_path_type": 2, "tutk_server": "disable"},
    "job": {"cur_stage": {"idx": 0, "state": 0}, "stage": []},
    "job_attr": 3, "job_id": "0", "mapping": [], "mc_action": 255, "mc_err": 0, "mc_print_error_code": "0",
    "mc_stage": 1, "model_id": "", "online": {"ahb": true, "ext": false, "version": 10},
    "percent": 0, "plate_cnt": 1, "plate_id": 1, "plate_idx": 1, "prepare_per": 0,
    "print_gcode_action": 255, "print_real_action": 0, "queue": 0, "remain_time": 0, "state": 0,
    "upgrade_state": {"ahb_new_version_number": "", "ams_new_version_number": "", "consistency_request": false,
                      "dis_state": 0, "err_code": 0, "ext_new_version_number": "", "force_upgrade": false,
                      "idx": 8, "idx2": 354839448, "lower_limit": "00.00.00.00", "message": "", "module": "",
                      "new_version_state": 2, "ota_new_version_number": "", "progress": "0", "sequence_id": 0,
                      "status": "IDLE"},
    "upload": {"file_size": 0, "finish_size": 0, "message": "Good", "oss_url": "", "progress": 0,
               "sequence_id": "0903", "speed": 0, "status": "idle", "task_id": "", "time_remaining": 0,
               "trouble_id": ""},
    "ver": "20000",
    "xcam": {"allow_skip_parts": false, "buildplate_marker_detector": true, "first_layer_inspector": true,
             "halt_print_sensitivity": "medium", "print_halt": true, "printing_monitor": true,
             "spaghetti_detector": true},
    "xcam_status": "0"
})";

json cold_temperature(const ModelProfile& model, int value) {
    return model.whole_degrees ? json(static_cast<double>(value)) : json(value);
}

void add_newer(json& state, const ModelProfile& model, const MachineSettings& settings) {
    state.update(json::parse(newer_keys));
    state["cfg"] = cfg_word(model, settings);
    if (settings.reports_fun)
        state["fun"] = fun_word(model, settings);
    state["stat"] = stat_word(settings);
    state["device"] = device_state(model);
    state["lights_report"].push_back({{"node", "work_light"}, {"mode", "flashing"}});
    state["vir_slot"] = json::array({external_spool(model, 255)});
    if (model.extruders > 1)
        state["vir_slot"].push_back(external_spool(model, 254));
    state["vt_tray"] = external_spool(model, 255);
    if (model.message_without_text)
        state["hms"].push_back({{"attr", attribute_without_text}, {"code", code_without_text}});
    if (is_latest(model.family)) {
        state["3D"] = {{"layer_num", 0}, {"total_layer_num", 0}};
        state["net"]["conf"] = 16;
        state["xcam"]["cfg"] = 0b011'011'011'011 << 7; // four detectors on, each at level 1
    }
    if (model.family == Family::h2) {
        state.erase("info");
        state["chamber_temper"] = 25.0;
        state["ctt"] = 0.0;
        state["maintain"] = 3;
        state["lights_report"].push_back({{"node", "chamber_light2"}, {"mode", "on"}});
    }
    if (model.family == Family::x2) { // keys of a recorded full report of 2026
        state.erase("vt_tray");
        state["fun2"] = "50";
        state["ipcam"]["cap_pic_enable"] = "invalid";
        state["lan_task_id"] = "0";
        state["online"] = {{"ahb", true}, {"version", 8}};
    }
}

void add_older(json& state, const ModelProfile& model) {
    state.update(json::parse(older_keys));
    state["vt_tray"] = external_spool(model, 254);
    if (model.family == Family::a1)
        state["xcam"] = {{"buildplate_marker_detector", true}};
}

json module(std::string_view name, std::string_view hardware, std::string_view version,
            std::string_view serial) {
    return {{"flag", 0},          {"hw_ver", hardware}, {"loader_ver", "00.00.00.00"}, {"name", name},
            {"product_name", ""}, {"sn", serial},       {"sw_ver", version},           {"visible", false}};
}

std::string_view processor_hardware(Family family) {
    return family == Family::p1 ? "AP04" : family == Family::x2 ? "AP09" : "AP05";
}

json unit_module(const AmsUnitProfile& unit, std::string_view printer_serial) {
    struct Words {
        std::string_view product;
        std::string_view hardware;
        std::string_view version;
    };

    constexpr Words words[]{{"AMS", "AMS08", "00.00.06.49"},
                            {"AMS Lite", "AMS_F102", "00.00.08.15"},
                            {"AMS 2 Pro", "N3F05", "02.00.19.47"},
                            {"AMS HT", "N3S05", "02.00.19.67"}};
    const auto& word = words[static_cast<std::size_t>(unit.kind) - 1];
    auto result =
        module(unit_module_name(unit), word.hardware, word.version, unit_serial(unit, printer_serial));
    const int number = unit.id >= 128 ? unit.id - 127 : unit.id + 1;
    result["product_name"] = std::string{word.product} + " (" + std::to_string(number) + ")";
    result["visible"] = true;
    return result;
}

} // namespace

json initial_state(const ModelProfile& model, std::string_view serial, const MachineSettings& settings) {
    json state = json::parse(common_keys);
    if (model.newer_protocol)
        add_newer(state, model, settings);
    else
        add_older(state, model);
    state["ams"] = ams_state(model, serial);
    state["stg_cur"] = model.idle_stage;
    state["home_flag"] = home_flag(model, settings);
    state["nozzle_temper"] = cold_temperature(model, 25);
    state["nozzle_target_temper"] = cold_temperature(model, 0);
    state["bed_temper"] = cold_temperature(model, 25);
    state["bed_target_temper"] = cold_temperature(model, 0);
    if (model.family == Family::x1)
        state["chamber_temper"] = 25.0;
    return state;
}

json modules(const ModelProfile& model, std::string_view serial) {
    auto firmware = module("ota", model.newer_protocol ? "N/A" : "OTA", model.firmware, serial);
    firmware["flag"] = 3;
    firmware["product_name"] = model.product_name;
    firmware["visible"] = true;
    const auto board_serial = [serial](std::string_view prefix) {
        return std::string{prefix} + std::string{serial.substr(3)};
    };
    json list = json::array(
        {std::move(firmware),
         module(model.processor, processor_hardware(model.family), "00.00.50.02", board_serial("0AP")),
         module("mc", "MC07", "00.00.29.75", board_serial("0MC")),
         module("th", "TH09", "00.00.09.95", board_serial("0TH"))});
    for (const auto& unit : model.units)
        list.push_back(unit_module(unit, serial));
    return list;
}

} // namespace bambu2mqtt::simulator
