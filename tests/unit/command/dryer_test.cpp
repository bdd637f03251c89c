#include "unit/command/command_fixture.hpp"

using namespace bambu2mqtt;
using test::CommandFixture;
using test::Denied;
using test::Sent;

namespace {

/// A full report of units with these ids and kinds (1 AMS, 2 AMS Lite, 3 AMS 2 Pro, 4 AMS HT), none of which
/// is active.
std::string units(const std::vector<std::pair<int, int>>& list) {
    Json ams = Json::array();
    std::uint32_t bits = 0;
    for (const auto& [id, kind] : list) {
        ams.push_back({{"id", std::to_string(id)},
                       {"info", std::to_string(kind)},
                       {"dry_time", 0},
                       {"tray", Json::array()}});
        bits |= id >= 128 ? 1U << (id - 124) : 1U << id;
    }
    return R"("gcode_state":"IDLE","ams":)" +
           Json{{"ams", ams}, {"ams_exist_bits", fmt::format("{:x}", bits)}, {"tray_now", "255"}}.dump();
}

std::string drying(int unit, int mode, int temp, int cooling, int hours, int humidity, bool rotate,
                   std::string_view filament) {
    return Json{{"print",
                 {{"command", "ams_filament_drying"},
                  {"ams_id", unit},
                  {"mode", mode},
                  {"filament", filament},
                  {"temp", temp},
                  {"cooling_temp", cooling},
                  {"duration", hours},
                  {"humidity", humidity},
                  {"rotate_tray", rotate},
                  {"close_power_conflict", false}}}}
        .dump();
}

constexpr std::string_view start = "turn_on_ams_dryer";
constexpr std::string_view stop = "turn_off_ams_dryer";

} // namespace

TEST_CASE("drying is started with all its fields and stopped with empty ones") {
    const CommandFixture subject(Model::h2d, units({{0, 3}}));
    subject.sends({{start, R"({"target_temp":55,"duration":8})", {drying(0, 1, 55, 45, 8, 0, false, "PLA")}},
                   {start,
                    R"({"target_temp":"64.6","duration":"24","target_humidity":20,"cooling_temp":40,
                      "rotate_tray":"on","ams_id":"ams_1","filament_type":"PETG"})",
                    {drying(0, 1, 65, 40, 24, 20, true, "PETG")}},
                   {stop, "", {drying(0, 0, 0, 45, 0, 0, false, "")}},
                   {stop, R"({"ams_id":0})", {drying(0, 0, 0, 45, 0, 0, false, "")}}});
    subject.denies({{start, R"({"target_temp":66,"duration":8})", Code::invalid_argument,
                     "from 45 to 65 °C for ams_1 (assumed, ams_id was left out)"},
                    {start, R"({"target_temp":44,"duration":8})", Code::invalid_argument, "from 45 to 85 °C"},
                    {start, R"({"target_temp":86,"duration":8})", Code::invalid_argument, "from 45 to 85 °C"},
                    {start, R"({"target_temp":55,"duration":0})", Code::invalid_argument, "from 1 to 24 h"},
                    {start, R"({"target_temp":55,"duration":25})", Code::invalid_argument, "from 1 to 24 h"},
                    {start, R"({"target_temp":55,"duration":1.5})", Code::invalid_argument, "a whole number"},
                    {start, R"({"duration":8})", Code::invalid_argument, "target_temp is missing"},
                    {start, R"({"target_temp":55})", Code::invalid_argument, "duration is missing"}});
}

TEST_CASE("an AMS HT dries at higher temperatures") {
    const CommandFixture subject(Model::h2d, units({{0, 3}, {128, 4}}));
    subject.sends({{start,
                    R"({"target_temp":85,"duration":1,"ams_id":128})",
                    {drying(128, 1, 85, 45, 1, 0, false, "PLA")}},
                   {stop, R"({"ams_id":"ams_ht_1"})", {drying(128, 0, 0, 45, 0, 0, false, "")}}});
    subject.denies(
        {{start, R"({"target_temp":66,"duration":1,"ams_id":0})", Code::invalid_argument, "65 °C"}});
}

TEST_CASE("without a unit the only dryer is used, else the active unit") {
    const CommandFixture beside(Model::x1c, units({{0, 1}, {1, 3}}));
    beside.sends({{stop, "", {drying(1, 0, 0, 45, 0, 0, false, "")}}});
    CommandFixture two(Model::h2s, units({{0, 3}, {1, 3}}));
    two.denies({{start, R"({"target_temp":55,"duration":8})", Code::invalid_argument, "ams_id is missing"},
                {stop, "", Code::invalid_argument, "ams_id is missing"}});
    two.partial(R"("ams":{"tray_now":"5"})");
    two.sends({{stop, "", {drying(1, 0, 0, 45, 0, 0, false, "")}}});
}

