// Requests about spools and AMS units: effects and answers, by family.

#include "simulator/drying.hpp"
#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace bambu2mqtt::simulator;
using nlohmann::json;

json change(int unit, int slot, int target) {
    return {{"command", "ams_change_filament"},
            {"ams_id", unit},
            {"slot_id", slot},
            {"target", target},
            {"soft_temp", 0},
            {"curr_temp", -1},
            {"tar_temp", -1}};
}

json spool(int unit, int tray, int slot) {
    return {{"command", "ams_filament_setting"},
            {"ams_id", unit},
            {"tray_id", tray},
            {"slot_id", slot},
            {"tray_info_idx", "GFB99"},
            {"tray_type", "ABS"},
            {"tray_color", "11223344"},
            {"nozzle_temp_min", 240},
            {"nozzle_temp_max", 270}};
}

json drying(int unit) {
    return {{"command", "ams_filament_drying"},
            {"ams_id", unit},
            {"mode", 1},
            {"filament", "PETG"},
            {"temp", 65},
            {"cooling_temp", 45},
            {"duration", 2},
            {"humidity", 0},
            {"rotate_tray", false},
            {"close_power_conflict", false}};
}

/// Bits of the info word of the first unit.
unsigned info_bits(const TestPrinter& asked, unsigned begin, unsigned count) {
    const auto word = std::stoull(asked.at("/ams/ams/0/info").get<std::string>(), nullptr, 16);
    return static_cast<unsigned>(word >> begin & ((1U << count) - 1U));
}

} // namespace

