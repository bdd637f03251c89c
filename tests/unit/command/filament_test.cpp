#include "unit/command/command_fixture.hpp"

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;
using test::gcode_of;
using test::Sent;

namespace {

std::string change(int unit, int slot, int target, int current, int wanted) {
    return Json{{"print",
                 {{"command", "ams_change_filament"},
                  {"ams_id", unit},
                  {"slot_id", slot},
                  {"target", target},
                  {"curr_temp", current},
                  {"tar_temp", wanted}}}}
        .dump();
}

std::string rfid(int unit, int slot) {
    return Json{{"print", {{"command", "ams_get_rfid"}, {"ams_id", unit}, {"slot_id", slot}}}}.dump();
}

std::string control(std::string_view word) {
    return Json{{"print", {{"command", "ams_control"}, {"param", word}}}}.dump();
}

std::string setting(int unit, bool remain, bool startup, bool tray) {
    return Json{{"print",
                 {{"command", "ams_user_setting"},
                  {"ams_id", unit},
                  {"calibrate_remain_flag", remain},
                  {"startup_read_option", startup},
                  {"tray_read_option", tray}}}}
        .dump();
}

/// Two units on one nozzle, an AMS HT, and nothing loaded; slot 2 of the second unit is empty.
constexpr std::string_view two_units =
    R"("gcode_state":"IDLE","nozzle_temper":25,"ams":{"tray_now":"255","ams_exist_bits":"13",
       "tray_exist_bits":"100bf","ams":[{"id":"0","tray":[]},{"id":"1","tray":[]},{"id":"128","tray":[]}]})";

} // namespace

TEST_CASE("loading names the tray by unit, slot and global index") {
    const CommandFixture subject(Model::x1c, two_units);
    subject.sends({{"load_filament", R"({"slot_id":0,"ams_id":0})", {change(0, 0, 0, -1, -1)}},
                   {"load_filament", R"({"slot_id":"3","ams_id":"ams_1"})", {change(0, 3, 3, -1, -1)}},
                   {"load_filament", R"({"slot_id":1,"ams_id":1})", {change(1, 1, 5, -1, -1)}},
                   {"load_filament", R"({"tray_id":5})", {change(1, 1, 5, -1, -1)}},
                   {"load_filament", R"({"tray_id":1,"ams_id":1})", {change(1, 1, 5, -1, -1)}},
                   {"load_filament", R"({"tray_id":5,"ams_id":1})", {change(1, 1, 5, -1, -1)}},
                   {"load_filament", R"({"tray_id":128})", {change(128, 0, 128, -1, -1)}},
                   {"load_filament", R"({"slot_id":0,"ams_id":"ams_ht_1"})", {change(128, 0, 128, -1, -1)}},
                   {"load_filament", R"({"tray_id":0,"temperature":229.6})", {change(0, 0, 0, -1, 230)}}});
    const auto* const expected =
        "expected tray_id (0 to 15, 64 to 67, 128 to 135, 254 or 255), or ams_id and slot_id";
    subject.denies(
        {{"load_filament", R"({"tray_id":6})", Code::conflict, "ams_2_tray_3 is empty"},
         {"load_filament", R"({"slot_id":0})", Code::invalid_argument,
          "ams_id is missing, and no unit is active"},
         {"load_filament", R"({"slot_id":0,"ams_id":2})", Code::not_found, "no AMS with the id 2 (ams_3)"},
         {"load_filament", R"({"tray_id":12})", Code::not_found, "no AMS with the id 3"},
         {"load_filament", R"({"tray_id":64})", Code::not_found, "no AMS with the id 16"},
         {"load_filament", R"({"slot_id":4,"ams_id":0})", Code::invalid_argument, "slot_id is 4"},
         {"load_filament", R"({"slot_id":1,"ams_id":128})", Code::invalid_argument, "slot_id is 1"},
         {"load_filament", R"({"tray_id":16})", Code::invalid_argument, expected},
         {"load_filament", R"({"tray_id":5,"ams_id":0})", Code::invalid_argument,
          "tray_id is 5 and ams_id is 0"},
         {"load_filament", R"({"tray_id":1,"slot_id":1})", Code::invalid_argument,
          "both tray_id and slot_id"},
         {"load_filament", "{}", Code::invalid_argument, "no tray is given"},
         {"load_filament", R"({"tray_id":0,"temperature":169})", Code::invalid_argument,
          "from 170 to 500 °C"},
         {"load_filament", R"({"tray_id":0,"temperature":301})", Code::invalid_argument, "at most 300 °C"}});
}

