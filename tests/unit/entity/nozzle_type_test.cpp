// Nozzle types: codes and plain words.
#include <bambu2mqtt/entity/nozzle_type.hpp>

#include <doctest/doctest.h>

#include <string>

namespace bambu2mqtt {

TEST_CASE("plain words, in any case") {
    for (const auto word : nozzle_types) {
        CHECK(nozzle_type(word) == word);
    }
    CHECK(nozzle_type("E3D") == "e3d");
    CHECK(nozzle_type("Hardened_Steel") == "hardened_steel");
}

TEST_CASE("codes: flow in the second character, material in the third and fourth") {
    CHECK(nozzle_type("HS00") == "stainless_steel");
    CHECK(nozzle_type("HS01") == "hardened_steel");
    CHECK(nozzle_type("HX01") == "hardened_steel");
    CHECK(nozzle_type("HA00") == "stainless_steel");
    CHECK(nozzle_type("HS05") == "tungsten_carbide");
    CHECK(nozzle_type("HH00") == "high_flow_stainless_steel");
    CHECK(nozzle_type("HH01") == "high_flow_hardened_steel");
    CHECK(nozzle_type("HE05") == "high_flow_tungsten_carbide");
    CHECK(nozzle_type("HU00") == "tpu_high_flow");
    CHECK(nozzle_type("HU99") == "tpu_high_flow");
    CHECK(nozzle_type("HS01-0.4") == "hardened_steel");
}

TEST_CASE("an empty or short type and an unknown material give None") {
    for (const char* const text :
         {"", "H", "HS", "HS0", "HS02", "HH99", "XS01", "HS010", "HS01_0.4", "unknown", "null"}) {
        INFO(text);
        CHECK(nozzle_type(text).empty());
    }
}

} // namespace bambu2mqtt
