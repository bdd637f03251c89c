// Facts survive a restart, and a damaged file loses only what is damaged.
#include <bambu2mqtt/printer/facts.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace bambu2mqtt {

namespace {

Facts everything() {
    Facts facts;
    facts.serial = "094TEST";
    facts.model = Model::h2c;
    facts.firmware = "01.02.03.04";
    facts.hardware = "AP05";
    facts.complete = true;
    facts.features.set();
    facts.airduct_modes = 7;
    facts.units = {Unit{.id = 0,
                        .kind = UnitKind::ams_2_pro,
                        .serial = "A",
                        .firmware = "1",
                        .reports_humidity = true,
                        .reports_temperature = true,
                        .reports_drying = true},
                   Unit{.id = 16, .kind = UnitKind::ams_lite, .present = false, .absent_seconds = 77},
                   Unit{.id = 135, .kind = UnitKind::ams_ht}};
    return facts;
}

} // namespace

TEST_CASE("facts survive a round trip") {
    CHECK(facts_from_json(to_json(everything())) == everything());
    CHECK(facts_from_json(to_json(Facts{})) == Facts{});
    for (const auto& row : models()) {
        Facts facts;
        facts.model = row.model;
        CHECK(facts_from_json(to_json(facts)).model == row.model);
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(Feature::count_); ++i) {
        Facts facts;
        facts.features.set(i);
        CHECK(facts_from_json(Json::parse(to_json(facts).dump())) == facts);
    }
}

TEST_CASE("invalid text gives no facts") {
    for (const char* const text :
         {"null", "5", "[]", "\"x\"", "{}", "[[]]", "true", R"({"units":{},"features":5})",
          R"({"model":"X99","serial":5,"units":[null,5,[],{"id":"x"},{"id":4},{"id":-1},{"id":1e300}]})"}) {
        INFO(text);
        CHECK(facts_from_json(Json::parse(text)) == Facts{});
    }
}

TEST_CASE("a damaged field affects only that field") {
    const auto whole = to_json(everything());
    for (const auto& item : whole.items()) {
        for (const char* const text :
             {"null", "5", "\"x\"", "[]", "{}", "-1", "1e308", "9223372036854775808", "[[]]"}) {
            auto damaged = whole;
            damaged[item.key()] = Json::parse(text);
            const auto facts = facts_from_json(damaged);
            if (item.key() != "firmware") {
                CHECK(facts.firmware == "01.02.03.04");
            }
            if (item.key() != "units") {
                CHECK(facts.units == everything().units);
            }
            if (item.key() != "model") {
                CHECK(facts.model == Model::h2c);
            }
        }
    }
}

TEST_CASE("units that appear twice are kept once, ordered by id") {
    const auto facts = facts_from_json(
        Json::parse(R"({"units":[{"id":128},{"id":0,"kind":"ams"},{"id":0,"kind":"ams_ht"},{"id":"3"}]})"));
    REQUIRE(facts.units.size() == 3);
    CHECK(facts.units[0].id == 0);
    CHECK(facts.units[0].kind == UnitKind::ams);
    CHECK(facts.units[1].id == 3);
    CHECK(facts.units[2].id == 128);
}

TEST_CASE("an absence cannot be negative") {
    const auto facts = facts_from_json(Json::parse(R"({"units":[{"id":0,"absent_seconds":-5}]})"));
    REQUIRE(facts.units.size() == 1);
    CHECK(facts.units[0].absent_seconds == 0);
}

} // namespace bambu2mqtt