TEST_CASE("a refusal names the default unit that was chosen") {
    CommandFixture subject("h2d"); // units 0, 1 and 128
    subject.partial(
        R"("ams":{"tray_now":"128"},"device":{"extruder":{"state":2,"info":[{"id":0,"snow":32768}]}})");
    subject.denies({{"load_filament", R"({"slot_id":1})", Code::invalid_argument,
                     "slot_id is 1, which ams_ht_1 (assumed, ams_id was left out) does not have"},
                    {"refresh_spool_rfid", R"({"slot_id":3})", Code::invalid_argument,
                     "slot_id is 3, which ams_ht_1 (assumed, ams_id was left out) does not have"},
                    {"set_spool_k_factor", R"({"slot_id":2,"k_value":0.02})", Code::invalid_argument,
                     "ams_ht_1 (assumed"},
                    {"load_filament", R"({"slot_id":1,"ams_id":128})", Code::invalid_argument,
                     "slot_id is 1, which ams_ht_1 does not have"}});
    const CommandFixture plain(Model::p1s, R"("gcode_state":"IDLE","fun2":"20","ams":{"tray_now":"255",
        "ams_exist_bits":"1","ams":[{"id":"0","info":"1","tray":[]}]})");
    plain.denies({{"turn_on_ams_dryer", R"({"target_temp":55,"duration":8})", Code::not_supported,
                   "ams_1 (assumed, ams_id was left out) has no dryer"}});
}

TEST_CASE("loading the trays of an A2L") {
    CommandFixture subject("a2l");
    subject.partial(R"("ams":{"tray_now":"255"},"device":{"extruder":{"info":[{"id":0,"snow":65535}]}})");
    subject.sends({{"load_filament", R"({"tray_id":64})", {change(16, 0, 64, -1, -1)}},
                   {"load_filament", R"({"ams_id":16,"slot_id":2})", {change(16, 2, 66, -1, -1)}},
                   {"load_filament", R"({"slot_id":2})", {change(16, 2, 66, -1, -1)}},
                   {"load_filament", R"({"ams_id":"ams_lite_1","slot_id":2})", {change(16, 2, 66, -1, -1)}}});
    subject.denies({{"load_filament", R"({"tray_id":0})", Code::not_found, "no AMS with the id 0"},
                    {"load_filament", R"({"tray_id":65})", Code::conflict, "ams_lite_1_tray_2 is empty"}});
}

TEST_CASE("loading the external spool of a printer with one nozzle") {
    for (const auto* const fixture : {"a1", "p1p", "p1s", "x1c", "p2s"}) {
        INFO("fixture: ", std::string{fixture});
        const CommandFixture subject(fixture);
        for (const auto* const arguments :
             {R"({"tray_id":254})", R"({"tray_id":255})", R"({"ams_id":255,"slot_id":0})",
              R"({"ams_id":254,"slot_id":0})", R"({"slot_id":254})"}) {
            subject.sends({{"load_filament", arguments, {change(255, 254, 254, -1, -1)}}});
        }
        subject.sends(
            {{"load_filament", R"({"tray_id":254,"temperature":250})", {change(255, 254, 254, -1, 250)}}});
    }
}

TEST_CASE("loading the external spools of a printer with two nozzles needs actual temperatures") {
    CommandFixture subject("h2d");
    subject.partial(R"("device":{"extruder":{"info":[{"id":0,"temp":200},{"id":1,"temp":179}]}})");
    subject.sends(
        {{"load_filament", R"({"tray_id":255})", {change(255, 0, 255, 200, 200)}},
         {"load_filament", R"({"tray_id":254})", {change(254, 0, 254, 215, 215)}},
         {"load_filament", R"({"ams_id":254,"slot_id":0})", {change(254, 0, 254, 215, 215)}},
         {"load_filament", R"({"tray_id":255,"temperature":280})", {change(255, 0, 255, 200, 280)}},
         {"load_filament", R"({"tray_id":254,"temperature":280})", {change(254, 0, 254, 215, 280)}}});
    subject.partial(R"("device":{"extruder":{"info":[{"id":0,"temp":20},{"id":1,"temp":180}]}})");
    subject.sends({{"load_filament", R"({"tray_id":255})", {change(255, 0, 255, 215, 215)}},
                   {"load_filament", R"({"tray_id":254})", {change(254, 0, 254, 180, 180)}}});
}

