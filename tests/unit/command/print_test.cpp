#include "unit/command/command_fixture.hpp"

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;
using test::Sent;

namespace {

constexpr std::string_view command = "print_3mf_file";

/// The request for /model/Box.gcode.3mf with all defaults, and these fields changed.
Json project(std::string_view url, const Json& different = Json::object()) {
    Json body{{"command", "project_file"},
              {"param", "Metadata/plate_1.gcode"},
              {"url", url},
              {"file", "/model/Box.gcode.3mf"},
              {"md5", ""},
              {"subtask_name", "Box"},
              {"bed_type", "auto"},
              {"timelapse", false},
              {"bed_leveling", true},
              {"flow_cali", true},
              {"vibration_cali", true},
              {"layer_inspect", true},
              {"use_ams", true},
              {"ams_mapping", Json::array()},
              {"ams_mapping2", Json::array()},
              {"profile_id", "0"},
              {"project_id", "1767600000"},
              {"subtask_id", "1767600000"},
              {"task_id", "1767600000"}};
    body.update(different);
    return Json{{"print", body}};
}

/// The request body for these arguments.
OrderedJson body_of(const CommandFixture& subject, std::string_view arguments) {
    const auto plan = subject.plan(command, arguments);
    REQUIRE(plan.requests.size() == 1);
    return plan.requests[0]["print"];
}

struct Mapped {
    std::string_view mapping{};
    std::string_view flat{};
    std::string_view pairs{};
    bool use_ams = true;
};

/// The mapping in the request, and whether the AMS is used when requested.
void maps(const CommandFixture& subject, const std::vector<Mapped>& rows) {
    for (const auto& row : rows) {
        INFO("mapping: ", std::string{row.mapping});
        const auto body = body_of(
            subject, fmt::format(R"({{"name":"/a.3mf","use_ams":true,"ams_mapping":{}}})", row.mapping));
        CHECK(body["ams_mapping"].dump() == row.flat);
        CHECK(Json(body["ams_mapping2"]).dump() == Json::parse(row.pairs).dump());
        CHECK(body["use_ams"] == row.use_ams);
    }
}

} // namespace

TEST_CASE("a print request has all fields, whatever is omitted") {
    const CommandFixture subject("p1s");
    const auto by_default = project("file:///sdcard/model/Box.gcode.3mf").dump();
    const auto all =
        project("file:///sdcard/model/Box.gcode.3mf",
                {{"param", "Metadata/plate_12.gcode"},
                 {"md5", "AFC87A338694254D0EEA4EB87F63007E"},
                 {"bed_type", "textured_plate"},
                 {"timelapse", true},
                 {"bed_leveling", false},
                 {"flow_cali", false},
                 {"vibration_cali", false},
                 {"layer_inspect", false},
                 {"use_ams", true},
                 {"ams_mapping", {0, 2}},
                 {"ams_mapping2", {{{"ams_id", 0}, {"slot_id", 0}}, {{"ams_id", 0}, {"slot_id", 2}}}}})
            .dump();
    subject.sends(
        {{command, R"({"name":"/model/Box.gcode.3mf"})", {by_default}},
         {command, R"({"name":"model//Box.gcode.3mf"})", {by_default}},
         {command,
          R"({"name":"/model/Box.gcode.3mf","plate":"1","bed":"AUTO","use_ams":"on","ams_mapping":"",
                      "bedlevel":1,"flow":true,"timelapse":0,"vibration":"true","layer_inspect":true,"md5":""})",
          {by_default}},
         {command,
          R"({"name":"/model/Box.gcode.3mf","plate":12,"bed":"Textured Plate","use_ams":true,
                      "ams_mapping":"[0,2]","bedlevel":false,"flow":false,"timelapse":true,"vibration":false,
                      "layer_inspect":false,"md5":"AFC87A338694254D0EEA4EB87F63007E"})",
          {all}}});
}

TEST_CASE("the file's URL depends on the model or the configuration") {
    for (const auto& model : models()) {
        INFO("model: ", std::string{model.code});
        CommandFixture subject(model.model);
        const auto url = [&] { return body_of(subject, R"({"name":"/a b/Ünter.3mf"})")["url"]; };
        const bool on_card = model.family == Family::a1 || model.family == Family::p1;
        CHECK(url() == (on_card ? "file:///sdcard/a b/Ünter.3mf" : "ftp:///a b/Ünter.3mf"));
        subject.policy.url_scheme = "ftp";
        CHECK(url() == "ftp:///a b/Ünter.3mf");
        subject.policy.url_scheme = "sdcard";
        CHECK(url() == "file:///sdcard/a b/Ünter.3mf");
    }
}

