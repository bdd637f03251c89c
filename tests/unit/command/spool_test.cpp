#include "unit/command/command_fixture.hpp"

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;
using test::Sent;

namespace {

constexpr std::string_view profile_details = "set_spool_details";
constexpr std::string_view k_factor = "set_spool_k_factor";
constexpr std::string_view choose = "select_extrusion_calibration_profile";

/// A spool of PLA in the first tray, one unit, one nozzle.
constexpr std::string_view one_spool =
    R"("gcode_state":"IDLE","nozzle_diameter":"0.4","ams":{"tray_now":"255","ams_exist_bits":"1","tray_exist_bits":"3",
       "ams":[{"id":"0","tray":[{"id":"0","tray_info_idx":"GFA00","tray_type":"PLA","tray_color":"FF6A13FF",
       "nozzle_temp_min":"190","nozzle_temp_max":"230","cali_idx":3},{"id":"1"}]}]},
       "vt_tray":{"id":"254","tray_info_idx":"GFG99","tray_type":"PETG","tray_color":"00000080",
       "nozzle_temp_min":"220","nozzle_temp_max":"260","cali_idx":-1})";

std::string setting(int unit, int slot, int tray, std::string_view filament, std::string_view type,
                    std::string_view color, int low, int high) {
    return Json{{"print",
                 {{"command", "ams_filament_setting"},
                  {"ams_id", unit},
                  {"slot_id", slot},
                  {"tray_id", tray},
                  {"tray_info_idx", filament},
                  {"tray_type", type},
                  {"tray_color", color},
                  {"nozzle_temp_min", low},
                  {"nozzle_temp_max", high}}}}
        .dump();
}

/// Arguments of set_spool_details for this tray, all given.
std::string given(std::string_view tray) {
    return fmt::format(
        R"({{{},"tray_info_idx":"GFA01","tray_type":"PLA","tray_color":"red","nozzle_temp_min":200,
                           "nozzle_temp_max":220}})",
        tray);
}

std::string chosen(int unit, int slot, int tray, int index, std::string_view filament,
                   std::string_view diameter = "0.4") {
    return Json{{"print",
                 {{"command", "extrusion_cali_sel"},
                  {"ams_id", unit},
                  {"slot_id", slot},
                  {"tray_id", tray},
                  {"cali_idx", index},
                  {"filament_id", filament},
                  {"nozzle_diameter", diameter}}}}
        .dump();
}

std::string profile(int extruder, std::string_view filament, std::string_view k, std::string_view n,
                    std::string_view name, std::string_view diameter, std::string_view nozzle) {
    return Json{{"print",
                 {{"command", "extrusion_cali_set"},
                  {"nozzle_diameter", diameter},
                  {"filaments", Json::array({{{"ams_id", 0},
                                              {"cali_idx", -1},
                                              {"extruder_id", extruder},
                                              {"filament_id", filament},
                                              {"k_value", k},
                                              {"n_coef", n},
                                              {"name", name},
                                              {"nozzle_diameter", diameter},
                                              {"nozzle_id", nozzle},
                                              {"setting_id", "PF00000001767600000"},
                                              {"tray_id", 0}}})}}}}
        .dump();
}

} // namespace

TEST_CASE("a tray is described by its local slot") {
    const auto red = [](int unit, int slot, int tray) {
        return setting(unit, slot, tray, "GFA01", "PLA", "FF0000FF", 200, 220);
    };
    const CommandFixture two("h2d");
    two.sends({{profile_details, given(R"("tray_id":0)"), {red(0, 0, 0)}},
               {profile_details, given(R"("tray_id":6)"), {red(1, 2, 2)}},
               {profile_details, given(R"("ams_id":1,"slot_id":3)"), {red(1, 3, 3)}},
               {profile_details, given(R"("ams_id":"ams_2","tray_id":3)"), {red(1, 3, 3)}},
               {profile_details, given(R"("tray_id":128)"), {red(128, 0, 0)}},
               {profile_details, given(R"("tray_id":254)"), {red(254, 0, 0)}},
               {profile_details, given(R"("tray_id":255)"), {red(255, 0, 0)}}});
    const CommandFixture one("x1c");
    one.sends({{profile_details, given(R"("tray_id":254)"), {red(255, 0, 254)}},
               {profile_details, given(R"("tray_id":255)"), {red(255, 0, 254)}}});
    CommandFixture("a2l").sends({{profile_details, given(R"("tray_id":66)"), {red(16, 2, 2)}}});
    CommandFixture(Model::p1s).sends({{profile_details, given(R"("tray_id":5)"), {red(1, 1, 1)}}});
}