TEST_CASE("without a unit the active one is used, or the only one") {
    CommandFixture subject(Model::x1c, two_units);
    subject.partial(R"("ams":{"tray_now":"4"})");
    subject.sends({{"load_filament", R"({"slot_id":3})", {change(1, 3, 7, -1, -1)}}});
    CommandFixture("p1s").sends({{"load_filament", R"({"slot_id":2})", {change(0, 2, 2, -1, -1)}}});
    CommandFixture(Model::x1c).sends({{"load_filament", R"({"slot_id":2})", {change(0, 2, 2, -1, -1)}}});
}

TEST_CASE("firmware too old to load from an AMS by command is refused") {
    struct Row {
        Model model{};
        std::string_view old{};
        std::string_view young{};
    };

    for (const auto& row :
         {Row{Model::p1s, "01.02.99.09", "01.02.99.10"}, Row{Model::x1c, "01.05.06.00", "01.05.06.01"}}) {
        CommandFixture subject(row.model);
        CHECK(subject.plan("load_filament", R"({"tray_id":0})").requests.size() == 1);
        subject.firmware(row.old);
        subject.denies({{"load_filament", R"({"tray_id":0})", Code::not_supported, "firmware is too old"}});
        CHECK(subject.plan("load_filament", R"({"tray_id":254})").requests.size() == 1);
        subject.firmware(row.young);
        CHECK(subject.plan("load_filament", R"({"tray_id":0})").requests.size() == 1);
    }
    for (const auto model : {Model::a1, Model::x1e, Model::p2s, Model::h2c}) {
        CommandFixture subject(model);
        subject.firmware("01.00.00.00");
        CHECK(subject.plan("load_filament", R"({"tray_id":0})").requests.size() == 1);
    }
}

TEST_CASE("loading is confirmed by the active tray") {
    CommandFixture subject(Model::x1c, two_units);
    CHECK_FALSE(subject.confirms("load_filament", R"({"tray_id":5})"));
    subject.partial(R"("ams":{"tray_now":"5"})");
    CHECK(subject.confirms("load_filament", R"({"tray_id":5})"));
    CHECK(subject.confirms("load_filament", R"({"slot_id":1,"ams_id":1})"));
    CHECK_FALSE(subject.confirms("load_filament", R"({"tray_id":0})"));
    CHECK_FALSE(subject.confirms("load_filament", R"({"tray_id":12})"));
    subject.partial(R"("ams":{"tray_now":"254"})");
    CHECK(subject.confirms("load_filament", R"({"tray_id":254})"));
}

TEST_CASE("unloading names the source and a melting temperature") {
    CommandFixture subject(Model::x1c, two_units);
    subject.denies({{"unload_filament", "", Code::conflict, "no filament is loaded"}});
    subject.partial(R"("ams":{"tray_now":"5"})");
    subject.sends({{"unload_filament", "", {change(1, 255, 255, 210, 210)}},
                   {"unload_filament", R"({"ams_id":0})", {change(0, 255, 255, 210, 210)}},
                   {"unload_filament", R"({"ams_id":"ams_ht_1"})", {change(128, 255, 255, 210, 210)}},
                   {"unload_filament", R"({"ams_id":255})", {change(255, 255, 255, 210, 210)}}});
    subject.denies({{"unload_filament", R"({"ams_id":3})", Code::not_found, "no AMS with the id 3"}});
    subject.partial(R"("nozzle_temper":240.4)");
    subject.sends({{"unload_filament", "", {change(1, 255, 255, 240, 240)}}});
    subject.partial(R"("ams":{"tray_now":"254"},"nozzle_temper":180)");
    subject.sends({{"unload_filament", "", {change(255, 255, 255, 180, 180)}}});
    subject.partial(R"("ams":{"tray_now":"128"},"nozzle_temper":179)");
    subject.sends({{"unload_filament", "", {change(128, 255, 255, 210, 210)}}});
    CommandFixture(Model::p1s).sends({{"unload_filament", "", {change(255, 255, 255, 210, 210)}}});
    // Right nozzle active, tray 4 of the second unit, 246 degrees.
    CommandFixture("h2d").sends({{"unload_filament", "", {change(1, 255, 255, 246, 246)}}});
}

TEST_CASE("unloading is confirmed when no filament is loaded") {
    CommandFixture subject(Model::x1c, two_units);
    CHECK(subject.confirms("unload_filament"));
    subject.partial(R"("ams":{"tray_now":"5"})");
    CHECK_FALSE(subject.confirms("unload_filament"));
    CHECK_FALSE(CommandFixture(Model::x1c, R"("gcode_state":"IDLE")").confirms("unload_filament"));
}

