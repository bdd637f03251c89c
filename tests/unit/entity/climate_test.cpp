// Temperatures, fans, air duct, lamps and the climate of AMS units.
#include "unit/state/fed_printer.hpp"

namespace bambu2mqtt::test {

TEST_CASE(
    "packed temperatures: low half current, high half target; they take precedence over the plain fields") {
    FedPrinter printer(Given{.model = Model::h2s});
    printer.full(
        R"("bed_temper":1.0,"bed_target_temper":2.0,"chamber_temper":3.0,"nozzle_temper":4.0,"nozzle_target_temper":5.0,
        "device":{"bed":{"info":{"temp":4587590}},"ctc":{"info":{"temp":3932218}},"extruder":{"info":[{"id":0,"temp":16056565}]}})");
    printer.check({{"bed_temperature", "70"},
                   {"bed_target_temperature", "70"},
                   {"chamber_temperature", "58"},
                   {"chamber_target_temperature", "60"},
                   {"nozzle_temperature", "245"},
                   {"nozzle_target_temperature", "245"}});
    printer.partial(R"("device":{"bed":{"info":{"temp":23}}})");
    printer.check({{"bed_temperature", "23"}, {"bed_target_temperature", "0"}});
}

TEST_CASE("packed temperatures may be text; invalid ones fall back to the plain field") {
    FedPrinter printer(Given{.model = Model::x1c});
    printer.full(R"("bed_temper":21.0,"device":{"bed":{"info":{"temp":"4587590"}}})");
    CHECK(printer["bed_temperature"] == "70");
    for (const char* const text : {"-1", "4294967296", "1e308", "9223372036854775808", "\"x\"", "1.5"}) {
        FedPrinter other(Given{.model = Model::x1c});
        other.full(R"("bed_temper":21.0,"device":{"bed":{"info":{"temp":)" + std::string{text} + "}}}");
        INFO(text);
        CHECK(other["bed_temperature"] == "21");
    }
}

TEST_CASE("impossible temperatures are unknown") {
    FedPrinter printer;
    for (const char* const text : {"-51", "501", "65535", "1e308", "\"\"", "\"hot\"", "[]", "true", "null"}) {
        FedPrinter other;
        other.full("\"nozzle_temper\":" + std::string{text} + ",\"bed_target_temper\":" + text);
        INFO(text);
        other.check({{"nozzle_temperature", "None"}, {"bed_target_temperature", "None"}});
    }
    printer.full(R"("nozzle_temper":"210.7","bed_temper":-3.2)");
    printer.check({{"nozzle_temperature", "211"}, {"bed_temperature", "-3"}});
}

TEST_CASE("two nozzles during a tool change: only the printer's own plain fields are used") {
    FedPrinter printer(Given{.model = Model::h2d});
    printer.full(
        R"("nozzle_temper":199.0,"nozzle_target_temper":200.0,"device":{"extruder":{"info":[{"id":0,"temp":16056565},{"id":1,"temp":47}],"state":242}})");
    printer.check({{"nozzle_temperature", "199"},
                   {"nozzle_target_temperature", "200"},
                   {"right_nozzle_temperature", "245"},
                   {"left_nozzle_temperature", "47"},
                   {"left_nozzle_target_temperature", "0"}});
}

TEST_CASE("A1 and P1 have no chamber sensor, whatever they report; on others 5 degrees is a valid value") {
    for (const auto model : {Model::a1, Model::a1mini, Model::p1p, Model::p1s, Model::a2l}) {
        FedPrinter printer(Given{.model = model});
        printer.full("\"chamber_temper\":5");
        CHECK_FALSE(printer.has("chamber_temperature"));
    }
    FedPrinter cold(Given{.model = Model::x1c});
    cold.full("\"chamber_temper\":5.0");
    CHECK(cold["chamber_temperature"] == "5");
    FedPrinter stranger;
    stranger.full("\"chamber_temper\":5");
    CHECK_FALSE(stranger.has("chamber_temperature"));
    stranger.full("\"chamber_temper\":31.0");
    CHECK(stranger["chamber_temperature"] == "31");
}

TEST_CASE("an external chamber temperature takes precedence and is marked as external") {
    FedPrinter printer(Given{.model = Model::x1c});
    printer.full("\"chamber_temper\":31.0");
    CHECK(printer.attribute("chamber_temperature", "source") == "\"printer\"");
    CHECK(printer.give_chamber_temperature(44.4).layout_changed);
    CHECK(printer["chamber_temperature"] == "44");
    CHECK(printer.attribute("chamber_temperature", "source") == "\"external\"");
    CHECK_FALSE(printer.give_chamber_temperature(51.6).layout_changed);
    printer.full("\"chamber_temper\":32.0");
    CHECK(printer["chamber_temperature"] == "52");
}

TEST_CASE("fan steps 0 to 15 are the slicer's 10 % steps, rounded up") {
    constexpr std::array percents{"0",  "10", "20", "20", "30", "40", "40",  "50",
                                  "60", "60", "70", "80", "80", "90", "100", "100"};
    FedPrinter printer(Given{.model = Model::p1s});
    for (std::size_t step = 0; step < percents.size(); ++step) {
        const auto text = "\"" + std::to_string(step) + "\"";
        printer.full("\"cooling_fan_speed\":" + text + ",\"big_fan1_speed\":" + text +
                     ",\"big_fan2_speed\":" + std::to_string(step) + ",\"heatbreak_fan_speed\":" + text);
        printer.check({{"part_fan", percents[step]},
                       {"aux_fan", percents[step]},
                       {"chamber_fan", percents[step]},
                       {"heatbreak_fan", percents[step]}});
    }
    for (const char* const text : {"16", "-1", "\"x\"", "1.5", "null"}) {
        FedPrinter other(Given{.model = Model::p1s});
        other.full("\"cooling_fan_speed\":" + std::string{text});
        CHECK(other["part_fan"] == "None");
    }
}

TEST_CASE("an air duct part's own state takes precedence; its low byte is the percentage") {
    FedPrinter printer(Given{.model = Model::h2d});
    printer.full(
        R"("cooling_fan_speed":"15","big_fan1_speed":"7","big_fan2_speed":"2","device":{"airduct":{"modeCur":0,
        "parts":[{"id":16,"state":35},{"id":32,"state":25650},{"id":48,"state":255}]}})");
    printer.check(
        {{"part_fan", "35"}, {"aux_fan", "50"}, {"chamber_fan", "20"}, {"secondary_aux_fan", "(absent)"}});
}