TEST_CASE("units without a dryer, and absent units, are refused") {
    const CommandFixture subject(Model::x1c, units({{0, 1}, {1, 3}}));
    const CommandFixture lite("a1");
    for (const auto command : {start, stop}) {
        const auto with = [&](std::string_view unit) {
            return fmt::format(R"({{{}"ams_id":{}}})",
                               command == start ? R"("target_temp":55,"duration":8,)" : "", unit);
        };
        subject.denies({{command, with("0"), Code::not_supported, "ams_1 has no dryer"},
                        {command, with("2"), Code::not_found, "no AMS with the id 2"},
                        {command, with("128"), Code::not_found, "no AMS with the id 128"},
                        {command, with("255"), Code::invalid_argument, "255, which is not an AMS"}});
        lite.denies({{command, with("0"), Code::not_supported, "has no dryer"}});
    }
}

TEST_CASE("a P1 refuses drying until its firmware reports the capability") {
    auto report = units({{0, 3}});
    const auto* const arguments = R"({"target_temp":55,"duration":8})";
    CommandFixture silent(Model::p1s, report);
    silent.denies({{start, arguments, Code::not_supported, "firmware ignores drying"}});
    CommandFixture other(Model::p1p, report + R"(,"fun2":"1F")");
    other.denies({{start, arguments, Code::not_supported, "firmware ignores drying"}});
    CommandFixture able(Model::p1s, report + R"(,"fun2":"20")");
    CHECK(able.plan(start, arguments).requests.size() == 1);
    CHECK(silent.plan(stop).requests.size() == 1);
    CHECK(CommandFixture(Model::p1s).plan(start, arguments).requests.size() == 1);
}

TEST_CASE("without a filament the first one in the unit is used") {
    CommandFixture subject(Model::h2d, units({{0, 3}, {128, 4}}));
    subject.partial(R"("ams":{"tray_exist_bits":"1000a","ams":[{"id":"0","tray":[
        {"id":"0","tray_type":"ABS"},{"id":"1","tray_type":"PETG","tray_info_idx":"GFG99"},{"id":"2"},
        {"id":"3","tray_type":"PA"}]},{"id":"128","tray":[{"id":"0","tray_type":"TPU"}]}]})");
    const auto dried = [&](std::string_view more) {
        const auto arguments = fmt::format(R"({{"target_temp":55,"duration":8,{}}})", more);
        return subject.plan(start, arguments).requests[0]["print"]["filament"];
    };
    CHECK(dried(R"("ams_id":0)") == "PETG"); // slot 0 is empty, whatever its fields contain
    CHECK(dried(R"("ams_id":128)") == "TPU");
    CHECK(dried(R"("ams_id":0,"filament_type":"PLA-CF")") == "PLA-CF");
}

TEST_CASE("reasons against drying that the unit reports are part of the refusal") {
    const auto* const arguments = R"({"target_temp":55,"duration":8,"ams_id":0})";
    CommandFixture subject(Model::h2d, units({{0, 3}, {128, 4}}));
    for (const auto& [reasons, says] :
         {std::pair{"[8]", "ams_1 cannot dry now: the AMS needs its own power adapter"},
          std::pair{"[0]", "ams_1 cannot dry now: the printer is busy with a task"},
          std::pair{"[3,1]", "filament is at the outlet of the AMS; there is not enough power"},
          std::pair{"[99]", "reason 99"}}) {
        subject.partial(fmt::format(R"("ams":{{"ams":[{{"id":"0","dry_sf_reason":{}}}]}})", reasons));
        subject.denies({{start, arguments, Code::conflict, says}});
        CHECK(subject.plan(start, R"({"target_temp":55,"duration":8,"ams_id":128})").requests.size() == 1);
        CHECK(subject.plan(stop, R"({"ams_id":0})").requests.size() == 1);
    }
    for (const auto* const nothing : {"[]", "null", "\"8\"", "[\"x\"]"}) {
        subject.partial(fmt::format(R"("ams":{{"ams":[{{"id":"0","dry_sf_reason":{}}}]}})", nothing));
        CHECK(subject.plan(start, arguments).requests.size() == 1);
    }
}

TEST_CASE("drying is confirmed by the remaining time") {
    CommandFixture subject(Model::h2d, units({{0, 3}, {128, 4}}));
    const auto* const arguments = R"({"target_temp":55,"duration":8,"ams_id":128})";
    CHECK_FALSE(subject.confirms(start, arguments));
    CHECK(subject.confirms(stop, R"({"ams_id":128})"));
    subject.partial(R"("ams":{"ams":[{"id":"128","dry_time":480}]})");
    CHECK(subject.confirms(start, arguments));
    CHECK_FALSE(subject.confirms(stop, R"({"ams_id":128})"));
    CHECK_FALSE(subject.confirms(start, R"({"target_temp":55,"duration":8,"ams_id":0})"));
    CHECK_FALSE(subject.confirms(start, R"({"target_temp":55,"duration":8,"ams_id":1})"));
}
