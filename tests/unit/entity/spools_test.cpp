// Trays and external spools: their content and which one is active.
#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/entity/spools.hpp>

namespace bambu2mqtt::test {

namespace {

/// The active tray of a printer with one nozzle and this extruder state.
std::string fed_by_snow(std::uint32_t snow) {
    FedPrinter printer(Given{.model = Model::x1c});
    printer.full(R"("ams":{"tray_now":"3"},"device":{"extruder":{"info":[{"id":0,"snow":)" +
                 std::to_string(snow) + R"(}],"state":1}})");
    return printer["active_tray"];
}

std::string fed_by_tray_now(std::string_view tray, std::string_view units = R"([{"id":"0"},{"id":"1"}])") {
    FedPrinter printer;
    printer.full(R"("ams":{"ams":)" + std::string{units} + R"(,"tray_now":)" + std::string{tray} + "}");
    return printer["active_tray"];
}

constexpr std::string_view two_extruders =
    R"("extruder":{"info":[{"id":0,"snow":1},{"id":1,"snow":258}],"state":)";

} // namespace

TEST_CASE("snow: low byte 255 is nothing loaded, on either nozzle") {
    CHECK(fed_by_snow(0xFFFF) == "none");
    CHECK(fed_by_snow(0xFEFF) == "none");
    CHECK(fed_by_snow(0x00FF) == "none");
}

TEST_CASE("snow: high bytes 255 and 254 are the external spools") {
    CHECK(fed_by_snow(0xFF00) == "external_spool");
    CHECK(fed_by_snow(0xFE00) == "external_spool");
}

TEST_CASE("snow: the high byte is the unit; 16 and from 128 on are unit ids") {
    CHECK(fed_by_snow(3) == "ams_1_tray_4");
    CHECK(fed_by_snow(259) == "ams_2_tray_4");
    CHECK(fed_by_snow(0x0300) == "ams_4_tray_1");
    CHECK(fed_by_snow(0x8000) == "ams_ht_1_tray_1");
    CHECK(fed_by_snow(0x8700) == "ams_ht_8_tray_1");
    CHECK(fed_by_snow(0x1002) == "ams_lite_1_tray_3");
}

TEST_CASE("snow: impossible units are unknown") {
    for (const std::uint32_t snow : {0x0400U, 0x0F00U, 0x1100U, 0x7F00U, 0x8800U, 0xFD00U}) {
        INFO(snow);
        CHECK(fed_by_snow(snow) == "None");
    }
}

TEST_CASE("tray_now: 255 none, 254 external, two bits of slot, AMS HT by its own id") {
    CHECK(fed_by_tray_now("\"255\"") == "none");
    CHECK(fed_by_tray_now("\"254\"") == "external_spool");
    CHECK(fed_by_tray_now("\"0\"") == "ams_1_tray_1");
    CHECK(fed_by_tray_now("6") == "ams_2_tray_3");
    CHECK(fed_by_tray_now("\"15\"") == "ams_4_tray_4");
    CHECK(fed_by_tray_now("\"128\"") == "ams_ht_1_tray_1");
    CHECK(fed_by_tray_now("\"135\"") == "ams_ht_8_tray_1");
    for (const char* const tray :
         {"\"16\"", "\"80\"", "\"253\"", "-1", "256", "\"\"", "null", "\"x\"", "1e308"}) {
        INFO(tray);
        CHECK(fed_by_tray_now(tray) == "None");
    }
}

TEST_CASE("a unit without its exist bit is neither active nor present, by tray_now and by snow") {
    FedPrinter x1c(Given{.model = Model::x1c});
    x1c.full(R"("ams":{"ams":[{"id":"0","tray":[{"id":"0"},{"id":"1"},{"id":"2"},{"id":"3"}]},
        {"id":"128","tray":[{"id":"0","tray_type":"PLA"}]}],"ams_exist_bits":"1","tray_exist_bits":"f","tray_now":"128"})");
    x1c.check({{"active_tray", "None"},
               {"ams_ht_1_active", "(absent)"},
               {"ams_1_active", "None"},
               {"active_filament", "None"}});
    x1c.partial(R"("ams":{"ams_exist_bits":"11"})");
    x1c.check({{"active_tray", "ams_ht_1_tray_1"}, {"ams_ht_1_active", "ON"}, {"ams_1_active", "OFF"}});
    x1c.partial(R"("ams":{"ams_exist_bits":"1"})");
    CHECK(x1c["active_tray"] == "None");

    FedPrinter h2s(Given{.model = Model::h2s});
    h2s.full(R"("ams":{"ams":[{"id":"0"},{"id":"1"}],"ams_exist_bits":"1"},
        "device":{"extruder":{"info":[{"id":0,"snow":257}]}})");
    h2s.check({{"active_tray", "None"}, {"ams_2_active", "(absent)"}});
    h2s.partial(R"("device":{"extruder":{"info":[{"id":0,"snow":1}]}})");
    CHECK(h2s["active_tray"] == "ams_1_tray_2");
}

