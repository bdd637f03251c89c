#include "unit/command/command_fixture.hpp"

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;
using test::Sent;

namespace {

std::string accessories(double diameter, std::string_view type) {
    return Json{{"system",
                 {{"command", "set_accessories"},
                  {"accessory_type", "nozzle"},
                  {"nozzle_diameter", diameter},
                  {"nozzle_type", type}}}}
        .dump();
}

std::string details(std::string_view diameter, std::string_view type) {
    return R"({"nozzle_diameter":)" + std::string{diameter} + R"(,"nozzle_type":")" + std::string{type} +
           "\"}";
}

} // namespace

TEST_CASE("the tool is selected on printers with two nozzles") {
    const CommandFixture subject("h2d");
    const auto* const right = R"({"print":{"command":"select_extruder","extruder_index":0}})";
    const auto* const left = R"({"print":{"command":"select_extruder","extruder_index":1}})";
    subject.sends({{"set_active_tool", R"({"id":0})", {right}},
                   {"set_active_tool", R"({"id":"right"})", {right}},
                   {"set_active_tool", R"({"id":"1"})", {left}},
                   {"set_active_tool", R"({"id":"Left"})", {left}}});
    subject.denies({{"set_active_tool", R"({"id":-1})", Code::invalid_argument, R"("right" or "left")"},
                    {"set_active_tool", R"({"id":15})", Code::invalid_argument, R"("right" or "left")"},
                    {"set_active_tool", "{}", Code::invalid_argument, "id is missing"}});
    for (const auto& model : models()) {
        const CommandFixture one(model.model);
        if (!model.two_nozzles) {
            one.denies({{"set_active_tool", R"({"id":0})", Code::not_supported, "two nozzles"}});
        }
    }
}

TEST_CASE("the tool is confirmed by the active nozzle") {
    CommandFixture subject("h2d");
    CHECK(subject.confirms("set_active_tool", R"({"id":0})"));
    CHECK_FALSE(subject.confirms("set_active_tool", R"({"id":1})"));
    subject.partial(R"("device":{"extruder":{"state":242}})"); // during the change
    CHECK_FALSE(subject.confirms("set_active_tool", R"({"id":1})"));
    subject.partial(R"("device":{"extruder":{"state":18}})");
    CHECK(subject.confirms("set_active_tool", R"({"id":1})"));
}

TEST_CASE("nozzle details are sent in namespace system") {
    const CommandFixture subject("h2s");
    subject.sends(
        {{"set_nozzle_details", details("0.4", "hardened_steel"), {accessories(0.4, "hardened_steel")}},
         {"set_nozzle_details", details("\"0.2\"", "BRASS"), {accessories(0.2, "brass")}},
         {"set_nozzle_details", details("0.6", "e3d"), {accessories(0.6, "E3D")}},
         {"set_nozzle_details",
          R"({"nozzle_diameter":0.8,"nozzle_type":3})",
          {accessories(0.8, "tungsten_carbide")}}});
    subject.denies(
        {{"set_nozzle_details", details("0.3", "brass"), Code::invalid_argument, "0.2, 0.4, 0.6 or 0.8 mm"},
         {"set_nozzle_details", details("0", "brass"), Code::invalid_argument, "from 0.2 to 0.8 mm"},
         {"set_nozzle_details", details("0.4", "unknown"), Code::invalid_argument, R"("stainless_steel")"},
         {"set_nozzle_details", R"({"nozzle_diameter":0.4})", Code::invalid_argument,
          "nozzle_type is missing"}});
}

TEST_CASE("A1, P1 and X1 know two materials, and E3D where they support it") {
    for (const auto model :
         {Model::a1, Model::a1mini, Model::p1p, Model::p1s, Model::x1, Model::x1c, Model::x1e}) {
        const CommandFixture subject(model);
        subject.sends({{"set_nozzle_details",
                        details("0.4", "stainless_steel"),
                        {accessories(0.4, "stainless_steel")}}});
        for (const auto* const type : {"brass", "tungsten_carbide", "E3D"}) {
            subject.denies({{"set_nozzle_details", details("0.4", type), Code::not_supported,
                             "this printer supports stainless_steel and hardened_steel"}});
        }
    }
    const CommandFixture reported(Model::x1c, R"("flag3":1024)");
    reported.sends({{"set_nozzle_details", details("0.4", "E3D"), {accessories(0.4, "E3D")}}});
    reported.denies({{"set_nozzle_details", details("0.4", "brass"), Code::not_supported, "brass"}});
}

TEST_CASE("nozzle details are confirmed by both entities") {
    CommandFixture subject("p1s"); // 0.6, hardened steel
    CHECK(subject.confirms("set_nozzle_details", details("0.6", "hardened_steel")));
    CHECK_FALSE(subject.confirms("set_nozzle_details", details("0.4", "hardened_steel")));
    CHECK_FALSE(subject.confirms("set_nozzle_details", details("0.6", "stainless_steel")));
    subject.partial(R"("nozzle_diameter":"0.4","nozzle_type":"stainless_steel")");
    CHECK(subject.confirms("set_nozzle_details", details("0.4", "stainless_steel")));
    subject.partial(R"("nozzle_type":"E3D")");
    CHECK(subject.confirms("set_nozzle_details", details("0.4", "E3D")));
}