TEST_CASE("omitted fields keep their values, and the filament id determines the type") {
    const CommandFixture subject(Model::p1s, one_spool);
    subject.sends(
        {{profile_details,
          R"({"tray_id":0,"tray_info_idx":"GFA00"})",
          {setting(0, 0, 0, "GFA00", "PLA", "FF6A13FF", 190, 230)}},
         {profile_details,
          R"({"tray_id":0,"tray_info_idx":"GFG00","nozzle_temp_max":270})",
          {setting(0, 0, 0, "GFG00", "PETG", "FF6A13FF", 190, 270)}},
         {profile_details,
          R"({"tray_id":254,"tray_info_idx":"GFG99","tray_color":"#ff8800","nozzle_temp_min":-1})",
          {setting(255, 0, 254, "GFG99", "PETG", "FF8800FF", 220, 260)}},
         {profile_details,
          R"({"tray_id":1,"tray_info_idx":"P1234567","tray_type":"ABS","nozzle_temp_min":240,"nozzle_temp_max":280})",
          {setting(0, 1, 1, "P1234567", "ABS", "FFFFFFFF", 240, 280)}}});
    const auto named =
        subject.plan(profile_details, R"({"tray_id":0,"tray_info_idx":"GFA00","tray_id_name":"A00-G1"})");
    CHECK(named.requests[0]["print"]["tray_id_name"] == "A00-G1");
}

TEST_CASE("a tray is cleared by no_filament") {
    const CommandFixture subject(Model::p1s, one_spool);
    subject.sends({{profile_details,
                    R"({"tray_id":0,"tray_info_idx":"no_filament"})",
                    {setting(0, 0, 0, "", "", "FFFFFF00", 0, 0)}},
                   {profile_details,
                    R"({"tray_id":254,"tray_info_idx":"no_filament"})",
                    {setting(255, 0, 254, "", "", "FFFFFF00", 0, 0)}}});
}

TEST_CASE("incomplete or impossible descriptions are refused") {
    const CommandFixture subject(Model::p1s, one_spool);
    const auto with = [](std::string_view more) {
        return fmt::format(R"({{"tray_id":0,"tray_info_idx":"GFA00",{}}})", more);
    };
    subject.denies(
        {{profile_details, R"({"tray_id":0,"tray_info_idx":"P7654321"})", Code::invalid_argument,
          "tray_type is missing, and the filament \"P7654321\" is unknown"},
         {profile_details, with(R"("tray_color":"ff88")"), Code::invalid_argument, R"(tray_color is "ff88")"},
         {profile_details, with(R"("tray_color":"reddish")"), Code::invalid_argument,
          "a colour name, RRGGBB or RRGGBBAA"},
         {profile_details, with(R"("nozzle_temp_min":240)"), Code::invalid_argument,
          "the second not below the first"},
         {profile_details, with(R"("nozzle_temp_min":351)"), Code::invalid_argument, "from -1 to 350 °C"},
         {profile_details, R"({"tray_id":1,"tray_info_idx":"GFA00"})", Code::invalid_argument,
          "no values to keep"},
         {profile_details, R"({"tray_id":0})", Code::invalid_argument, "tray_info_idx is missing"},
         {profile_details, R"({"tray_id":0,"tray_info_idx":""})", Code::invalid_argument, "tray_info_idx is"},
         {profile_details, R"({"tray_info_idx":"GFA00"})", Code::invalid_argument, "no tray is given"},
         {profile_details, R"({"tray_id":4,"tray_info_idx":"GFA00"})", Code::not_found,
          "no AMS with the id 1"}});
}