TEST_CASE("tray_now of the A2L's unit 16 in its three forms") {
    CHECK(fed_by_tray_now("\"25\"") == "ams_lite_1_tray_2");
    CHECK(fed_by_tray_now("\"66\"") == "ams_lite_1_tray_3");
    CHECK(fed_by_tray_now("\"3\"", R"([{"id":"16"}])") == "ams_lite_1_tray_4");
    CHECK(fed_by_tray_now("\"3\"", R"([{"id":"0"},{"id":"16"}])") == "ams_1_tray_4");
}

TEST_CASE(
    "active nozzle 15 is a tool change: the active nozzle's values are unknown, not those of nozzle 0") {
    FedPrinter h2d(Given{.model = Model::h2d});
    h2d.full(
        R"("ams":{"ams":[{"id":"0"},{"id":"1"}]},"device":{"nozzle":{"info":[{"id":0,"type":"HS01"},{"id":1,"type":"HH01"}]},)" +
        std::string{two_extruders} + "18}}");
    h2d.check({{"active_nozzle", "left"},
               {"active_tray", "ams_2_tray_3"},
               {"nozzle_type", "high_flow_hardened_steel"}});
    h2d.partial(R"("device":{"extruder":{"state":2}})");
    h2d.check({{"active_nozzle", "right"},
               {"active_tray", "ams_1_tray_2"},
               {"nozzle_type", "hardened_steel"},
               {"ams_1_active", "ON"}});
    h2d.partial(R"("device":{"extruder":{"state":242}})");
    h2d.check({{"active_nozzle", "None"},
               {"active_tray", "None"},
               {"nozzle_type", "None"},
               {"ams_1_active", "None"},
               {"active_filament", "None"}});
    h2d.partial(R"("device":{"extruder":{"state":34}})");
    CHECK(h2d["active_nozzle"] == "None");
}

TEST_CASE("two nozzles: 65280 is the right external spool, 65024 the left") {
    FedPrinter x2d(Given{.model = Model::x2d});
    x2d.full(
        R"("vir_slot":[{"id":"254","tray_type":"TPU"},{"id":"255","tray_type":"PLA"}],"device":{"extruder":{"info":[
        {"id":0,"snow":65280},{"id":1,"snow":65024}],"state":2}})");
    x2d.check({{"active_tray", "external_spool_right"},
               {"external_spool_right_active", "ON"},
               {"external_spool_left_active", "OFF"},
               {"active_filament", "PLA"}});
    x2d.partial(R"("device":{"extruder":{"state":18}})");
    x2d.check({{"active_tray", "external_spool_left"},
               {"external_spool_left_active", "ON"},
               {"external_spool_right_active", "OFF"},
               {"active_filament", "TPU"}});
}

