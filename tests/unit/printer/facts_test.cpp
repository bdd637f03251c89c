// Model and capabilities of a printer, learned from get_version and from its reports.
#include <bambu2mqtt/printer/facts.hpp>
#include <bambu2mqtt/printer/report.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace bambu2mqtt {

namespace {

Model detected(std::string_view modules, std::optional<Model> configured = std::nullopt) {
    Facts facts;
    learn_modules(facts, Json::parse(modules), configured);
    return facts.model;
}

/// Facts after one full status of these members.
Facts learned(std::string_view members, Model model = Model::unknown) {
    ReportParser parser;
    const auto report =
        parser.parse(R"({"print":{"command":"push_status","msg":0,)" + std::string{members} + "}}");
    REQUIRE(report.has_value());
    ReportState document;
    Changes changes;
    document.merge(*report, changes);
    Facts facts;
    facts.model = model;
    learn(facts, document);
    return facts;
}

bool shows(std::string_view members, Feature feature) {
    return learned(members).has(feature);
}

} // namespace

TEST_CASE("the product name determines the model before the board does") {
    CHECK(detected(R"([{"name":"ota","product_name":"Bambu Lab H2D"},{"name":"ap","hw_ver":"AP02"}])") ==
          Model::h2d);
    CHECK(detected(R"([{"name":"ota","product_name":"Bambu Lab H2D Pro"}])") == Model::h2dpro);
    CHECK(detected(R"([{"name":"ota","product_name":"Bambu Lab A1 mini"}])") == Model::a1mini);
    CHECK(detected(R"([{"name":"ota","product_name":"Bambu Lab X1-Carbon"}])") == Model::x1c);
    CHECK(detected(
              R"([{"name":"ams/0","product_name":"AMS 1"},{"name":"ota","product_name":"Bambu Lab P2S"}])") ==
          Model::p2s);
}

TEST_CASE("board and project code determine the model where there is no product name") {
    CHECK(detected(R"([{"name":"ap","hw_ver":"AP02","project_name":""}])") == Model::x1e);
    CHECK(detected(R"([{"name":"esp32","hw_ver":"AP05","project_name":"N1"}])") == Model::a1mini);
    CHECK(detected(R"([{"name":"esp32","hw_ver":"AP04","project_name":"C11"}])") == Model::p1p);
    CHECK(detected(R"([{"name":"esp32","hw_ver":"AP04","project_name":"C12"}])") == Model::p1s);
    CHECK(detected(R"([{"name":"esp32","hw_ver":"AP05","project_name":"N2S"}])") == Model::a1);
    CHECK(detected(R"([{"name":"rv1126","hw_ver":"AP05","project_name":""}])") == Model::x1c);
    CHECK(detected(R"([{"name":"rv1126","hw_ver":"AP05"}])") == Model::x1c);
}

TEST_CASE("unknown boards give no model; the first known board decides") {
    CHECK(detected(R"([{"name":"ap","hw_ver":"AP07","project_name":"Z9"}])") == Model::unknown);
    CHECK(detected(R"([{"name":"ap","hw_ver":"AP04","project_name":"Z9"},{"name":"x","hw_ver":"AP02"}])") ==
          Model::unknown);
    CHECK(detected(R"([{"name":"ota","product_name":"Bambu Lab Z9"}])") == Model::unknown);
    CHECK(detected("[]") == Model::unknown);
}

TEST_CASE("the configured model takes precedence, and unknown modules change no model") {
    CHECK(detected(R"([{"name":"ota","product_name":"Bambu Lab H2D"}])", Model::h2c) == Model::h2c);
    Facts facts;
    facts.model = Model::p1s;
    learn_modules(facts, Json::parse(R"([{"name":"ota","sw_ver":"01.02.03.04"}])"), std::nullopt);
    CHECK(facts.model == Model::p1s);
    CHECK(facts.firmware == "01.02.03.04");
}

