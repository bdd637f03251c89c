#include "unit/command/command_fixture.hpp"

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;
using test::gcode_of;
using test::Sent;

namespace {

constexpr std::string_view homed = R"("gcode_state":"IDLE","home_flag":7)";

std::string moves(std::string_view line) {
    return gcode_of("M211 S\nM211 X1 Y1 Z1\nM1002 push_ref_mode\nG91\n" + std::string{line} +
                    "\nM1002 pop_ref_mode\nM211 R\n");
}

/// send_gcode of this text.
std::string raw(std::string_view text) {
    return Json{{"gcode", text}}.dump();
}

/// send_anything of this message.
std::string anything(std::string_view message) {
    return Json{{"anything", Json::parse(message)}}.dump();
}

} // namespace

TEST_CASE("homing homes all axes") {
    CommandFixture(Model::p1s)
        .sends({{"home_axes", "", {R"({"print":{"command":"gcode_line","param":"G28\n"}})"}}});
    CommandFixture(Model::p1s)
        .denies({{"home_axes", R"({"axis":"z"})", Code::invalid_argument, "none is expected"}});
}

TEST_CASE("an axis is moved by whole millimetres within the printer's limits") {
    const CommandFixture subject(Model::x1c, homed);
    subject.sends({{"move_axis", R"({"axis":"x","distance":10})", {moves("G1 X10.0 F3000")}},
                   {"move_axis", R"({"axis":"Y","distance":"-100"})", {moves("G1 Y-100.0 F3000")}},
                   {"move_axis", R"({"axis":"z","distance":1.6})", {moves("G1 Z2.0 F900")}},
                   {"move_axis", R"({"axis":2,"distance":100})", {moves("G1 Z100.0 F900")}}});
    subject.denies(
        {{"move_axis", R"({"axis":"x","distance":101})", Code::invalid_argument, "from -100 to 100 mm"},
         {"move_axis", R"({"axis":"x","distance":0.4})", Code::invalid_argument, "other than 0"},
         {"move_axis", R"({"axis":"e","distance":1})", Code::invalid_argument, R"("x", "y" or "z")"},
         {"move_axis", R"({"axis":"x"})", Code::invalid_argument, "distance is missing"},
         {"move_axis", R"({"distance":5})", Code::invalid_argument, "axis is missing"}});
}

TEST_CASE("y and z change sign where the bed moves along y") {
    for (const auto& model : models()) {
        INFO("model: ", std::string{model.code});
        const CommandFixture subject(model.model, homed);
        const bool slinger =
            model.model == Model::a1 || model.model == Model::a1mini || model.model == Model::a2l;
        subject.sends({{"move_axis", R"({"axis":"x","distance":5})", {moves("G1 X5.0 F3000")}},
                       {"move_axis",
                        R"({"axis":"y","distance":5})",
                        {moves(slinger ? "G1 Y-5.0 F3000" : "G1 Y5.0 F3000")}},
                       {"move_axis",
                        R"({"axis":"z","distance":-5})",
                        {moves(slinger ? "G1 Z5.0 F900" : "G1 Z-5.0 F900")}}});
    }
}

TEST_CASE("nothing moves before all axes are homed") {
    for (const int flag : {0, 1, 3, 6, 256}) {
        const CommandFixture subject(Model::p1s,
                                     R"("gcode_state":"IDLE","home_flag":)" + std::to_string(flag));
        subject.denies(
            {{"move_axis", R"({"axis":"x","distance":5})", Code::conflict, "send home_axes first"}});
    }
    const CommandFixture negative(Model::x1c, R"("gcode_state":"IDLE","home_flag":-1073741305)"); // ...0111
    CHECK(negative.plan("move_axis", R"({"axis":"x","distance":5})").requests.size() == 1);
    CHECK(CommandFixture(Model::p1s).plan("move_axis", R"({"axis":"x","distance":5})").requests.size() == 1);
}