TEST_CASE("a report about one part of the air duct leaves the others unchanged") {
    FedPrinter printer(Given{.model = Model::p2s});
    printer.full(R"("device":{"airduct":{"modeCur":0,
        "parts":[{"func":0,"id":16,"state":20},{"func":6,"id":32,"state":40},{"func":6,"id":160,"state":60}]}})");
    printer.partial(R"("device":{"airduct":{"parts":[{"func":0,"id":16,"state":70}]}})");
    printer.check({{"part_fan", "70"}, {"aux_fan", "40"}, {"secondary_aux_fan", "60"}});
    printer.partial(R"("device":{"airduct":{"parts":[{"id":160,"state":0}]}})");
    printer.check({{"part_fan", "70"}, {"aux_fan", "40"}, {"secondary_aux_fan", "0"}});
}

TEST_CASE("fans: listed in the air duct, else by model, else by evidence that one is installed") {
    FedPrinter p1p(Given{.model = Model::p1p});
    p1p.full("\"big_fan1_speed\":\"0\"");
    CHECK(p1p.has("aux_fan"));
    FedPrinter p2s(Given{.model = Model::p2s});
    p2s.full(R"("device":{"airduct":{"modeCur":0,"parts":[{"id":16},{"id":32}]}})");
    CHECK(p2s.has("aux_fan"));
    CHECK_FALSE(p2s.has("chamber_fan"));
    FedPrinter a1(Given{.model = Model::a1});
    a1.full("\"big_fan1_speed\":\"11\""); // as recorded, without such a fan
    CHECK_FALSE(a1.has("aux_fan"));
    CHECK_FALSE(a1.has("chamber_fan"));
    CHECK(a1.has("part_fan"));
}

