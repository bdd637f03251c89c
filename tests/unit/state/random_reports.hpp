// Random but repeatable reports: variations of a fixture as its printer could send them, and partial reports
// cut from a full one.
#pragma once

#include "unit/state/fed_printer.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace bambu2mqtt::test {

class RandomReports {
  public:
    explicit RandomReports(unsigned seed) : random_(seed) {}

    /// Below `limit`.
    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
    }

    bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }

    /// Another state of the same printer: the members below `print` of a full status. Missing units and trays
    /// are also cleared in the exist bits.
    Json vary(Json print) {
        vary_numbers(print);
        vary_words(print);
        if (print.contains("ams") && print["ams"].contains("ams")) {
            vary_units(print["ams"]);
        }
        if (print.contains("device")) {
            vary_device(print["device"]);
        }
        return print;
    }

    /// Splits a full status into partial ones that together have the same content, in any order.
    std::vector<Json> split(const Json& print) {
        std::vector<Json> parts(1 + below(6), Json::object());
        for (const auto& item : print.items()) {
            if (item.key() != "command" && item.key() != "msg" && item.key() != "sequence_id") {
                place(parts, {item.key()}, item.value());
            }
        }
        std::shuffle(parts.begin(), parts.end(), random_);
        return parts;
    }

    /// A few random members of a status, some complete and some reduced.
    Json excerpt(const Json& print) {
        auto parts = split(print);
        Json result = parts[below(parts.size())];
        while (result.size() > 6) {
            auto at = result.begin();
            std::advance(at, static_cast<std::ptrdiff_t>(below(result.size())));
            result.erase(at);
        }
        return result;
    }

    static std::string message(Json print, int msg) {
        print["command"] = "push_status";
        print["msg"] = msg;
        return Json{{"print", std::move(print)}}.dump();
    }

  private:
    template <typename T>
    const T& pick(const std::vector<T>& from) {
        return from[below(from.size())];
    }

    void vary_numbers(Json& print) {
        for (const char* const key :
             {"nozzle_temper", "bed_temper", "nozzle_target_temper", "bed_target_temper", "chamber_temper"}) {
            if (print.contains(key) && chance(50)) {
                print[key] = static_cast<double>(below(1200)) / 4;
            }
        }
        for (const char* const key : {"mc_percent", "mc_remaining_time", "layer_num", "percent", "spd_mag"}) {
            if (print.contains(key) && chance(50)) {
                print[key] = below(100);
            }
        }
        for (const char* const key : {"cooling_fan_speed", "big_fan1_speed", "big_fan2_speed"}) {
            if (chance(40)) {
                print[key] = std::to_string(below(16));
            }
        }
    }

    void vary_words(Json& print) {
        if (chance(50)) {
            print["gcode_state"] =
                pick<std::string>({"IDLE", "PREPARE", "RUNNING", "PAUSE", "FINISH", "FAILED"});
            print["stg_cur"] = pick<int>({-1, 0, 1, 2, 4, 14, 255});
            print["subtask_name"] = pick<std::string>({"", "Hook", "Vase", "Gear"});
        }
        if (chance(30)) {
            print["hms"] =
                chance(50)
                    ? Json::array()
                    : Json::parse(R"([{"attr":50331904,"code":65543},{"attr":117441280,"code":131075}])");
            print["print_error"] = pick<int>({0, 50348044, 117473297});
        }
        if (print.contains("lights_report")) {
            for (auto& lamp : print["lights_report"]) {
                lamp["mode"] = pick<std::string>({"on", "off", "flashing"});
            }
        }
        if (print.contains("home_flag") && chance(40)) {
            print["home_flag"] = static_cast<std::int64_t>(below(0x1000000)) - 0x800000;
        }
        for (const char* const key : {"cfg", "stat", "aux"}) {
            if (print.contains(key) && chance(40)) {
                print[key] = hex(below(0x10000000));
            }
        }
    }

    void vary_device(Json& device) {
        if (device.contains("extruder")) {
            for (auto& extruder : device["extruder"]["info"]) {
                extruder["snow"] = pick<int>({0xFFFF, 0xFEFF, 0xFF00, 0xFE00, 0, 2, 259, 0x8000});
                extruder["temp"] =
                    static_cast<std::int64_t>(below(300)) << 16 | static_cast<std::int64_t>(below(300));
            }
            device["extruder"]["state"] = pick<int>({1, 2, 18, 274, 33042, 242});
        }
        if (device.contains("bed") && chance(50)) {
            device["bed"]["info"]["temp"] = below(120);
        }
        if (device.contains("airduct")) {
            for (auto& part : device["airduct"]["parts"]) {
                part["state"] = below(101);
            }
        }
    }

    void vary_units(Json& ams) {
        ams["tray_now"] = pick<std::string>({"255", "254", "0", "2", "5", "128"});
        if (!ams.contains("ams_exist_bits") || !ams.contains("tray_exist_bits")) {
            return;
        }
        auto units_there = number_of(ams["ams_exist_bits"]);
        auto trays_there = number_of(ams["tray_exist_bits"]);
        Json units = Json::array();
        for (auto& unit : ams["ams"]) {
            const int id = std::stoi(unit["id"].get<std::string>());
            const unsigned unit_bit =
                id >= 128 ? 4U + static_cast<unsigned>(id - 128) : static_cast<unsigned>(id);
            const bool unplugged = id != 16 && chance(20);
            for (auto& tray : unit["tray"]) {
                const auto slot = static_cast<unsigned>(std::stoi(tray["id"].get<std::string>()));
                const auto bit = std::uint64_t{1} << (id >= 128  ? 16U + static_cast<unsigned>(id - 128)
                                                      : id == 16 ? 24U + slot
                                                                 : 4U * unit_bit + slot);
                vary_tray(tray, (trays_there & bit) != 0);
                trays_there = unplugged || tray.size() <= 2 ? trays_there & ~bit : trays_there | bit;
            }
            if (unplugged) {
                units_there &= ~(std::uint64_t{1} << unit_bit);
            } else {
                unit["temp"] = std::to_string(below(400) / 10) + ".5";
                units.push_back(unit);
            }
        }
        ams["ams"] = std::move(units);
        ams["ams_exist_bits"] = hex(units_there);
        ams["tray_exist_bits"] = hex(trays_there);
    }

    /// A tray is unchanged, emptied, or filled with a spool that has every possible key.
    void vary_tray(Json& tray, bool there) {
        const bool empty = tray.size() <= 2;
        if (chance(20)) {
            tray = Json{{"id", tray["id"]}, {"state", 10}};
        } else if (chance(20) || (there && empty)) {
            tray = Json{{"id", tray["id"]},
                        {"state", 11},
                        {"tray_type", pick<std::string>({"PLA", "ABS"})},
                        {"tray_sub_brands", pick<std::string>({"", "Shiny"})},
                        {"tray_info_idx", "GFA00"},
                        {"tray_color", pick<std::string>({"11223344", "AABBCCDD"})},
                        {"remain", below(101)},
                        {"tag_uid", "7E57000000000001"},
                        {"tray_uuid", "0"},
                        {"k", 0.02},
                        {"n", 1},
                        {"cols", Json::array({"11223344"})},
                        {"ctype", 0},
                        {"nozzle_temp_min", "190"},
                        {"nozzle_temp_max", "240"},
                        {"bed_temp", "35"},
                        {"bed_temp_type", "1"},
                        {"tray_weight", "1000"},
                        {"tray_diameter", "1.75"},
                        {"tray_id_name", ""},
                        {"cali_idx", -1},
                        {"tray_temp", "55"},
                        {"tray_time", "8"},
                        {"drying_temp", "55"},
                        {"drying_time", "8"},
                        {"total_len", 330000}};
        }
    }

    /// Puts a value, complete or split, somewhere into the parts. The path consists of keys; lists of AMS
    /// units and trays are split into their elements.
    void place(std::vector<Json>& parts, const std::vector<std::string>& path, const Json& value) {
        const bool may_split = value.is_object() && !value.empty() && path.size() < 4 && chance(60);
        if (may_split) {
            for (const auto& item : value.items()) {
                auto deeper = path;
                deeper.push_back(item.key());
                place(parts, deeper, item.value());
            }
            return;
        }
        const bool keyed = path == std::vector<std::string>{"ams", "ams"} || path.front() == "vir_slot" ||
                           path.front() == "lights_report";
        if (keyed && value.is_array() && chance(70)) {
            for (const auto& item : value) {
                place_item(parts, path, item);
            }
            return;
        }
        at(pick_part(parts), path) = value;
    }

    /// One element of a keyed list, possibly with its trays one by one.
    void place_item(std::vector<Json>& parts, const std::vector<std::string>& path, const Json& item) {
        if (!item.contains("tray") || chance(30)) {
            append(at(pick_part(parts), path), item);
            return;
        }
        Json rest = item;
        rest.erase("tray");
        append(at(pick_part(parts), path), rest);
        for (const auto& tray : item["tray"]) {
            append(at(pick_part(parts), path), Json{{"id", item["id"]}, {"tray", Json::array({tray})}});
        }
    }

    Json& pick_part(std::vector<Json>& parts) { return parts[below(parts.size())]; }

    static Json& at(Json& part, const std::vector<std::string>& path) {
        Json* here = &part;
        for (const auto& key : path) {
            here = &(*here)[key];
        }
        return *here;
    }

    static void append(Json& list, const Json& item) {
        if (!list.is_array()) {
            list = Json::array();
        }
        list.push_back(item);
    }

    static std::uint64_t number_of(const Json& text) {
        return std::stoull(text.get<std::string>(), nullptr, 16);
    }

    static std::string hex(std::uint64_t number) {
        std::ostringstream text;
        text << std::hex << number;
        return text.str();
    }

    std::mt19937 random_;
};

} // namespace bambu2mqtt::test