TEST_CASE("an incomplete get_version loses no known facts") {
    Facts facts;
    learn_modules(facts,
                  Json::parse(R"([{"name":"ota","sw_ver":"01.02.03.04"},{"name":"ap","hw_ver":"AP05"}])"),
                  std::nullopt);
    CHECK_FALSE(learn_modules(facts, Json::parse(R"([{"name":"ota","sw_ver":""},5,null,[],{"name":7}])"),
                              std::nullopt));
    CHECK_FALSE(learn_modules(facts, Json::parse(R"({"name":"ota"})"), std::nullopt));
    CHECK(facts.firmware == "01.02.03.04");
    CHECK(facts.hardware == "AP05");
}

TEST_CASE("an incomplete answer does not change an X1C to a newer model, and removes nothing from a unit") {
    Facts facts;
    learn_modules(facts,
                  Json::parse(R"([{"name":"ota","product_name":"Bambu Lab H2D"},{"name":"ap","hw_ver":"AP05"},
                  {"name":"n3f/0","sn":"S1","sw_ver":"3"}])"),
                  std::nullopt);
    CHECK(facts.model == Model::h2d);
    const auto before = facts;
    CHECK_FALSE(learn_modules(
        facts, Json::parse(R"([{"name":"ap","hw_ver":"AP05"},{"name":"n3f/0","sn":"","sw_ver":""},
                              {"name":"n3f/1","sn":"","sw_ver":""}])"),
        std::nullopt));
    CHECK(facts == before);
}

TEST_CASE("module names give the kind of a unit, its serial and its firmware") {
    Facts facts;
    learn_modules(
        facts,
        Json::parse(R"([{"name":"n3s/128","sn":"S4","sw_ver":"4"},{"name":"ams/0","sn":"S1","sw_ver":"1"},
        {"name":"n3f/2","sn":"S3","sw_ver":"3"},{"name":"ams_f1/16","sn":"S2","sw_ver":"2"},{"name":"ams/77","sn":"S9"},
        {"name":"ams/x"},{"name":"ahb"}])"),
        std::nullopt);
    REQUIRE(facts.units.size() == 4);
    const std::array kinds{UnitKind::ams, UnitKind::ams_2_pro, UnitKind::ams_lite, UnitKind::ams_ht};
    const std::array ids{0, 2, 16, 128};
    const std::array prefixes{"ams_1", "ams_3", "ams_lite_1", "ams_ht_1"};
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(facts.units[i].id == ids[i]);
        CHECK(facts.units[i].kind == kinds[i]);
        CHECK(facts.units[i].prefix() == prefixes[i]);
    }
    CHECK(facts.units[2].serial == "S2");
    CHECK(facts.units[3].firmware == "4");
    CHECK(facts.units[3].trays() == 1);
    CHECK(facts.units[0].trays() == 4);
    CHECK(facts.units[3].dries());
    CHECK_FALSE(facts.units[0].dries());
}

TEST_CASE("without get_version the unit's info, then its id, gives its kind") {
    const auto facts = learned(
        R"("ams":{"ams":[{"id":"0","info":"1001"},{"id":"1","info":"2003"},{"id":"2"},{"id":"3","info":"1002"},
        {"id":"16"},{"id":"128"},{"id":"129","info":"2004"},{"id":"4"},{"id":"-1"},{"id":"x"},{"id":"136"}]})");
    REQUIRE(facts.units.size() == 7);
    CHECK(facts.units[0].kind == UnitKind::ams);
    CHECK(facts.units[1].kind == UnitKind::ams_2_pro);
    CHECK(facts.units[2].kind == UnitKind::ams);
    CHECK(facts.units[3].kind == UnitKind::ams_lite);
    CHECK(facts.units[4].kind == UnitKind::ams_lite);
    CHECK(facts.units[5].kind == UnitKind::ams_ht);
    CHECK(facts.units[6].kind == UnitKind::ams_ht);
    CHECK(learned(R"("ams":{"ams":[{"id":"0"}]})", Model::a1).units.at(0).kind == UnitKind::ams_lite);
}