TEST_CASE("filament is extruded through a hot nozzle only") {
    const CommandFixture hot(Model::p1s, R"("gcode_state":"IDLE","nozzle_temper":170)");
    hot.sends({{"extrude", "", {gcode_of("M83\nG0 E10 F900\n")}},
               {"extrude", R"({"length":-50})", {gcode_of("M83\nG0 E-50 F900\n")}},
               {"extrude", R"({"length":"12.5"})", {gcode_of("M83\nG0 E13 F900\n")}}});
    hot.denies({{"extrude", R"({"length":51})", Code::invalid_argument, "from -50 to 50 mm"},
                {"extrude", R"({"length":0})", Code::invalid_argument, "other than 0"}});
    const CommandFixture cold(Model::p1s, R"("gcode_state":"IDLE","nozzle_temper":169)");
    cold.denies({{"extrude", "", Code::conflict, "the nozzle has 169 °C, at least 170 °C are expected"}});
    const CommandFixture silent(Model::p1s, R"("gcode_state":"IDLE")");
    silent.denies({{"extrude", "", Code::conflict, "the temperature of the nozzle is not known"}});
    CHECK(CommandFixture(Model::p1s).plan("extrude").requests.size() == 1);
    CommandFixture two("h2d"); // the right nozzle is active and hot, the left one cold
    CHECK(two.plan("extrude").requests.size() == 1);
    two.partial(R"("device":{"extruder":{"state":18}})"); // the left one is active
    two.denies({{"extrude", "", Code::conflict, "47 °C"}});
}

TEST_CASE("raw G-code ends with exactly one newline") {
    const CommandFixture subject(Model::p1s);
    const auto one = gcode_of("G28\n");
    const auto two = gcode_of("G28\nM106 P1 S255\n");
    subject.sends({{"send_gcode", raw("G28"), {one}},
                   {"send_gcode", raw("G28\n"), {one}},
                   {"send_gcode", raw("G28 \n\n \t\n"), {one}},
                   {"send_gcode", raw("G28\r\n"), {one}},
                   {"send_gcode", raw("G28\r\nM106 P1 S255\r\n"), {two}},
                   {"send_gcode", raw("G28\nM106 P1 S255"), {two}}});
    subject.denies({{"send_gcode", raw("\n \r\n"), Code::invalid_argument, "gcode is empty"},
                    {"send_gcode", raw(""), Code::invalid_argument, "a text of 1 to 8192 characters"},
                    {"send_gcode", raw(std::string(8193, 'G')), Code::invalid_argument, "8192 characters"},
                    {"send_gcode", raw("M106 S255"), Code::invalid_argument, "M106 P1 S255"},
                    {"send_gcode", raw("M140 S60\nG28 Z"), Code::invalid_argument, "send G28 alone"},
                    {"send_gcode", R"({"gcode":"a\u0000"})", Code::invalid_argument, "gcode is"},
                    {"send_gcode", "{}", Code::invalid_argument, "gcode is missing"}});
}

TEST_CASE("a raw request is passed through unchanged") {
    const CommandFixture subject(Model::p1s);
    const auto* const message =
        R"({"print":{"sequence_id":"77","command":"print_speed","param":"2","x":[1,{"y":null}]}})";
    for (const auto& arguments : {anything(message), Json{{"anything", message}}.dump()}) {
        const auto plan = subject.plan("send_anything", arguments);
        REQUIRE(plan.requests.size() == 1);
        CHECK(Json(plan.requests[0]) == Json::parse(message));
    }
    subject.denies(
        {{"send_anything", anything(R"({"print":{},"system":{}})"), Code::invalid_argument,
          "exactly one is expected"},
         {"send_anything", anything(R"({"lights":{}})"), Code::invalid_argument, R"(the namespace "lights")"},
         {"send_anything", anything(R"({"print":{"command":"ledctrl"}})"), Code::invalid_argument,
          "namespace system"},
         {"send_anything", anything(R"({"system":{"command":"get_access_code"}})"), Code::not_allowed,
          "access code"},
         {"send_anything", R"({"anything":"{"})", Code::invalid_argument, "a JSON object"},
         {"send_anything", R"({"anything":[1]})", Code::invalid_argument, "a JSON object"},
         {"send_anything", "{}", Code::invalid_argument, "anything is missing"}});
}

TEST_CASE("a signed raw request is accepted where signatures are required") {
    CommandFixture subject(Model::h2d, R"("gcode_state":"IDLE")");
    subject.sign(Signature::needed);
    CHECK(
        subject
            .plan("send_anything", anything(R"({"print":{"command":"pause"},"header":{"sign_ver":"v1.0"}})"))
            .requests.size() == 1);
    CHECK(subject.plan("send_anything", anything(R"({"system":{"command":"ledctrl"}})")).requests.size() ==
          1);
    subject.denies({{"send_anything", anything(R"({"print":{"command":"pause"}})"),
                     Code::developer_mode_required, "Developer Mode"}});
}
