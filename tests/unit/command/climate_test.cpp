#include "unit/command/command_fixture.hpp"
#include <bambu2mqtt/printer/limits.hpp>

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;
using test::gcode_of;
using test::Sent;

namespace {

std::string value(int number) {
    return R"({"value":)" + std::to_string(number) + "}";
}

/// The highest temperature a command accepts, and the first one it refuses.
void check_limit(const CommandFixture& subject, std::string_view command, std::string_view letters,
                 int limit) {
    const auto highest = gcode_of(std::string{letters} + std::to_string(limit) + "\n");
    subject.sends({{command, value(limit), {highest}}});
    subject.denies({{command, value(limit + 1), Code::invalid_argument,
                     "expected a number from 0 to " + std::to_string(limit) + " °C"}});
}

std::string ledctrl(std::string_view node, std::string_view mode, int milliseconds) {
    return Json{{"system",
                 {{"command", "ledctrl"},
                  {"led_node", node},
                  {"led_mode", mode},
                  {"led_on_time", milliseconds},
                  {"led_off_time", milliseconds},
                  {"loop_times", 0},
                  {"interval_time", 0}}}}
        .dump();
}

} // namespace

TEST_CASE("the nozzle's target on printers with one nozzle") {
    const CommandFixture subject("p1s");
    const auto hot = gcode_of("M104 S220\n");
    const auto off = gcode_of("M104 S0\n");
    subject.sends({{"set_nozzle_temp_target", R"({"value":220})", {hot}},
                   {"set_nozzle_temp_target", R"({"value":"220"})", {hot}},
                   {"set_nozzle_temp_target", R"({"value":219.6})", {hot}},
                   {"set_nozzle_temp_target", R"({"value":220,"tool_num":0})", {hot}},
                   {"set_nozzle_temp_target", R"({"value":220,"tool_num":-1})", {hot}},
                   {"set_nozzle_temp_target", R"({"value":0})", {off}}});
    subject.denies({{"set_nozzle_temp_target", R"({"value":220,"tool_num":1})", Code::not_supported,
                     "this printer has one nozzle"},
                    {"set_nozzle_temp_target", R"({"value":-1})", Code::invalid_argument, "value is -1"},
                    {"set_nozzle_temp_target", R"({"value":501})", Code::invalid_argument, "value is 501"},
                    {"set_nozzle_temp_target", R"({"value":true})", Code::invalid_argument, "value is true"},
                    {"set_nozzle_temp_target", "{}", Code::invalid_argument, "value is missing"}});
}

TEST_CASE("the nozzle's target on printers with two nozzles always names the nozzle") {
    const CommandFixture right("h2d"); // the right one is active
    const CommandFixture left("x2d");  // the left one is active
    right.sends({{"set_nozzle_temp_target", R"({"value":250})", {gcode_of("M104 S250 T0\n")}},
                 {"set_nozzle_temp_target", R"({"value":250,"tool_num":1})", {gcode_of("M104 S250 T1\n")}},
                 {"set_nozzle_temp_target", R"({"value":250,"tool_num":0})", {gcode_of("M104 S250 T0\n")}}});
    left.sends({{"set_nozzle_temp_target", R"({"value":250,"tool_num":-1})", {gcode_of("M104 S250 T1\n")}}});
    CommandFixture changing("h2d");
    changing.partial(R"("device":{"extruder":{"state":242}})"); // nozzle 15: none
    changing.denies({{"set_nozzle_temp_target", R"({"value":250})", Code::conflict, "no nozzle is active"}});
    changing.sends({{"set_nozzle_temp_target", R"({"value":9,"tool_num":0})", {gcode_of("M104 S9 T0\n")}}});
}

TEST_CASE("each model has its maximum nozzle temperature") {
    for (const auto& model : models()) {
        INFO("model: ", std::string{model.code});
        const bool hotter = model.family == Family::h2;
        const int expected = hotter ? 350 : model.model == Model::x1e ? 320 : 300;
        CHECK(nozzle_limit(Facts{.model = model.model}) == expected);
    }
    check_limit(CommandFixture("x1c"), "set_nozzle_temp_target", "M104 S", 300);
    check_limit(CommandFixture("x1e"), "set_nozzle_temp_target", "M104 S", 320);
    check_limit(CommandFixture("h2s"), "set_nozzle_temp_target", "M104 S", 350);
}