TEST_CASE("the job is named after its file, without folder and extensions") {
    const CommandFixture subject(Model::h2s);
    const auto name_of = [&](std::string_view file) {
        return body_of(subject, Json{{"name", file}}.dump())["subtask_name"].get<std::string>();
    };
    CHECK(name_of("/cache/Box.gcode.3mf") == "Box");
    CHECK(name_of("Box.3MF") == "Box");
    CHECK(name_of("/Box.GCODE.3mf") == "Box");
    CHECK(name_of("/v1.2 final.3mf") == "v1.2 final");
    CHECK(name_of("/Kästchen \"neu\" & Co.gcode.3mf") == "Kästchen \"neu\" & Co");
}

TEST_CASE("plates have names and numbers") {
    const CommandFixture subject(Model::p1s);
    const auto bed = [&](std::string_view plate) {
        return body_of(subject, fmt::format(R"({{"name":"a.3mf","bed":{}}})", plate))["bed_type"];
    };
    CHECK(bed("\"cool_plate\"") == "cool_plate");
    CHECK(bed("\"ENG_PLATE\"") == "eng_plate");
    CHECK(bed("3") == "hot_plate");
    CHECK(bed("\"4\"") == "textured_plate");
    CHECK(bed("\"supertack_plate\"") == "supertack_plate");
    CHECK(bed("0") == "auto");
}

TEST_CASE("each start has new ids") {
    CommandFixture subject(Model::p1s);
    subject.job = 2147483647;
    const auto body = body_of(subject, R"({"name":"a.3mf"})");
    for (const auto* const id : {"project_id", "subtask_id", "task_id"}) {
        CHECK(body[id] == "2147483647");
    }
}

TEST_CASE("the mapping for one nozzle decides whether the AMS is used") {
    CommandFixture subject("x1c"); // units 0, 1 and 128
    maps(subject, {{"[0,3]", "[0,3]", R"([{"ams_id":0,"slot_id":0},{"ams_id":0,"slot_id":3}])", true},
                   {"\"5,-1\"", "[5,-1]", R"([{"ams_id":1,"slot_id":1},{"ams_id":255,"slot_id":255}])", true},
                   {"[128]", "[128]", R"([{"ams_id":128,"slot_id":0}])", true},
                   {"[254]", "[-1]", R"([{"ams_id":255,"slot_id":0}])", false},
                   {"[255]", "[-1]", R"([{"ams_id":255,"slot_id":0}])", false},
                   {"[254,4]", "[-1,4]", R"([{"ams_id":255,"slot_id":0},{"ams_id":1,"slot_id":0}])", true},
                   {"[]", "[]", "[]", true}});
    const auto without = body_of(subject, R"({"name":"a.3mf","use_ams":false,"ams_mapping":[0]})");
    CHECK(without["use_ams"] == true); // false with a tray would abort at the first layer
    CHECK(body_of(subject, R"({"name":"a.3mf","use_ams":false})")["use_ams"] == false);
}

TEST_CASE("the mapping for two nozzles keeps the slicer's choice") {
    const CommandFixture subject("h2d");
    maps(subject, {{"[254]", "[-1]", R"([{"ams_id":254,"slot_id":0}])", true},
                   {"[255,0]", "[-1,0]", R"([{"ams_id":255,"slot_id":0},{"ams_id":0,"slot_id":0}])", true},
                   {"[7,128]", "[7,128]", R"([{"ams_id":1,"slot_id":3},{"ams_id":128,"slot_id":0}])", true}});
    CHECK(body_of(subject, R"({"name":"a.3mf","use_ams":false,"ams_mapping":[0]})")["use_ams"] == false);
}

TEST_CASE("the unit of an A2L numbers its own slots") {
    maps(CommandFixture("a2l"),
         {{"[64,67]", "[0,3]", R"([{"ams_id":16,"slot_id":0},{"ams_id":16,"slot_id":3}])", true}});
}

TEST_CASE("the AMS is used where present, unless the command says otherwise") {
    CHECK(body_of(CommandFixture("p1s"), R"({"name":"a.3mf"})")["use_ams"] == true);
    CHECK(body_of(CommandFixture("p1p"), R"({"name":"a.3mf"})")["use_ams"] == false);
    CHECK(body_of(CommandFixture("p1p"), R"({"name":"a.3mf","use_ams":true})")["use_ams"] == true);
    CHECK(body_of(CommandFixture(Model::p1p), R"({"name":"a.3mf"})")["use_ams"] == true);
    CommandFixture unplugged("p1s");
    unplugged.partial(R"("ams":{"ams_exist_bits":"0"})");
    CHECK(body_of(unplugged, R"({"name":"a.3mf"})")["use_ams"] == false);
}