TEST_CASE("an RFID tag is read by command, or by G-code on older firmware") {
    struct Row {
        Model model{};
        std::string_view version{};
        bool by_command = false;
    };

    for (const auto& row : {Row{Model::a1, "01.05.99.99", false}, Row{Model::a1, "01.06.00.00", true},
                            Row{Model::a1mini, "01.07.02.00", true}, Row{Model::p1s, "01.08.00.00", false},
                            Row{Model::p1p, "01.08.01.00", true}, Row{Model::x1c, "01.08.05.00", false},
                            Row{Model::x1c, "01.09.00.00", true}, Row{Model::x1c, "99.00.00.01", false},
                            Row{Model::x1e, "01.09.00.00", false}, Row{Model::p2s, "01.00.00.00", true},
                            Row{Model::h2s, "01.00.00.00", true}, Row{Model::x1c, "", true}}) {
        INFO("version: ", std::string{row.version});
        CommandFixture subject(row.model, two_units);
        if (!row.version.empty()) {
            subject.firmware(row.version);
        }
        subject.sends({{"refresh_spool_rfid",
                        R"({"slot_id":1,"ams_id":1})",
                        {row.by_command ? rfid(1, 1) : gcode_of("M620 R5\n")}}});
    }
    CommandFixture ht(Model::x1c, two_units);
    ht.firmware("01.09.00.00");
    ht.sends({{"refresh_spool_rfid", R"({"tray_id":128})", {rfid(128, 0)}}});
}

TEST_CASE("a tag is read only while no filament is loaded, and only from a present tray") {
    CommandFixture subject(Model::h2s, two_units);
    subject.denies({{"refresh_spool_rfid", R"({"tray_id":6})", Code::conflict, "ams_2_tray_3 is empty"},
                    {"refresh_spool_rfid", R"({"tray_id":254})", Code::not_supported, "no tag reader"},
                    {"refresh_spool_rfid", R"({"tray_id":8})", Code::not_found, "no AMS with the id 2"},
                    {"refresh_spool_rfid", "{}", Code::invalid_argument, "no tray is given"}});
    subject.partial(R"("ams":{"tray_now":"0"})");
    for (const auto* const tray : {"0", "1", "5"}) {
        subject.denies({{"refresh_spool_rfid", fmt::format(R"({{"tray_id":{}}})", tray), Code::conflict,
                         "ams_1_tray_1 is loaded; send unload_filament first"}});
    }
    subject.partial(R"("ams":{"tray_now":"254"})");
    subject.denies({{"refresh_spool_rfid", R"({"tray_id":0})", Code::conflict, "external_spool is loaded"}});
    CommandFixture("p1p").denies({{"refresh_spool_rfid", R"({"tray_id":0})", Code::not_supported, "an AMS"}});
}

TEST_CASE("AMS control actions are sent, and resume also resumes the job") {
    const CommandFixture subject(Model::p1s);
    subject.sends({{"send_ams_control_command", R"({"ams_control_cmd":"pause"})", {control("pause")}},
                   {"send_ams_control_command",
                    R"({"ams_control_cmd":1})",
                    {control("resume"), R"({"print":{"command":"resume","param":""}})"}},
                   {"send_ams_control_command", R"({"ams_control_cmd":"RESET"})", {control("reset")}},
                   {"send_ams_control_command", R"({"ams_control_cmd":"done"})", {control("done")}},
                   {"send_ams_control_command", R"({"ams_control_cmd":"abort"})", {control("abort")}},
                   {"retry_load_filament", "", {control("resume")}},
                   {"done_load_filament", "", {control("done")}}});
    subject.denies(
        {{"send_ams_control_command", R"({"ams_control_cmd":"stop"})", Code::invalid_argument, R"("pause")"},
         {"send_ams_control_command", "{}", Code::invalid_argument, "ams_control_cmd is missing"}});
}