TEST_CASE("an H2 detects its nozzles again") {
    for (const auto& model : models()) {
        INFO("model: ", std::string{model.code});
        const CommandFixture subject(model.model);
        if (model.family == Family::h2) {
            subject.sends({{"refresh_nozzles", "", {R"({"print":{"command":"refresh_nozzle"}})"}}});
        } else {
            subject.denies({{"refresh_nozzles", "", Code::not_supported, "an H2"}});
        }
    }
}

TEST_CASE("setting a name is the only request without a command") {
    const CommandFixture subject(Model::p1s);
    const auto named = [](std::string_view name) { return Json{{"update", {{"name", name}}}}.dump(); };
    const std::string long_name(32, 'x');
    const std::string umlauts = "Drücker für Großes, 32 Zeichen ä";
    subject.sends({{"rename_printer", R"({"new_name":"Garage \"left\""})", {named("Garage \"left\"")}},
                   {"rename_printer", Json{{"new_name", long_name}}.dump(), {named(long_name)}},
                   {"rename_printer", Json{{"new_name", umlauts}}.dump(), {named(umlauts)}}});
    const auto* const expected = "a text of 1 to 32 characters without control characters";
    subject.denies(
        {{"rename_printer", R"({"new_name":""})", Code::invalid_argument, expected},
         {"rename_printer", Json{{"new_name", long_name + "x"}}.dump(), Code::invalid_argument, expected},
         {"rename_printer", R"({"new_name":"a\nb"})", Code::invalid_argument, expected},
         {"rename_printer", "{}", Code::invalid_argument, "new_name is missing"}});
}

TEST_CASE("an H2 silences its buzzer before it beeps") {
    const auto buzz = [](int mode) {
        return Json{{"print", {{"command", "buzzer_ctrl"}, {"mode", mode}, {"reason", ""}}}}.dump();
    };
    for (const auto& model : models()) {
        INFO("model: ", std::string{model.code});
        const CommandFixture subject(model.model);
        if (model.family != Family::h2) {
            subject.denies({{"set_buzzer", R"({"mode":"beep"})", Code::not_supported, "a buzzer"}});
            continue;
        }
        subject.sends({{"set_buzzer", R"({"mode":"silent"})", {buzz(0)}},
                       {"set_buzzer", R"({"mode":1})", {buzz(1)}},
                       {"set_buzzer", R"({"mode":"BEEP"})", {buzz(0), buzz(2)}}});
        subject.denies(
            {{"set_buzzer", R"({"mode":3})", Code::invalid_argument, R"("silent", "alarm" or "beep")"}});
    }
}

TEST_CASE("timelapse and recording are enabled and disabled in namespace camera") {
    const CommandFixture subject(Model::p1s, R"("ipcam":{"timelapse":"disable","ipcam_record":"enable"})");
    subject.sends({{"set_timelapse",
                    R"({"enabled":true})",
                    {R"({"camera":{"command":"ipcam_timelapse","control":"enable"}})"}},
                   {"set_timelapse",
                    R"({"enabled":"off"})",
                    {R"({"camera":{"command":"ipcam_timelapse","control":"disable"}})"}},
                   {"set_camera_recording",
                    R"({"enabled":1})",
                    {R"({"camera":{"command":"ipcam_record_set","control":"enable"}})"}},
                   {"set_camera_recording",
                    R"({"enabled":0})",
                    {R"({"camera":{"command":"ipcam_record_set","control":"disable"}})"}}});
    subject.denies({{"set_timelapse", "{}", Code::invalid_argument, "enabled is missing"}});
    const CommandFixture without(Model::p1p, R"("gcode_state":"IDLE")");
    without.denies({{"set_timelapse", R"({"enabled":true})", Code::not_supported, "a camera"},
                    {"set_camera_recording", R"({"enabled":true})", Code::not_supported, "a camera"}});
}

TEST_CASE("timelapse and recording are confirmed by their switches") {
    CommandFixture subject(Model::p1s, R"("ipcam":{"timelapse":"disable","ipcam_record":"enable"})");
    CHECK_FALSE(subject.confirms("set_timelapse", R"({"enabled":true})"));
    CHECK(subject.confirms("set_timelapse", R"({"enabled":false})"));
    CHECK(subject.confirms("set_camera_recording", R"({"enabled":true})"));
    subject.partial(R"("ipcam":{"timelapse":"enable","ipcam_record":"disable"})");
    CHECK(subject.confirms("set_timelapse", R"({"enabled":true})"));
    CHECK(subject.confirms("set_camera_recording", R"({"enabled":false})"));
}

TEST_CASE("the version is requested in namespace info") {
    CommandFixture(Model::p1s).sends({{"get_version", "", {R"({"info":{"command":"get_version"}})"}}});
}