TEST_CASE("files that cannot be printed are refused") {
    const CommandFixture subject("x1c");
    const auto named = [](std::string_view name) { return Json{{"name", name}}.dump(); };
    subject.denies(
        {{command, named("/a.gcode"), Code::invalid_argument, "print_gcode_file prints plain G-code"},
         {command, named("/"), Code::invalid_argument, "expected a .3mf"},
         {command, named("/a/../b.3mf"), Code::invalid_argument, "name: "},
         {command, named("/a\n.3mf"), Code::invalid_argument, "name is"},
         {command, named(std::string(513, 'a')), Code::invalid_argument, "512 characters"},
         {command, "{}", Code::invalid_argument, "name is missing"},
         {command, R"({"name":"a.3mf","plate":0})", Code::invalid_argument, "from 1 to 100"},
         {command, R"({"name":"a.3mf","bed":"none"})", Code::invalid_argument, R"("auto", "cool_plate")"},
         {command, R"({"name":"a.3mf","bed":999})", Code::invalid_argument, R"("auto", "cool_plate")"},
         {command, R"({"name":"a.3mf","use_ams":"maybe"})", Code::invalid_argument, "use_ams is"},
         {command, R"({"name":"a.3mf","ams_mapping":[-2]})", Code::invalid_argument, "from -1 to 255"},
         {command, R"({"name":"a.3mf","ams_mapping":[16]})", Code::invalid_argument,
          "ams_mapping has 16: tray_id is 16"},
         {command, R"({"name":"a.3mf","ams_mapping":[8]})", Code::not_found,
          "ams_mapping has 8: there is no AMS with the id 2"},
         {command, R"({"name":"a.3mf","ams_maping":[8]})", Code::invalid_argument,
          R"(did you mean "ams_mapping"?)"}});
}

TEST_CASE("a mapping without any tray is refused") {
    for (const auto* const printer : {"x1c", "h2d", "a1"}) {
        const CommandFixture subject(printer);
        for (const auto* const mapping : {"[-1]", "[-1,-1]", "\"-1\"", "-1"}) {
            subject.denies({{command, fmt::format(R"({{"name":"a.3mf","ams_mapping":{}}})", mapping),
                             Code::invalid_argument, "nothing is mapped"}});
        }
        subject.denies({{"upload_sdcard_file", R"({"src":"a.3mf","dest":"/","print":{"ams_mapping":[-1]}})",
                         Code::invalid_argument, "nothing is mapped"}});
        CHECK(body_of(subject, R"({"name":"a.3mf","ams_mapping":[-1,254]})")["ams_mapping"].dump() ==
              "[-1,-1]"); // the external spool is a tray
    }
}

TEST_CASE("calibrations have three states where the firmware supports them") {
    CommandFixture x2d("x2d");
    x2d.partial(R"("fun":"29FD1830F9CB3")"); // as recorded in 2026, except for Developer Mode
    const auto automatic =
        body_of(x2d, R"({"name":"a.3mf","bedlevel":"auto","flow":"AUTO","nozzle_offset":"auto"})");
    CHECK(automatic["bed_leveling"] == false);
    CHECK(automatic["flow_cali"] == false);
    CHECK(automatic["auto_bed_leveling"] == 2);
    CHECK(automatic["extrude_cali_flag"] == 2);
    CHECK(automatic["nozzle_offset_cali"] == 2);
    const auto mixed = body_of(x2d, R"({"name":"a.3mf","flow":"off"})");
    CHECK(mixed["bed_leveling"] == true);
    CHECK(mixed["auto_bed_leveling"] == 1);
    CHECK(mixed["flow_cali"] == false);
    CHECK(mixed["extrude_cali_flag"] == 0);
    CHECK_FALSE(mixed.contains("nozzle_offset_cali"));

    CommandFixture single("p2s");
    single.partial(R"("fun":"D0000002300")");
    CHECK(body_of(single, R"({"name":"a.3mf"})")["nozzle_offset_cali"] == 0);
}