TEST_CASE("the auxiliary fan of a P1P is enabled by default once it has run; on all others always") {
    const auto enabled = [](const FedPrinter& printer) {
        const auto& instance = printer.printer().layout().instances()[printer.find("aux_fan").value()];
        return instance.entity->enabled(printer.printer().facts(), instance.place);
    };
    FedPrinter p1p(Given{.model = Model::p1p});
    p1p.full("\"big_fan1_speed\":\"0\"");
    CHECK_FALSE(enabled(p1p));
    p1p.partial("\"big_fan1_speed\":\"3\"");
    CHECK(enabled(p1p));
    CHECK(p1p["aux_fan"] == "20");
    p1p.partial("\"big_fan1_speed\":\"0\"");
    CHECK(enabled(p1p));
    FedPrinter p1s(Given{.model = Model::p1s});
    p1s.full("\"big_fan1_speed\":\"0\"");
    CHECK(enabled(p1s));
}

TEST_CASE("air duct modes: those the printer offers; 255 and unknown modes give None") {
    FedPrinter printer(Given{.model = Model::h2d});
    printer.full(R"("device":{"airduct":{"modeCur":2,"modeList":[{"modeId":0},{"modeId":1},{"modeId":2}]}})");
    CHECK(printer["airduct_mode"] == "laser");
    for (const auto& [code, name] : {std::pair{"0", "cooling"},
                                     {"1", "heating"},
                                     {"3", "None"},
                                     {"255", "None"},
                                     {"-1", "None"},
                                     {"\"x\"", "None"}}) {
        FedPrinter other(Given{.model = Model::h2d});
        other.full(R"("device":{"airduct":{"modeCur":)" + std::string{code} +
                   R"(,"modeList":[{"modeId":0},{"modeId":1},{"modeId":2}]}})");
        const std::string at{code};
        INFO(at);
        CHECK(other["airduct_mode"] == name);
    }
    const auto options = Layout::options(
        printer.printer().layout().instances()[*printer.find("airduct_mode")], printer.facts());
    CHECK(std::vector<std::string_view>(options.begin(), options.end()) ==
          std::vector<std::string_view>{"cooling", "heating", "laser"});
}

TEST_CASE("the chamber light is on when either lamp is, by cfg where no lamp is listed") {
    FedPrinter printer(Given{.model = Model::h2d});
    printer.full(
        R"("lights_report":[{"node":"chamber_light","mode":"off"},{"node":"chamber_light2","mode":"on"}])");
    CHECK(printer["chamber_light"] == "ON");
    printer.partial(R"("lights_report":[{"node":"chamber_light2","mode":"off"}])");
    CHECK(printer["chamber_light"] == "OFF");
    printer.partial(R"("lights_report":[{"node":"chamber_light","mode":"flashing"}])");
    CHECK(printer["chamber_light"] == "ON");
    FedPrinter plain(Given{.model = Model::x1c});
    plain.full("\"mc_percent\":1");
    CHECK(plain["chamber_light"] == "None");
    plain.full(R"("cfg":"80","fun":"0","aux":"0","stat":"0")");
    CHECK(plain["chamber_light"] == "ON");
}

TEST_CASE(
    "AMS climate: raw humidity 0 is unknown, index is 6 minus the raw value, 0.0 degrees without sensors") {
    FedPrinter printer;
    const auto unit = [&](std::string_view members) {
        printer.full(R"("ams":{"ams":[{"id":"0","info":"2003",)" + std::string{members} + "}]}");
    };
    unit(R"("humidity":"4","temp":"0.0")");
    printer.check(
        {{"ams_1_humidity", "(absent)"}, {"ams_1_temperature", "(absent)"}, {"ams_1_humidity_index", "2"}});
    unit(R"("humidity":"0","humidity_raw":"0","temp":"0.0")");
    printer.check({{"ams_1_humidity", "(absent)"},
                   {"ams_1_humidity_index", "None"},
                   {"ams_1_temperature", "(absent)"}});
    for (const auto& [wire, shown] :
         {std::pair{"1", "5"}, {"2", "4"}, {"3", "3"}, {"5", "1"}, {"6", "None"}, {"-1", "None"}}) {
        unit(R"("humidity":")" + std::string{wire} + "\"");
        CHECK(printer["ams_1_humidity_index"] == shown);
    }
    unit(R"("humidity_raw":"27","temp":"30.1")");
    printer.check({{"ams_1_humidity", "27"}, {"ams_1_temperature", "30.1"}});
    unit(R"("humidity_raw":"101","temp":"121")");
    printer.check({{"ams_1_humidity", "None"}, {"ams_1_temperature", "None"}});
    unit(R"("humidity":"0","humidity_raw":"0","temp":"0.0")"); // restarted
    printer.check({{"ams_1_humidity", "None"}, {"ams_1_temperature", "None"}});
}