TEST_CASE("of the three AMS settings two keep their values") {
    CommandFixture subject(Model::x1c, two_units);
    subject.partial(R"("home_flag":128,"ams":{"power_on_flag":false,"insert_flag":true})");
    subject.sends(
        {{"set_ams_user_setting",
          R"({"setting":"startup_read_option","enabled":true})",
          {setting(-1, true, true, true)}},
         {"set_ams_user_setting", R"({"setting":0,"enabled":"off"})", {setting(-1, false, false, true)}},
         {"set_ams_user_setting",
          R"({"setting":"TRAY_READ_OPTION","enabled":0,"ams_id":1})",
          {setting(1, true, false, false)}}});
    subject.denies(
        {{"set_ams_user_setting", R"({"setting":3,"enabled":true})", Code::invalid_argument,
          R"("calibrate_remain_flag")"},
         {"set_ams_user_setting", R"({"setting":0})", Code::invalid_argument, "enabled is missing"},
         {"set_ams_user_setting", R"({"setting":0,"enabled":1,"ams_id":3})", Code::not_found,
          "no AMS with the id 3"},
         {"set_ams_user_setting", R"({"setting":0,"enabled":1,"ams_id":254})", Code::invalid_argument,
          "which is not an AMS"}});
    CommandFixture("p1p").denies(
        {{"set_ams_user_setting", R"({"setting":0,"enabled":true})", Code::not_supported, "an AMS"}});
}

TEST_CASE("an AMS setting is refused while the other two are unknown") {
    CommandFixture subject(Model::x1c, two_units);
    const auto* const startup = R"({"setting":"startup_read_option","enabled":true})";
    const auto* const remain = R"({"setting":"calibrate_remain_flag","enabled":true})";
    subject.denies({{"set_ams_user_setting", startup, Code::conflict, "calibrate_remain_flag is unknown"},
                    {"set_ams_user_setting", remain, Code::conflict, "startup_read_option is unknown"}});
    subject.partial(R"("home_flag":128)");
    subject.denies({{"set_ams_user_setting", startup, Code::conflict, "tray_read_option is unknown"}});
    subject.partial(R"("ams":{"power_on_flag":true,"insert_flag":true})");
    CHECK(subject.plan("set_ams_user_setting", startup).requests.size() == 1);
    CommandFixture(Model::x1c).denies({{"set_ams_user_setting", startup, Code::conflict, "is unknown"}});
}

TEST_CASE("AMS settings are confirmed by their switches") {
    CommandFixture subject(Model::x1c, two_units);
    subject.partial(R"("home_flag":0,"ams":{"power_on_flag":false,"insert_flag":false})");
    for (const auto* const name : {"calibrate_remain_flag", "startup_read_option", "tray_read_option"}) {
        CHECK_FALSE(subject.confirms("set_ams_user_setting",
                                     fmt::format(R"({{"setting":"{}","enabled":true}})", name)));
    }
    subject.partial(R"("home_flag":128,"ams":{"power_on_flag":true})");
    CHECK(subject.confirms("set_ams_user_setting", R"({"setting":0,"enabled":true})"));
    CHECK(subject.confirms("set_ams_user_setting", R"({"setting":1,"enabled":true})"));
    CHECK_FALSE(subject.confirms("set_ams_user_setting", R"({"setting":2,"enabled":true})"));
    CHECK(subject.confirms("set_ams_user_setting", R"({"setting":2,"enabled":false})"));
}

TEST_CASE("the bind list numbers extruders in reverse, and a single unit has a companion") {
    const auto list_of = [](const CommandFixture& subject) {
        const auto plan = subject.plan("get_current_bind_list");
        CHECK(plan.requests.empty());
        return Json(plan.data).dump();
    };
    // AMS 1 ("2103": nozzle 1, left), AMS 2 ("2003": nozzle 0, right), AMS HT ("E004": nozzle 0, right).
    CHECK(list_of(CommandFixture("h2d")) ==
          R"([{"ams_f_bind":0,"ams_s_bind":0,"extruder":0},{"ams_f_bind":1,"ams_s_bind":0,"extruder":1},)"
          R"({"ams_f_bind":128,"ams_s_bind":0,"extruder":1}])");
    CHECK(list_of(CommandFixture("x2d")) ==
          R"([{"ams_f_bind":0,"ams_s_bind":0,"extruder":0},{"ams_f_bind":1,"ams_s_bind":0,"extruder":1}])");
    CHECK(list_of(CommandFixture("p1s")) ==
          R"([{"ams_f_bind":0,"ams_s_bind":0,"extruder":1},{"ams_f_bind":1,"ams_s_bind":0,"extruder":0}])");
    CHECK(list_of(CommandFixture("p1p")) == "[]");
    CommandFixture both("h2d");
    both.partial(R"("ams":{"ams_exist_bits":"1"})"); // the others are unplugged
    CHECK(list_of(both) ==
          R"([{"ams_f_bind":0,"ams_s_bind":0,"extruder":0},{"ams_f_bind":1,"ams_s_bind":0,"extruder":1}])");
}