TEST_CASE("a description is confirmed when the tray shows all given fields") {
    CommandFixture subject(Model::p1s, one_spool);
    const auto shows = [&](std::string_view more) {
        return subject.confirms(profile_details,
                                fmt::format(R"({{"tray_id":0,"tray_info_idx":"GFA00"{}}})", more));
    };
    CHECK(shows(""));
    CHECK(shows(R"(,"tray_color":"FF6A13","tray_type":"PLA","nozzle_temp_min":190,"nozzle_temp_max":230)"));
    CHECK_FALSE(shows(R"(,"tray_color":"red")"));
    CHECK_FALSE(shows(R"(,"tray_type":"PLA-CF")"));
    CHECK_FALSE(shows(R"(,"nozzle_temp_min":191)"));
    CHECK_FALSE(shows(R"(,"nozzle_temp_max":231)"));
    const auto* const cleared = R"({"tray_id":0,"tray_info_idx":"no_filament"})";
    CHECK_FALSE(subject.confirms(profile_details, cleared));
    CHECK_FALSE(subject.confirms(profile_details, R"({"tray_id":0,"tray_info_idx":"GFG00"})"));
    subject.partial(
        R"("ams":{"ams":[{"id":"0","tray":[{"id":"0","tray_info_idx":"","tray_type":"","tray_color":"FFFFFF00"}]}]})");
    CHECK(subject.confirms(profile_details, cleared));
    CHECK_FALSE(
        subject.confirms(profile_details, R"({"tray_id":12,"tray_info_idx":"GFA00"})")); // no such unit
}

TEST_CASE("the k factor of a tray on A1 and P1") {
    for (const auto model : {Model::a1, Model::a1mini, Model::p1p, Model::p1s}) {
        const CommandFixture subject(model);
        subject.sends(
            {{k_factor,
              R"({"tray_id":5,"k_value":0.02})",
              {R"({"print":{"command":"extrusion_cali_set","tray_id":5,"k_value":0.02,"n_coef":1.4}})"}},
             {k_factor,
              R"({"tray_id":254,"k_value":"0.035","n_coef":1.0,"nozzle_temp":220,"bed_temp":60,
                  "max_volumetric_speed":12.5})",
              {R"({"print":{"command":"extrusion_cali_set","tray_id":254,"k_value":0.035,"n_coef":1.0,
                   "nozzle_temp":220,"bed_temp":60,"max_volumetric_speed":12.5}})"}}});
        subject.denies({{k_factor, R"({"tray_id":0,"k_value":2.1})", Code::invalid_argument, "from 0 to 2"},
                        {k_factor, R"({"tray_id":0,"k_value":-0.1})", Code::invalid_argument, "from 0 to 2"},
                        {k_factor, R"({"tray_id":0})", Code::invalid_argument, "k_value is missing"},
                        {k_factor, R"({"k_value":0.02})", Code::invalid_argument, "no tray is given"}});
    }
}

TEST_CASE("the k factor of a filament is a new profile on all other models, and never the placeholder") {
    CommandFixture subject("x1c"); // one nozzle, HH05, 0.8
    subject.sends({{k_factor,
                    R"({"tray_id":0,"k_value":0.025})",
                    {profile(0, "GFA01", "0.025000", "0.000000", "GFA01 K 0.025", "0.8", "HH05-0.8")}}});
    subject.denies({{k_factor, R"({"tray_id":4,"k_value":0.02})", Code::conflict,
                     "ams_2_tray_1 has no filament description; send set_spool_details first"}});
    CommandFixture plain(Model::x1e, one_spool);
    plain.partial(R"("nozzle_type":"hardened_steel","nozzle_diameter":"0.6")");
    plain.sends({{k_factor,
                  R"({"tray_id":254,"k_value":0.04,"n_coef":1.4})",
                  {profile(0, "GFG99", "0.040000", "1.400000", "GFG99 K 0.040", "0.6", "HS01-0.6")}}});
    plain.partial(R"("nozzle_type":"stainless_steel")");
    plain.sends({{k_factor,
                  R"({"tray_id":0,"k_value":0.04})",
                  {profile(0, "GFA00", "0.040000", "0.000000", "GFA00 K 0.040", "0.6", "HS00-0.6")}}});
}