TEST_CASE("each model has its maximum bed temperature, which depends on the mains voltage on an X1") {
    check_limit(CommandFixture("a1"), "set_bed_temp_target", "M140 S", 100);
    check_limit(CommandFixture("a1mini"), "set_bed_temp_target", "M140 S", 80);
    check_limit(CommandFixture("p1p"), "set_bed_temp_target", "M140 S", 100);
    check_limit(CommandFixture("p2s"), "set_bed_temp_target", "M140 S", 110);
    check_limit(CommandFixture("h2d"), "set_bed_temp_target", "M140 S", 120);
    check_limit(CommandFixture(Model::x1c), "set_bed_temp_target", "M140 S", 120);
    check_limit(CommandFixture(Model::x1c, R"("home_flag":256)"), "set_bed_temp_target", "M140 S", 120);
    check_limit(CommandFixture(Model::x1c, R"("home_flag":264)"), "set_bed_temp_target", "M140 S", 110);
    check_limit(CommandFixture(Model::p1s, R"("home_flag":264)"), "set_bed_temp_target", "M140 S", 100);
}

TEST_CASE("a target that the printer itself has reported is within the limit") {
    CommandFixture subject("a1mini");
    subject.partial(R"("bed_target_temper":95,"nozzle_target_temper":310)");
    subject.partial(R"("bed_target_temper":0,"nozzle_target_temper":0)");
    check_limit(subject, "set_bed_temp_target", "M140 S", 95);
    check_limit(subject, "set_nozzle_temp_target", "M104 S", 310);
    CommandFixture beyond("h2s");
    beyond.partial(R"("device":{"extruder":{"info":[{"id":0,"temp":26214400}]}})"); // target 400
    check_limit(beyond, "set_nozzle_temp_target", "M104 S", 400);
}

TEST_CASE("targets are confirmed by the printer's targets") {
    CommandFixture subject("p1s");
    subject.partial(R"("nozzle_target_temper":0,"bed_target_temper":0)");
    CHECK_FALSE(subject.confirms("set_nozzle_temp_target", value(220)));
    CHECK_FALSE(subject.confirms("set_bed_temp_target", value(60)));
    subject.partial(R"("nozzle_target_temper":220,"bed_target_temper":60.0)");
    CHECK(subject.confirms("set_nozzle_temp_target", value(220)));
    CHECK(subject.confirms("set_bed_temp_target", value(60)));
    CHECK_FALSE(subject.confirms("set_bed_temp_target", value(61)));

    CommandFixture two("h2d");
    two.partial(R"("device":{"extruder":{"info":[{"id":0,"temp":13107200},{"id":1,"temp":16384000}]}})");
    CHECK(two.confirms("set_nozzle_temp_target", R"({"value":200})")); // the right one is active
    CHECK(two.confirms("set_nozzle_temp_target", R"({"value":200,"tool_num":0})"));
    CHECK(two.confirms("set_nozzle_temp_target", R"({"value":250,"tool_num":1})"));
    CHECK_FALSE(two.confirms("set_nozzle_temp_target", R"({"value":250,"tool_num":0})"));
}

TEST_CASE("the chamber target also sets the air duct mode") {
    const CommandFixture subject("h2d");
    const auto heats = [](int degrees, bool check) {
        return Json{{"print", {{"command", "set_ctt"}, {"ctt_val", degrees}, {"temper_check", check}}}}
            .dump();
    };
    const auto* const cool = R"({"print":{"command":"set_airduct","modeId":0,"submode":-1}})";
    const auto* const heat = R"({"print":{"command":"set_airduct","modeId":1,"submode":-1}})";
    subject.sends(
        {{"set_chamber_temp_target", R"({"value":0})", {heats(0, true), cool}},
         {"set_chamber_temp_target", R"({"value":40})", {heats(40, true), heat}},
         {"set_chamber_temp_target", R"({"value":65,"temper_check":"off"})", {heats(65, false), heat}}});
    const auto* const expected = "expected 0 or a number from 40 to 65 °C";
    subject.denies({{"set_chamber_temp_target", value(1), Code::invalid_argument, expected},
                    {"set_chamber_temp_target", value(39), Code::invalid_argument, expected},
                    {"set_chamber_temp_target", value(66), Code::invalid_argument, expected}});
}

TEST_CASE("an X1E heats its chamber by G-code, to a lower maximum") {
    const CommandFixture subject("x1e");
    subject.sends({{"set_chamber_temp_target", value(60), {gcode_of("M141 S60\n")}},
                   {"set_chamber_temp_target", value(0), {gcode_of("M141 S0\n")}}});
    subject.denies({{"set_chamber_temp_target", value(61), Code::invalid_argument, "from 40 to 60 °C"},
                    {"set_chamber_temp_target", value(39), Code::invalid_argument, "from 40 to 60 °C"}});
}