TEST_CASE("trays without a state are checked by tray_exist_bits") {
    FedPrinter printer;
    printer.full(
        R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","tray_type":"PLA","tray_color":"FF0000FF"},{"id":"1","tray_type":"PLA"},{"id":"2"},{"id":"3"}]}],
        "ams_exist_bits":"1","tray_exist_bits":"5"})");
    printer.check({{"ams_1_tray_1", "PLA"},
                   {"ams_1_tray_1_color", "#FF0000"},
                   {"ams_1_tray_2", "empty"},
                   {"ams_1_tray_2_type", "None"},
                   {"ams_1_tray_3", "unidentified"},
                   {"ams_1_tray_4", "empty"}});
}

TEST_CASE("without exist bits bit 0 of the state decides, without both the tray data") {
    FedPrinter printer;
    printer.full(
        R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","tray_type":"PLA","state":10},{"id":"1","tray_type":"PLA","state":9},
        {"id":"2","tray_type":"ABS"},{"id":"3"}]}]})");
    printer.check({{"ams_1_tray_1", "empty"},
                   {"ams_1_tray_2", "PLA"},
                   {"ams_1_tray_3", "ABS"},
                   {"ams_1_tray_4", "empty"}});
    printer.partial(
        R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","state":27},{"id":"1","state":0},{"id":"3","state":3}]}]})");
    printer.check({{"ams_1_tray_1", "PLA"}, {"ams_1_tray_2", "empty"}, {"ams_1_tray_4", "unidentified"}});
}

TEST_CASE("an unreported tray is unknown") {
    FedPrinter printer;
    printer.full(R"("ams":{"ams":[{"id":"0","temp":"20.0"}]})");
    printer.check(
        {{"ams_1_tray_1", "None"}, {"ams_1_tray_1_type", "None"}, {"ams_1_tray_1_remaining", "None"}});
}

TEST_CASE("a spool's name: the brand's own, else by its filament id, else its type") {
    FedPrinter printer;
    const auto name = [&](std::string_view tray) {
        printer.full(R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","state":3,)" + std::string{tray} + "}]}]}");
        return printer["ams_1_tray_1"];
    };
    CHECK(name(R"("tray_sub_brands":"PLA Silk","tray_info_idx":"GFA00","tray_type":"PLA")") == "PLA Silk");
    CHECK(name(R"("tray_sub_brands":"","tray_info_idx":"GFA00","tray_type":"PLA")") == "Bambu PLA Basic");
    CHECK(name(R"("tray_sub_brands":"","tray_info_idx":"P1234567","tray_type":"PLA")") == "PLA");
    CHECK(name(R"("tray_sub_brands":"","tray_info_idx":"P1234567","tray_type":"")") == "unidentified");
}

TEST_CASE("colours: RRGGBB from eight digits in upper case; anything else is unknown") {
    FedPrinter printer;
    const auto color = [&](std::string_view value) {
        printer.full(
            R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","state":3,"tray_type":"PLA","tray_color":)" +
            std::string{value} + "}]}]}");
        return printer["ams_1_tray_1_color"];
    };
    CHECK(color("\"ff8800ff\"") == "#FF8800");
    CHECK(color("\"FF8800\"") == "#FF8800");
    CHECK(color("\"00000000\"") == "#000000");
    CHECK(color("\"FF88\"") == "None");
    CHECK(color("\"GG8800FF\"") == "None");
    CHECK(color("\"\"") == "None");
}

TEST_CASE("remaining filament: only with a tag, only where the printer estimates it, 0 to 100") {
    FedPrinter printer;
    const auto left = [&](std::string_view tray, std::string_view more = "") {
        printer.full(R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","state":3,"tray_type":"PLA",)" +
                     std::string{tray} + "}]}]}" + std::string{more});
        return printer["ams_1_tray_1_remaining"];
    };
    constexpr std::string_view tagged = R"("tag_uid":"7E57000000000001","tray_uuid":"0","remain":)";
    CHECK(left(std::string{tagged} + "40") == "40");
    CHECK(left(std::string{tagged} + "0") == "0");
    CHECK(left(std::string{tagged} + "-1") == "None");
    CHECK(left(std::string{tagged} + "101") == "None");
    CHECK(
        left(R"("tag_uid":"0000000000000000","tray_uuid":"00000000000000000000000000000000","remain":40)") ==
        "None");
    CHECK(left(R"("tag_uid":"","tray_uuid":"ABC0","remain":40)") == "40");
    CHECK(left(std::string{tagged} + "40", ",\"home_flag\":0") == "None");
    CHECK(left(std::string{tagged} + "40", ",\"home_flag\":128") == "40");
}