TEST_CASE("the profile is made for the nozzle that the tray feeds") {
    CommandFixture subject(
        "h2d"); // right HS01 0.4, left HH01 0.6; AMS 1 feeds the left one, AMS 2 the right one
    subject.partial(
        R"("vir_slot":[{"id":"254","tray_info_idx":"GFL99"},{"id":"255","tray_info_idx":"GFL98"}])");
    const auto filament = [&](int unit, int slot) {
        const auto& reported = *subject.printer().printer().report_state().unit(unit);
        return reported["tray"][std::to_string(slot)]["tray_info_idx"].get<std::string>();
    };
    const auto left = filament(0, 0);
    const auto right = filament(1, 0);
    subject.sends({{k_factor,
                    R"({"tray_id":0,"k_value":0.02})",
                    {profile(1, left, "0.020000", "0.000000", left + " K 0.020", "0.6", "HH01-0.6")}},
                   {k_factor,
                    R"({"tray_id":4,"k_value":0.02})",
                    {profile(0, right, "0.020000", "0.000000", right + " K 0.020", "0.4", "HS01-0.4")}},
                   {k_factor,
                    R"({"tray_id":254,"k_value":0.02})",
                    {profile(1, "GFL99", "0.020000", "0.000000", "GFL99 K 0.020", "0.6", "HH01-0.6")}},
                   {k_factor,
                    R"({"tray_id":255,"k_value":0.02})",
                    {profile(0, "GFL98", "0.020000", "0.000000", "GFL98 K 0.020", "0.4", "HS01-0.4")}}});
}

TEST_CASE("a profile is selected by the tray's global index") {
    const CommandFixture subject(Model::p1s, one_spool);
    subject.sends({{choose, R"({"tray_id":0})", {chosen(0, 0, 0, -1, "GFA00")}},
                   {choose, R"({"tray_id":1,"cali_idx":12})", {chosen(0, 1, 1, 12, "")}},
                   {choose, R"({"tray_id":254,"cali_idx":"7"})", {chosen(254, 0, 254, 7, "GFG99")}}});
    const CommandFixture two("h2d");
    const auto made = two.plan(choose, R"({"tray_id":7,"cali_idx":1})").requests[0]["print"];
    CHECK(made["ams_id"] == 1);
    CHECK(made["slot_id"] == 3);
    CHECK(made["tray_id"] == 7);
    CHECK_FALSE(made.contains("setting_id"));
    two.sends({{choose, R"({"tray_id":254,"cali_idx":1})", {chosen(254, 0, 254, 1, "", "0.6")}},
               {choose, R"({"tray_id":255,"cali_idx":1})", {chosen(255, 0, 255, 1, "GFU01", "0.4")}}});
    const auto ht = two.plan(choose, R"({"tray_id":128})").requests[0]["print"];
    CHECK(ht["ams_id"] == 128);
    CHECK(ht["tray_id"] == 128);
    CHECK(ht["slot_id"] == 0);
    const auto lite = CommandFixture("a2l").plan(choose, R"({"tray_id":66})").requests[0]["print"];
    CHECK(lite["ams_id"] == 16);
    CHECK(lite["tray_id"] == 66);
    CHECK(lite["slot_id"] == 2);
    subject.denies({{choose, R"({"tray_id":0,"cali_idx":-2})", Code::invalid_argument, "from -1 to 65535"},
                    {choose, "{}", Code::invalid_argument, "no tray is given"}});
}

TEST_CASE("a profile is confirmed by the index that the tray reports") {
    CommandFixture subject(Model::p1s, one_spool);
    CHECK(subject.confirms(choose, R"({"tray_id":0,"cali_idx":3})"));
    CHECK_FALSE(subject.confirms(choose, R"({"tray_id":0})"));
    CHECK(subject.confirms(choose, R"({"tray_id":254})"));
    CHECK_FALSE(subject.confirms(choose, R"({"tray_id":1})")); // reports no profile
    CHECK_FALSE(subject.confirms(choose, R"({"tray_id":12})"));
}

TEST_CASE("profiles are requested by nozzle and filament, as recorded") {
    const auto asked = [](std::string_view filament, std::string_view diameter) {
        return Json{
            {"print",
             {{"command", "extrusion_cali_get"}, {"filament_id", filament}, {"nozzle_diameter", diameter}}}}
            .dump();
    };
    constexpr std::string_view list = "get_extrusion_calibration_profiles";
    const CommandFixture subject(Model::p1s, one_spool);
    subject.sends({{list, "", {asked("", "0.4")}},
                   {list, R"({"nozzle_diameter":0.8})", {asked("", "0.8")}},
                   {list, R"({"tray_id":0})", {asked("GFA00", "0.4")}},
                   {list, R"({"tray_id":254,"nozzle_diameter":"0.2"})", {asked("GFG99", "0.2")}}});
    subject.denies({{list, R"({"tray_id":1})", Code::conflict, "ams_1_tray_2 has no filament description"},
                    {list, R"({"tray_id":4})", Code::not_found, "no AMS with the id 1"},
                    {list, R"({"nozzle_diameter":1})", Code::invalid_argument, "from 0.2 to 0.8 mm"}});
}