TEST_CASE("only models with a chamber heater accept its target") {
    for (const auto& model : models()) {
        INFO("model: ", std::string{model.code});
        const CommandFixture subject(model.model);
        const bool heats =
            model.family == Family::h2 || model.family == Family::x2 || model.model == Model::x1e;
        if (heats) {
            CHECK_FALSE(subject.plan("set_chamber_temp_target", value(50)).requests.empty());
        } else {
            subject.denies({{"set_chamber_temp_target", value(50), Code::not_supported, "a chamber heater"}});
        }
    }
}

TEST_CASE("the chamber target is confirmed by its entity") {
    CommandFixture subject("h2d");
    CHECK_FALSE(subject.confirms("set_chamber_temp_target", value(50)));
    subject.partial(R"("device":{"ctc":{"info":{"temp":3276830}}})"); // 30, target 50
    CHECK(subject.confirms("set_chamber_temp_target", value(50)));
    CHECK_FALSE(subject.confirms("set_chamber_temp_target", value(51)));
}

TEST_CASE("an external chamber temperature is accepted where the printer has no sensor") {
    for (const auto* const fixture : {"a1", "p1s", "a2l"}) {
        const auto plan = CommandFixture(fixture).plan("set_chamber_temp", R"({"value":31.5})");
        CHECK(plan.requests.empty());
    }
    for (const auto* const fixture : {"x1c", "x1e", "p2s", "h2s", "x2d"}) {
        CommandFixture(fixture).denies({{"set_chamber_temp", R"({"value":31.5})", Code::not_supported,
                                         "a printer without a chamber sensor"}});
    }
    const CommandFixture unknown(Model::unknown, R"("chamber_temper":28)");
    unknown.denies({{"set_chamber_temp", R"({"value":31})", Code::not_supported, "a chamber sensor"}});
    const CommandFixture constant(Model::unknown, R"("chamber_temper":5)");
    CHECK(constant.plan("set_chamber_temp", R"({"value":31})").requests.empty());
    constant.denies({{"set_chamber_temp", R"({"value":-51})", Code::invalid_argument, "from -50 to 150 °C"},
                     {"set_chamber_temp", R"({"value":"warm"})", Code::invalid_argument, "value is"}});
}

TEST_CASE("fans have their number, integer speeds, and steps of 10 %") {
    const CommandFixture subject("x1c");
    const auto part = [](int speed) { return gcode_of("M106 P1 S" + std::to_string(speed) + "\n"); };
    constexpr std::array<int, 11> speeds{0, 26, 51, 77, 102, 128, 153, 179, 204, 230, 255};
    for (int step = 0; step <= 10; ++step) {
        subject.sends({{"set_part_cooling_fan_speed_target_percent",
                        value(step * 10),
                        {part(speeds[static_cast<std::size_t>(step)])}}});
    }
    subject.sends({{"set_part_cooling_fan_speed_target_percent", value(4), {part(0)}},
                   {"set_part_cooling_fan_speed_target_percent", value(5), {part(26)}},
                   {"set_part_cooling_fan_speed_target_percent", value(94), {part(230)}},
                   {"set_part_cooling_fan_speed_target_percent", R"({"value":"54.4"})", {part(128)}},
                   {"set_aux_fan_speed_target_percent", value(50), {gcode_of("M106 P2 S128\n")}},
                   {"set_exhaust_fan_speed_target_percent", value(50), {gcode_of("M106 P3 S128\n")}}});
    subject.denies({{"set_part_cooling_fan_speed_target_percent", value(101), Code::invalid_argument,
                     "expected a number from 0 to 100 %"},
                    {"set_part_cooling_fan_speed_target_percent", value(-1), Code::invalid_argument,
                     "expected a number from 0 to 100 %"}});
}