TEST_CASE("sensors of a unit are learned from reported values") {
    const auto facts =
        learned(R"("ams":{"ams":[{"id":"0","temp":"0.0","humidity":"4"},{"id":"1","temp":"27.5"},
        {"id":"2","temp":"0.0","humidity_raw":"0"},{"id":"3","dry_setting":{"dry_temperature":-1}},
        {"id":"128","temp":"0.0","humidity_raw":"31"}]})");
    REQUIRE(facts.units.size() == 5);
    CHECK_FALSE(facts.units[0].reports_temperature);
    CHECK_FALSE(facts.units[0].reports_humidity);
    CHECK(facts.units[1].reports_temperature);
    CHECK_FALSE(facts.units[1].reports_humidity);
    CHECK_FALSE(facts.units[2].reports_temperature);
    CHECK_FALSE(facts.units[2].reports_humidity);
    CHECK(facts.units[4].reports_humidity);
    CHECK_FALSE(facts.units[4].reports_temperature);
    CHECK(facts.units[3].reports_drying);
    CHECK_FALSE(facts.units[2].reports_drying);
}

TEST_CASE("a chamber temperature of 5 degrees is no evidence of a sensor, other values and device.ctc are") {
    CHECK_FALSE(shows(R"("chamber_temper":5)", Feature::chamber_measured));
    CHECK_FALSE(shows(R"("chamber_temper":5.0)", Feature::chamber_measured));
    CHECK_FALSE(shows(R"("mc_percent":5)", Feature::chamber_measured));
    CHECK(shows(R"("chamber_temper":24.0)", Feature::chamber_measured));
    CHECK(shows(R"("chamber_temper":5,"device":{"ctc":{"info":{"temp":5}}})", Feature::chamber_measured));
}

TEST_CASE("the newer protocol is detected only when all four words are present") {
    CHECK(shows(R"("cfg":"1","fun":"1","aux":"1","stat":"1")", Feature::np));
    CHECK_FALSE(shows(R"("cfg":"1","fun":"1","aux":"1")", Feature::np));
    CHECK_FALSE(shows(R"("cfg":"1","stat":"1","aux":"1")", Feature::np));
    CHECK(shows(R"("fun":"1")", Feature::fun));
    CHECK_FALSE(shows(R"("cfg":"1","aux":"1","stat":"1")", Feature::fun));
    CHECK_FALSE(shows(R"("fun":"zz")", Feature::fun));
}

TEST_CASE("support bits of home_flag and fun, air duct parts, rack, two extruders") {
    CHECK(shows(R"("home_flag":262144)", Feature::prompt_sound));
    CHECK(shows(R"("fun":"100")", Feature::prompt_sound));
    CHECK_FALSE(shows(R"("home_flag":131072)", Feature::prompt_sound));
    CHECK(shows(R"("fun":"2000")", Feature::nozzle_blob));
    CHECK(shows(R"("home_flag":-2113929216)", Feature::nozzle_blob));
    CHECK(shows(R"("device":{"airduct":{"parts":[{"id":160}]}})", Feature::secondary_aux_fan));
    CHECK_FALSE(
        shows(R"("device":{"airduct":{"parts":[{"id":96},{"func":6}]}})", Feature::secondary_aux_fan));
    CHECK(shows(R"("device":{"nozzle":{"exist":65537}})", Feature::rack));
    CHECK(shows(R"("device":{"nozzle":{"info":[{"id":17}]}})", Feature::rack));
    CHECK_FALSE(shows(R"("device":{"nozzle":{"exist":3,"info":[{"id":0},{"id":1}]}})", Feature::rack));
    CHECK(shows(R"("device":{"extruder":{"info":[{"id":0},{"id":1}]}})", Feature::two_extruders));
    CHECK_FALSE(shows(R"("device":{"extruder":{"info":[{"id":0}]}})", Feature::two_extruders));
    CHECK(
        learned(
            R"("device":{"airduct":{"modeList":[{"modeId":0},{"modeId":2},{"modeId":99},{"modeId":-1},5]}})")
            .airduct_modes == 5U);
}