TEST_CASE("an AMS Lite has no sensors, even where its firmware sends values") {
    constexpr std::string_view unit_01_07 =
        R"("ams":{"ams":[{"id":"0","humidity":"5","humidity_raw":"0","temp":"0.0","info":"1002",
        "tray":[{"id":"0"},{"id":"1"},{"id":"2"},{"id":"3"}]}],"ams_exist_bits":"1","tray_exist_bits":"0","tray_now":"255"})";
    FedPrinter a1(Given{.model = Model::a1});
    a1.full(unit_01_07);
    a1.check({{"ams_1_humidity", "(absent)"},
              {"ams_1_temperature", "(absent)"},
              {"ams_1_humidity_index", "(absent)"},
              {"ams_1_active", "OFF"}});
    a1.partial(R"("ams":{"ams":[{"id":"0","humidity_raw":"40","temp":"25.0"}]})");
    a1.check({{"ams_1_humidity", "(absent)"}, {"ams_1_temperature", "(absent)"}});

    // The unit of an A2L, and a unit whose kind get_version reports after its first report.
    FedPrinter a2l(Given{.model = Model::a2l});
    a2l.full(R"("ams":{"ams":[{"id":"16","humidity_raw":"40","temp":"25.0"}],"ams_exist_bits":"1"})");
    a2l.check({{"ams_lite_1_humidity", "(absent)"}, {"ams_lite_1_temperature", "(absent)"}});
    FedPrinter late(Given{.model = Model::p1s});
    late.full(R"("ams":{"ams":[{"id":"0","humidity_raw":"40","temp":"25.0"}],"ams_exist_bits":"1"})");
    CHECK(late["ams_1_temperature"] == "25");
    late.feed(
        R"({"info":{"command":"get_version","module":[{"name":"ams_f1/0","sn":"X","sw_ver":"00.00.07.89"}]}})");
    late.check({{"ams_1_humidity", "(absent)"}, {"ams_1_temperature", "(absent)"}});
}

TEST_CASE("drying shows why it would be refused") {
    FedPrinter printer(Given{.model = Model::h2d});
    printer.full(R"("ams":{"ams":[{"id":"0","info":"3","dry_time":0}],"ams_exist_bits":"1"})");
    const auto because = [&] {
        return printer.printer().attributes(*printer.find("ams_1_drying"))["refused_because"];
    };
    CHECK(because().is_null());
    printer.partial(R"("ams":{"ams":[{"id":"0","dry_sf_reason":[8]}]})"); // recorded
    CHECK(because() == "the AMS needs its own power adapter");
    printer.partial(R"("ams":{"ams":[{"id":"0","dry_sf_reason":[]}]})");
    CHECK(because().is_null());
}

TEST_CASE("drying: minutes left, -1 and 0 mean not set, bits of info name the nozzle") {
    FedPrinter printer(Given{.model = Model::h2d});
    printer.full(
        R"("ams":{"ams":[{"id":"0","info":"2103","dry_time":716,"dry_setting":{"dry_filament":"PA","dry_temperature":80,"dry_duration":12}},
        {"id":"1","info":"2003","dry_time":0,"dry_setting":{"dry_filament":"","dry_temperature":-1,"dry_duration":0}},
        {"id":"2","info":"2E03","dry_time":-5},{"id":"3","info":"2F03"}]})");
    printer.check({{"ams_1_drying", "ON"},
                   {"ams_1_drying_remaining", "716"},
                   {"ams_1_drying_temperature", "80"},
                   {"ams_1_drying_duration", "12"},
                   {"ams_1_drying_filament", "PA"},
                   {"ams_2_drying", "OFF"},
                   {"ams_2_drying_remaining", "0"},
                   {"ams_2_drying_temperature", "None"},
                   {"ams_2_drying_duration", "None"},
                   {"ams_2_drying_filament", "None"},
                   {"ams_3_drying", "None"},
                   {"ams_3_drying_temperature", "(absent)"},
                   {"ams_1_nozzle", "left"},
                   {"ams_2_nozzle", "right"},
                   {"ams_3_nozzle", "None"},
                   {"ams_4_nozzle", "None"}});
    printer.partial(R"("device":{"fila_switch":{"stat":1}})");
    CHECK(printer["ams_3_nozzle"] == "both");
}

} // namespace bambu2mqtt::test