TEST_CASE("remaining grams are shown as set; -1 is unknown") {
    FedPrinter x2d(Given{.model = Model::x2d});
    x2d.full(R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","tray_type":"PLA","remain_g":412},
        {"id":"1","tray_type":"PLA","remain_g":-1},{"id":"2","tray_type":"PLA","remain_g":0}]}],
        "ams_exist_bits":"1","tray_exist_bits":"7"})");
    CHECK(x2d.attribute("ams_1_tray_1", "remain_g") == "412.0");
    CHECK(x2d.attribute("ams_1_tray_2", "remain_g") == "null");
    CHECK(x2d.attribute("ams_1_tray_3", "remain_g") == "0.0");
}

TEST_CASE("the old external spool: vt_tray 254 or 255, until vir_slot is reported") {
    FedPrinter printer;
    printer.full(
        R"("vt_tray":{"id":"254","tray_type":"PLA","tray_color":"112233FF"},"ams":{"tray_now":"255"})");
    printer.check({{"external_spool", "PLA"}, {"external_spool_active", "OFF"}});
    printer.partial(R"("ams":{"tray_now":"254"})");
    printer.check({{"external_spool_active", "ON"}, {"active_filament", "PLA"}});
    printer.partial(R"("vir_slot":[{"id":"255","tray_type":"TPU"}])");
    CHECK(printer["external_spool"] == "TPU");
    FedPrinter empty;
    empty.full(R"("vt_tray":{"id":"254","tray_type":""},"ams":{"tray_now":"254"})");
    empty.check({{"external_spool", "unidentified"}, {"active_filament", "unidentified"}});
    empty.partial(R"("ams":{"tray_now":"255"})");
    empty.check({{"external_spool", "empty"}, {"active_filament", "None"}});
}

TEST_CASE("drying data under old and new names; 0 and impossible values are unknown") {
    FedPrinter printer;
    printer.full(
        R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","state":3,"tray_type":"PLA","tray_temp":"55","tray_time":"8","bed_temp":"0","tray_weight":1e300},
        {"id":"1","state":3,"tray_type":"PLA","drying_temp":"70","drying_time":"12","nozzle_temp_min":"-3","k":1e18}]}]})");
    CHECK(printer.attribute("ams_1_tray_1", "dry_temp") == "55");
    CHECK(printer.attribute("ams_1_tray_1", "dry_time") == "8");
    CHECK(printer.attribute("ams_1_tray_1", "bed_temp") == "null");
    CHECK(printer.attribute("ams_1_tray_1", "weight") == "null");
    CHECK(printer.attribute("ams_1_tray_2", "dry_temp") == "70");
    CHECK(printer.attribute("ams_1_tray_2", "nozzle_temp_min") == "null");
    CHECK(printer.attribute("ams_1_tray_2", "k") == "null");
}

TEST_CASE("every tray that can be active is an option of active_tray") {
    for (const int unit : {0, 1, 2, 3, 16, 128, 131, 135}) {
        const Feed feed{.kind = Feed::Kind::tray, .unit = unit, .slot = unit >= 128 ? 0 : 3};
        CHECK(std::ranges::find(feed_options(), feed_id(feed)) != feed_options().end());
    }
    for (const auto spool : {Spool::single, Spool::left, Spool::right}) {
        const Feed feed{.kind = Feed::Kind::external, .spool = spool};
        CHECK(std::ranges::find(feed_options(), feed_id(feed)) != feed_options().end());
    }
    CHECK(feed_id(Feed{.kind = Feed::Kind::none}) == "none");
    CHECK(feed_id(Feed{}).empty());
}

} // namespace bambu2mqtt::test