TEST_SUITE("filament commands") {
    TEST_CASE("a spool is loaded and unloaded, by the tray on older and by the slot on newer firmware") {
        TestPrinter older{"X1C"};
        const auto answer = older.ask(change(1, 1, 5));
        CHECK(answer.at("result") == "success");
        CHECK(answer.at("target") == 5);
        older.live(1);
        CHECK(older.at("/ams/tray_tar") == "5");
        CHECK(older.at("/ams_status") == 258);
        older.live(10);
        CHECK(older.at("/ams/tray_now") == "5");
        CHECK(older.at("/device/extruder/info/0/snow") == 0x0101);
        older.ask(change(1, 255, 255));
        older.live(11);
        CHECK(older.at("/ams/tray_now") == "255");
        CHECK(older.at("/device/extruder/info/0/snow") == 65535);
        older.ask(change(128, 0, 128));
        older.live(11);
        CHECK(older.at("/ams/tray_now") == "128");
        CHECK(older.at("/device/extruder/info/0/snow") == 32768);

        TestPrinter newer{"P2S"};
        newer.ask(change(0, 2, 2));
        newer.live(11);
        CHECK(newer.at("/device/extruder/info/0/snow") == 2);
        newer.ask(change(255, 0, 254));
        newer.live(11);
        CHECK(newer.at("/device/extruder/info/0/snow") == 65280);
        CHECK(newer.at("/ams/tray_now") == "254");
    }

    TEST_CASE("a target that is not a global index loads the wrong spool on older firmware") {
        TestPrinter asked{"X1C"};
        asked.ask(change(1, 1, 1));
        asked.live(11);
        CHECK(asked.at("/ams/tray_now") == "1");
    }

    TEST_CASE("the left nozzle has its own external spool") {
        TestPrinter asked{"H2D"};
        asked.ask(change(254, 0, 254));
        asked.live(11);
        CHECK(asked.at("/device/extruder/info/1/snow") == 65024);
        CHECK(asked.at("/device/extruder/state") == 0x112);
        asked.ask(change(255, 0, 255));
        asked.live(11);
        CHECK(asked.at("/device/extruder/info/0/snow") == 65280);
        CHECK(asked.at("/device/extruder/info/1/snow") == 65024);
    }

    TEST_CASE("loading is refused for what does not exist, while printing, and during another change") {
        TestPrinter asked{"P1S"};
        CHECK(asked.ask(change(3, 0, 12)).at("result") == "fail");
        CHECK(asked.ask(change(0, 0, -1)).at("result") == "fail");
        asked.ask(change(0, 0, 0));
        CHECK(asked.ask(change(0, 1, 1)).at("result") == "fail");
        asked.live(11);
        asked.print();
        CHECK(asked.ask(change(0, 1, 1)).at("result") == "fail");
        asked.ask({{"command", "pause"}});
        CHECK(asked.ask(change(0, 1, 1)).at("result") == "success");
        asked.live(11);
        CHECK(asked.at("/ams/tray_now") == "1");
    }

    TEST_CASE("an A1 needs temperatures for unloading") {
        TestPrinter asked{"A1MINI"};
        const json bare{{"command", "ams_change_filament"}, {"ams_id", 0}, {"slot_id", 255}, {"target", 255}};
        const auto answer = asked.ask(bare);
        CHECK(answer.at("result") == "fail");
        CHECK(answer.at("reason") == "error string");
        CHECK(asked.ask(change(0, 255, 255)).at("result") == "success");
        CHECK(TestPrinter{"P1S"}.ask(bare).at("result") == "success");
    }

    TEST_CASE("nothing is loaded from a unit that is drying, without a sign in the report") {
        TestPrinter asked{"H2D"};
        asked.ask(drying(0));
        asked.live(1);
        const auto answer = asked.ask(change(0, 0, 0));
        CHECK(answer.at("result") == "fail");
        CHECK(answer.at("err_code") == 83935311);
        CHECK(answer.at("errno") == -9);
        CHECK_FALSE(answer.contains("reason"));
        CHECK(answer.at("is_from_mqtt") == true);
        asked.live(1);
        CHECK(asked.at("/print_error") == 0);
    }

    TEST_CASE("ams_control continues a job that waits for filament") {
        TestPrinter asked{"P1S"};
        asked.print();
        asked.printer.run_out_of_filament();
        asked.live(1);
        CHECK(asked.ask({{"command", "ams_control"}, {"param", "pause"}}).at("result") == "success");
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "PAUSE");
        CHECK(asked.ask({{"command", "ams_control"}, {"param", "resume"}}).at("result") == "success");
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "RUNNING");
        CHECK(asked.ask({{"command", "ams_control"}, {"param", "explode"}}).at("result") == "fail");
        CHECK(TestPrinter{"H2D"}.ask({{"command", "ams_control"}, {"param", "done"}}).at("reason") ==
              "SUCCESS");
    }

    TEST_CASE("a tag is read: bits while reading, then done; not while filament is loaded") {
        TestPrinter asked{"X1C"};
        const auto get = [&asked](int unit, int slot) {
            return asked.ask({{"command", "ams_get_rfid"}, {"ams_id", unit}, {"slot_id", slot}});
        };
        CHECK(get(1, 2).at("result") == "success");
        asked.live(1);
        CHECK(asked.at("/ams/tray_reading_bits") == "40");
        CHECK(asked.at("/ams/tray_read_done_bits") == "100b7");
        CHECK(asked.at("/ams_rfid_status") == 1);
        asked.live(3);
        CHECK(asked.at("/ams/tray_reading_bits") == "0");
        CHECK(asked.at("/ams/tray_read_done_bits") == "100f7");
        CHECK(asked.at("/ams_status") == 0);
        get(128, 0);
        asked.live(1);
        CHECK(asked.at("/ams/tray_reading_bits") == "10000");
        CHECK(get(0, 3).at("result") == "fail"); // empty
        CHECK(get(2, 0).at("result") == "fail");
        asked.live(4);
        asked.gcode("M620 R4\n");
        asked.live(1);
        CHECK(asked.at("/ams/tray_reading_bits") == "10");
        asked.ask(change(0, 0, 0));
        asked.live(11);
        CHECK(get(0, 1).at("result") == "fail");
    }

    TEST_CASE("values written to a spool appear in its tray, as text") {
        TestPrinter asked{"P1S"};
        const auto answer = asked.ask(spool(0, 2, 2));
        CHECK(answer.at("result") == "success");
        CHECK(answer.at("tray_color") == "11223344");
        const auto report = asked.live(1);
        const auto& tray = report.at("ams").at("ams").at(0).at("tray").at(2);
        CHECK(tray.at("tray_type") == "ABS");
        CHECK(tray.at("tray_info_idx") == "GFB99");
        CHECK(tray.at("cols") == json::array({"11223344"}));
        CHECK(tray.at("nozzle_temp_max") == "270");
        CHECK(tray.at("cali_idx") == -1);
        auto cleared = spool(0, 2, 2);
        cleared.update(
            {{"tray_info_idx", ""}, {"tray_type", ""}, {"nozzle_temp_min", 0}, {"nozzle_temp_max", 0}});
        asked.ask(cleared);
        asked.live(1);
        CHECK(asked.at("/ams/ams/0/tray/2/tray_type") == "");
    }

    TEST_CASE("a tag is not overwritten and an empty slot stores nothing, though both are acknowledged") {
        TestPrinter asked{"X1C"};
        CHECK(asked.ask(spool(0, 0, 0)).at("result") == "success");
        CHECK(asked.ask(spool(0, 3, 3)).at("result") == "success");
        asked.live(1);
        CHECK(asked.at("/ams/ams/0/tray/0/tray_type") == "PLA");
        CHECK_FALSE(asked.at("/ams/ams/0/tray/3").contains("tray_type"));
    }

    TEST_CASE("trays of further units are addressed by the slot within the unit") {
        TestPrinter asked{"X1C"};
        CHECK(asked.ask(spool(1, 2, 2)).at("result") == "success");
        asked.live(1);
        CHECK(asked.at("/ams/ams/1/tray/2/tray_type") == "ABS");
        CHECK(asked.ask(spool(1, 6, 2)).at("result") == "fail");
        CHECK(asked.ask(spool(128, 0, 0)).at("result") == "success");
        CHECK(asked.ask(spool(32, 128, 0)).at("result") == "fail");
    }

    TEST_CASE("external spools: tray 254 of unit 255, on two nozzles by unit") {
        TestPrinter older{"P1S"};
        CHECK(older.ask(spool(255, 0, 0)).at("result") == "fail");
        CHECK(older.ask(spool(255, 254, 0)).at("result") == "success");
        older.live(1);
        CHECK(older.at("/vt_tray/tray_type") == "ABS");
        TestPrinter newer{"P2S"};
        newer.ask(spool(255, 254, 0));
        newer.live(1);
        CHECK(newer.at("/vir_slot/0/tray_type") == "ABS");
        CHECK(newer.at("/vt_tray/tray_type") == "ABS");
        TestPrinter two{"H2D"};
        two.ask(spool(254, 0, 0));
        two.live(1);
        CHECK(two.at("/vir_slot/0/tray_type") == "PLA");
        CHECK(two.at("/vir_slot/1/tray_type") == "ABS");
    }

    TEST_CASE("invalid values for a spool are refused") {
        TestPrinter asked{"P1S"};
        for (const auto& wrong : {json{{"tray_color", "#112233"}}, json{{"tray_color", "1122334"}},
                                  json{{"nozzle_temp_min", -1}, {"nozzle_temp_max", -1}},
                                  json{{"nozzle_temp_min", 300}}, json{{"nozzle_temp_max", "270"}}}) {
            CAPTURE(wrong.dump());
            auto request = spool(0, 2, 2);
            request.update(wrong);
            CHECK(asked.ask(request).at("result") == "fail");
        }
        asked.live(1);
        CHECK(asked.at("/ams/ams/0/tray/2/tray_type") == "PETG");
    }

    TEST_CASE("drying counts down, is shown in the unit's word and ends by itself or by request") {
        TestPrinter asked{"P2S"};
        CHECK(asked.ask(drying(0)) == [] {
            auto answer = drying(0);
            answer.update({{"sequence_id", "1"}, {"result", "success"}, {"is_from_mqtt", true}});
            return answer;
        }());
        asked.live(1);
        CHECK(asked.at("/ams/ams/0/dry_time") == 120);
        CHECK(info_bits(asked, 4, 4) == 2);
        CHECK(info_bits(asked, 18, 2) == 1);
        CHECK(asked.at("/ams/ams/0/dry_setting") ==
              json{{"dry_filament", "PETG"}, {"dry_temperature", 65}, {"dry_duration", 2}});
        asked.live(10);
        CHECK(asked.at("/ams/ams/0/dry_time") == 119);
        auto stop = drying(0);
        stop["mode"] = 0;
        asked.ask(stop);
        asked.live(11);
        CHECK(asked.at("/ams/ams/0/dry_time") == 0);
        CHECK(info_bits(asked, 4, 4) == 0);
        CHECK(info_bits(asked, 0, 4) == 3);

        asked.ask(drying(0));
        asked.ask(drying(0));
        asked.live(10 * 119 + 5);
        CHECK(asked.at("/ams/ams/0/dry_time") == 1);
        asked.live(10);
        CHECK(asked.at("/ams/ams/0/dry_time") == 0);
        CHECK(asked.at("/ams/ams/0/dry_setting/dry_duration") == -1);
    }

    TEST_CASE("drying is acknowledged but not started while the unit has a reason against it") {
        TestPrinter asked{"H2D"};
        CHECK(asked.at("/ams/ams/0/dry_sf_reason") == json::array());
        set_drying_obstacles(asked.printer, 0, {8});
        CHECK(asked.live(1).at("ams").at("ams").at(0).at("dry_sf_reason") == json::array({8}));
        CHECK(asked.ask(drying(0)).at("result") == "success");
        asked.live(30);
        CHECK(asked.at("/ams/ams/0/dry_time") == 0);
        set_drying_obstacles(asked.printer, 0, {});
        asked.ask(drying(0));
        asked.live(1);
        CHECK(asked.at("/ams/ams/0/dry_time") == 120);
    }

    TEST_CASE("drying is acknowledged but not started where it is impossible") {
        const auto stays_cold = [](TestPrinter& asked, const json& request) {
            const auto answer = asked.ask(request);
            asked.live(2);
            CHECK(asked.at("/ams/ams/0/dry_time") == 0);
            return answer;
        };
        TestPrinter older{"P1S"};
        CHECK(stays_cold(older, drying(0)).at("result") == "success");
        TestPrinter newer{"H2D"};
        auto hot = drying(0);
        hot["temp"] = 85;
        CHECK(stays_cold(newer, hot).at("result") == "success");
        auto long_time = drying(0);
        long_time["duration"] = 720;
        CHECK(stays_cold(newer, long_time).at("result") == "success");
        CHECK(stays_cold(newer, drying(5)).at("result") == "fail");
        TestPrinter picky{"P2S"};
        auto bare = drying(0);
        bare.erase("close_power_conflict");
        CHECK(stays_cold(picky, bare).is_null());
        TestPrinter high{"X1C"};
        auto in_ht = drying(128);
        in_ht["temp"] = 85;
        high.ask(in_ht);
        high.live(1);
        CHECK(high.at("/ams/ams/2/dry_time") == 120);
    }
}