TEST_CASE("fans that are not installed are refused") {
    const auto fitted = [](const CommandFixture& subject, std::string_view command) {
        return subject.prepare(command, value(50)).has_value();
    };

    struct Row {
        std::string_view name{};
        bool aux = false;
        bool chamber = false;
        bool secondary = false;
    };

    // Reported: only the P2S of the fixtures lists whether there is a second auxiliary fan.
    for (const auto& row :
         {Row{"a1"}, Row{"a2l"}, Row{"p1p", true, true}, Row{"p1s", true, true}, Row{"x1c", true, true}}) {
        INFO("fixture: ", std::string{row.name});
        const CommandFixture subject(row.name);
        CHECK(fitted(subject, "set_part_cooling_fan_speed_target_percent"));
        CHECK(fitted(subject, "set_aux_fan_speed_target_percent") == row.aux);
        CHECK(fitted(subject, "set_exhaust_fan_speed_target_percent") == row.chamber);
        CHECK(fitted(subject, "set_secondary_aux_fan_speed_target_percent") == row.secondary);
    }
    CommandFixture second(
        Model::p2s,
        R"("device":{"airduct":{"modeCur":0,"parts":[{"id":16,"state":0},{"id":160,"state":0}]}})");
    second.sends({{"set_secondary_aux_fan_speed_target_percent", value(100), {gcode_of("M106 P10 S255\n")}}});
    second.denies(
        {{"set_exhaust_fan_speed_target_percent", value(50), Code::not_supported, "a chamber fan"}});
    // Not reported: the model decides which fans are possible.
    CHECK_FALSE(fitted(CommandFixture(Model::a1), "set_aux_fan_speed_target_percent"));
    CHECK(fitted(CommandFixture(Model::p1p), "set_aux_fan_speed_target_percent"));
    CHECK_FALSE(fitted(CommandFixture(Model::a1mini), "set_exhaust_fan_speed_target_percent"));
    CHECK(fitted(CommandFixture(Model::x2d), "set_secondary_aux_fan_speed_target_percent"));
    CHECK_FALSE(fitted(CommandFixture(Model::x1c), "set_secondary_aux_fan_speed_target_percent"));
    CHECK(fitted(CommandFixture(Model::unknown), "set_aux_fan_speed_target_percent"));
}

TEST_CASE("fans are confirmed within one step; off is confirmed exactly") {
    CommandFixture subject("p1s");
    const auto* const command = "set_part_cooling_fan_speed_target_percent";
    subject.partial(R"("cooling_fan_speed":"0")");
    CHECK_FALSE(subject.confirms(command, value(50)));
    CHECK(subject.confirms(command, value(0)));
    subject.partial(R"("cooling_fan_speed":"7")"); // shown as 50 %
    CHECK(subject.confirms(command, value(50)));
    CHECK(subject.confirms(command, value(60)));
    CHECK_FALSE(subject.confirms(command, value(70)));
    CHECK_FALSE(subject.confirms(command, value(0)));
    subject.partial(R"("cooling_fan_speed":"1")"); // shown as 10 %: it still turns
    CHECK_FALSE(subject.confirms(command, value(0)));
    subject.partial(R"("big_fan1_speed":"15","big_fan2_speed":"3")");
    CHECK(subject.confirms("set_aux_fan_speed_target_percent", value(100)));
    CHECK(subject.confirms("set_exhaust_fan_speed_target_percent", value(20)));
    CommandFixture second(
        Model::p2s,
        R"("device":{"airduct":{"modeCur":0,"parts":[{"id":16,"state":0},{"id":160,"state":30}]}})");
    CHECK(second.confirms("set_secondary_aux_fan_speed_target_percent", value(30)));
    CHECK_FALSE(second.confirms("set_secondary_aux_fan_speed_target_percent", value(80)));
}

TEST_CASE("the air duct accepts the modes that the printer offers") {
    const auto mode = [](int id) {
        return Json{{"print", {{"command", "set_airduct"}, {"modeId", id}, {"submode", -1}}}}.dump();
    };
    const CommandFixture three("h2d"); // offers 0 to 2
    three.sends({{"set_airduct_mode", R"({"mode":"cooling"})", {mode(0)}},
                 {"set_airduct_mode", R"({"mode":1})", {mode(1)}},
                 {"set_airduct_mode", R"({"mode":"Laser"})", {mode(2)}}});
    three.denies({{"set_airduct_mode", R"({"mode":"full_cooling"})", Code::not_supported,
                   "does not offer the air duct mode full_cooling"},
                  {"set_airduct_mode", R"({"mode":"off"})", Code::invalid_argument, R"("cooling")"}});
    const CommandFixture two("p2s");
    two.denies({{"set_airduct_mode", R"({"mode":2})", Code::not_supported, "laser"}});
    for (const auto* const fixture : {"a1", "p1s", "x1c", "x1e"}) {
        CommandFixture(fixture).denies(
            {{"set_airduct_mode", R"({"mode":0})", Code::not_supported, "an air duct with modes"}});
    }
    CommandFixture(Model::x1c)
        .denies({{"set_airduct_mode", R"({"mode":0})", Code::not_supported, "an air duct"}});
    CommandFixture(Model::h2s).sends({{"set_airduct_mode", R"({"mode":3})", {mode(3)}}});
}