TEST_CASE("a detector exists when its state is reported, not by its capability alone") {
    CHECK_FALSE(shows(R"("fun":"C0000000000")", Feature::spaghetti));
    CHECK(shows(R"("fun":"C0000000000","xcam":{"cfg":0})", Feature::spaghetti));
    CHECK_FALSE(shows(R"("fun":"C0000000000","xcam":{"cfg":0})", Feature::clump));
    CHECK(shows(R"("xcam":{"airprint_detector":false})", Feature::airprinting));
}

TEST_CASE("fields of a wrong type are no evidence") {
    CHECK_FALSE(shows(R"("vir_slot":{"id":"255"})", Feature::external_spool));
    CHECK_FALSE(shows(R"("ipcam":{"rtsp_url":null})", Feature::rtsp));
    CHECK(shows(R"("vt_tray":{"id":"254"})", Feature::external_spool));
}

TEST_CASE("whether commands need a signature: fun decides, then the HMS message, then answers") {
    const std::string message = R"("hms":[{"attr":83887360,"code":65543}])"; // recorded
    CHECK(learned(R"("fun":"20000000")").signature == Signature::needed);
    CHECK(learned(R"("fun":"0",)" + message).signature == Signature::not_needed);
    CHECK(learned(message).signature == Signature::needed);
    CHECK(learned(R"("hms":[{"attr":1,"code":1},{"attr":"83887360","code":65543}])").signature ==
          Signature::needed);
    for (const auto* const other :
         {R"("hms":[])", R"("hms":[{"attr":83887360,"code":65544}])",
          R"("hms":[{"attr":83887361,"code":65543}])", R"("hms":[5,{"attr":83887360}])", R"("hms":"x")"}) {
        CHECK(learned(other).signature == Signature::unknown);
    }
    auto facts = learned(message);
    CHECK(signature_after(facts, true, false) == Signature::needed);
    CHECK(signature_after(facts, false, true) == Signature::needed);
    facts.signature = Signature::unknown;
    CHECK(signature_after(facts, true, false) == Signature::suspected);
    facts.signature = Signature::suspected;
    CHECK(signature_after(facts, false, true) == Signature::unknown);
    auto facts_with_fun = learned(R"("fun":"0")");
    CHECK(signature_after(facts_with_fun, true, false) == Signature::not_needed);
}

TEST_CASE("a signature requirement from an HMS message ends with the message") {
    ReportParser parser;
    ReportState document;
    Changes changes;
    Facts facts;
    const auto feed = [&](std::string_view members) {
        const auto report =
            parser.parse(R"({"print":{"command":"push_status","msg":1,)" + std::string{members} + "}}");
        REQUIRE(report.has_value());
        changes.clear();
        document.merge(*report, changes);
        (void)learn(facts, document, &changes);
        return facts.signature;
    };
    CHECK(feed(R"("hms":[{"attr":83887360,"code":65543}])") == Signature::needed);
    CHECK(feed(R"("mc_percent":5)") == Signature::needed);
    CHECK(feed(R"("hms":[{"attr":1,"code":1}])") == Signature::unknown);
    facts.signature = Signature::suspected; // from an answer
    CHECK(feed(R"("hms":[])") == Signature::suspected);
    CHECK(feed(R"("fun":"20000000")") == Signature::needed);
    CHECK(feed(R"("hms":[{"attr":1,"code":1}])") == Signature::needed);
}

TEST_CASE("a feature that was seen stays, and only changes are reported") {
    ReportParser parser;
    ReportState document;
    Changes changes;
    Facts facts;
    const auto feed = [&](std::string_view text) {
        const auto report = parser.parse(text);
        REQUIRE(report.has_value());
        document.merge(*report, changes);
        return learn(facts, document);
    };
    CHECK(feed(R"({"print":{"command":"push_status","msg":0,"home_flag":262144}})"));
    CHECK(facts.complete);
    CHECK_FALSE(feed(R"({"print":{"command":"push_status","msg":1,"home_flag":0}})"));
    CHECK(facts.has(Feature::prompt_sound));
}

} // namespace bambu2mqtt