TEST_CASE("firmware without the third state accepts on and off only") {
    const CommandFixture h2d("h2d");
    for (const auto* const argument : {"bedlevel", "flow", "nozzle_offset"}) {
        h2d.denies({{command, fmt::format(R"({{"name":"a.3mf","{}":"auto"}})", argument), Code::not_supported,
                     "accepts only on and off"},
                    {command, fmt::format(R"({{"name":"a.3mf","{}":"maybe"}})", argument),
                     Code::invalid_argument, R"(or "auto")"}});
    }
    const auto plain = body_of(h2d, R"({"name":"a.3mf","bedlevel":"on","flow":false})");
    CHECK(plain["bed_leveling"] == true);
    CHECK(plain["flow_cali"] == false);
    for (const auto* const number : {"auto_bed_leveling", "extrude_cali_flag", "nozzle_offset_cali"}) {
        CHECK_FALSE(plain.contains(number));
    }
    CHECK(body_of(h2d, R"({"name":"a.3mf","nozzle_offset":true})")["nozzle_offset_cali"] == 1);
    CHECK(body_of(h2d, R"({"name":"a.3mf","nozzle_offset":0})")["nozzle_offset_cali"] == 0);
    CommandFixture("p1s").denies({{command, R"({"name":"a.3mf","nozzle_offset":"on"})", Code::not_supported,
                                   "nozzle_offset needs two nozzles"}});
}

TEST_CASE("a P2S skips the vibration calibration unless it is requested") {
    const CommandFixture p2s("p2s");
    CHECK(body_of(p2s, R"({"name":"a.3mf"})")["vibration_cali"] == false);
    CHECK(body_of(p2s, R"({"name":"a.3mf","vibration":true})")["vibration_cali"] == true);
    CHECK(body_of(CommandFixture("h2s"), R"({"name":"a.3mf"})")["vibration_cali"] == true);
}

TEST_CASE("nozzles of a rack are passed on, and missing ones noted") {
    CommandFixture h2c("h2c");
    const auto given = h2c.plan(command, R"({"name":"a.3mf","nozzle_mapping":[16,-1,1]})");
    CHECK(given.requests[0]["print"]["nozzle_mapping"].dump() == "[16,-1,1]");
    CHECK(given.note.empty());
    const auto without = h2c.plan(command, R"({"name":"a.3mf"})");
    CHECK_FALSE(without.requests[0]["print"].contains("nozzle_mapping"));
    CHECK(without.note.starts_with("nozzle_mapping was left out"));
    const auto sent = h2c.plan("upload_sdcard_file", R"({"src":"a.3mf","dest":"/","print":{}})");
    CHECK(sent.note == without.note);
    const CommandFixture h2d("h2d");
    CHECK(h2d.plan(command, R"({"name":"a.3mf"})").note.empty());
    h2d.denies(
        {{command, R"({"name":"a.3mf","nozzle_mapping":[16]})", Code::not_supported, "needs a nozzle rack"}});
}

TEST_CASE("a print is confirmed by a job of its name") {
    CommandFixture subject("p1s", R"("gcode_state":"FINISH","subtask_name":"Box")");
    const auto* const box = R"({"name":"/cache/Box.gcode.3mf"})";
    CHECK_FALSE(subject.confirms(command, box));
    for (const auto* const state : {"PREPARE", "SLICING", "RUNNING"}) {
        subject.partial(fmt::format(R"("gcode_state":"{}")", state));
        CHECK(subject.confirms(command, box));
        CHECK_FALSE(subject.confirms(command, R"({"name":"/Bowl.gcode.3mf"})"));
    }
    subject.partial(R"("gcode_state":"FAILED")");
    CHECK_FALSE(subject.confirms(command, box));
}

TEST_CASE("plain G-code is printed by its path") {
    CommandFixture subject("p1s");
    const auto* const sent = R"({"print":{"command":"gcode_file","param":"/cache/x y.gcode"}})";
    subject.sends({{"print_gcode_file", R"({"name":"/cache/x y.gcode"})", {sent}},
                   {"print_gcode_file", R"({"name":"cache/x y.gcode"})", {sent}}});
    for (const auto* const name : {"/a.3mf", "/a.gcode.3mf", "/a.GCODE.3MF"}) {
        subject.denies(
            {{"print_gcode_file", Json{{"name", name}}.dump(), Code::invalid_argument, "print_3mf_file"}});
    }
    subject.denies({{"print_gcode_file", R"({"name":"../a.gcode"})", Code::invalid_argument, "name: "},
                    {"print_gcode_file", "{}", Code::invalid_argument, "name is missing"}});
    CHECK_FALSE(subject.confirms("print_gcode_file", R"({"name":"/cache/x y.gcode"})"));
    subject.partial(R"("gcode_state":"PREPARE")");
    CHECK(subject.confirms("print_gcode_file", R"({"name":"/cache/x y.gcode"})"));
}