TEST_CASE("the air duct mode is confirmed by its entity") {
    CommandFixture subject("h2d");
    CHECK(subject.confirms("set_airduct_mode", R"({"mode":"cooling"})"));
    CHECK_FALSE(subject.confirms("set_airduct_mode", R"({"mode":"heating"})"));
    subject.partial(R"("device":{"airduct":{"modeCur":1}})");
    CHECK(subject.confirms("set_airduct_mode", R"({"mode":1})"));
}

TEST_CASE("lamps are switched in namespace system, for each lamp of the model") {
    const auto chamber_on = ledctrl("chamber_light", "on", 500);
    const auto chamber_off = ledctrl("chamber_light", "off", 500);
    for (const auto& model : models()) {
        INFO("model: ", std::string{model.code});
        const CommandFixture subject(model.model);
        const bool two = model.family == Family::h2 || model.family == Family::x2;
        const auto second = ledctrl("chamber_light2", "on", 500);
        auto lamps = std::vector<std::string_view>{chamber_on};
        if (two) {
            lamps.push_back(second);
            subject.sends({{"set_light_state", R"({"state":"on","node":"chamber_light2"})", {second}}});
        } else {
            subject.denies({{"set_light_state", R"({"state":true,"node":"chamber_light2"})",
                             Code::not_supported, "no second chamber light"}});
        }
        subject.sends({{"set_light_state", R"({"state":true})", lamps}});
        if (model.family == Family::h2) {
            subject.sends({{"set_light_state",
                            R"({"state":0,"node":"heatbed_light"})",
                            {ledctrl("heatbed_light", "off", 0)}}});
        } else {
            subject.denies({{"set_light_state", R"({"state":0,"node":"heatbed_light"})", Code::not_supported,
                             "no heatbed light"}});
        }
    }
    const CommandFixture subject("x1c");
    subject.sends(
        {{"set_light_state", R"({"state":"ON"})", {chamber_on}},
         {"set_light_state", R"({"state":"Off","node":"CHAMBER_LIGHT"})", {chamber_off}},
         {"set_light_state", R"({"state":false})", {chamber_off}},
         {"set_light_state", R"({"state":1,"node":"work_light"})", {ledctrl("work_light", "on", 500)}}});
    subject.denies({{"set_light_state", R"({"state":"dim"})", Code::invalid_argument, "true or false"},
                    {"set_light_state", R"({"state":2})", Code::invalid_argument, "true or false"},
                    {"set_light_state", R"({"state":1,"node":"column_light"})", Code::invalid_argument,
                     R"("chamber_light")"},
                    {"set_light_state", "{}", Code::invalid_argument, "state is missing"}});
    CommandFixture("p1s").denies({{"set_light_state", R"({"state":1,"node":"work_light"})",
                                   Code::not_supported, "reports no work light"}});
    CommandFixture reported("p1s");
    reported.partial(
        R"("lights_report":[{"node":"chamber_light","mode":"off"},{"node":"chamber_light2","mode":"off"}])");
    CHECK(reported.plan("set_light_state", R"({"state":true})").requests.size() == 2);
}

TEST_CASE("lamps are confirmed by their reported state") {
    CommandFixture subject("h2d");
    subject.partial(
        R"("lights_report":[{"node":"chamber_light","mode":"off"},{"node":"chamber_light2","mode":"off"},
                                   {"node":"work_light","mode":"flashing"}])");
    const auto* const work = R"({"state":true,"node":"work_light"})";
    const auto* const second = R"({"state":true,"node":"chamber_light2"})";
    const auto* const bed = R"({"state":true,"node":"heatbed_light"})";
    CHECK(subject.confirms("set_light_state", R"({"state":false})"));
    CHECK_FALSE(subject.confirms("set_light_state", R"({"state":true})"));
    CHECK_FALSE(subject.confirms("set_light_state", work));
    CHECK_FALSE(subject.confirms("set_light_state", second));
    CHECK_FALSE(subject.confirms("set_light_state", bed));
    subject.partial(
        R"("lights_report":[{"node":"chamber_light","mode":"on"},{"node":"chamber_light2","mode":"off"},
                                   {"node":"work_light","mode":"on"}])");
    CHECK(subject.confirms("set_light_state", R"({"state":true})"));
    CHECK(subject.confirms("set_light_state", work));
    CHECK_FALSE(subject.confirms("set_light_state", second));
    subject.feed(
        R"({"system":{"command":"ledctrl","led_node":"heatbed_light","led_mode":"on","result":"success"}})");
    CHECK(subject.confirms("set_light_state", bed));
}
