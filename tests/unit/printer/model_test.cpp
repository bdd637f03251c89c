// The models and the comparison of firmware versions.
#include <bambu2mqtt/printer/model.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace bambu2mqtt {

TEST_CASE("models are read in any case, with blanks and dashes, by code, name and product name") {
    for (const auto& [text, model] : {std::pair{"X1C", Model::x1c},
                                      {"x1c", Model::x1c},
                                      {"X1 Carbon", Model::x1c},
                                      {"X1-Carbon", Model::x1c},
                                      {"Bambu Lab X1-Carbon", Model::x1c},
                                      {"A1 mini", Model::a1mini},
                                      {"a1mini", Model::a1mini},
                                      {"H2D Pro", Model::h2dpro},
                                      {"h2dpro", Model::h2dpro},
                                      {"H2D", Model::h2d},
                                      {"A1", Model::a1},
                                      {"p2s", Model::p2s},
                                      {"X1E", Model::x1e},
                                      {"H2C", Model::h2c},
                                      {"X2D", Model::x2d},
                                      {"A2L", Model::a2l}}) {
        const std::string at{text};
        INFO(at);
        CHECK(parse_model(text) == model);
    }
    for (const char* const text : {"", "Bambu Lab", "X1D", "unknown", "X1C2", "printer"}) {
        INFO(text);
        CHECK(parse_model(text) == std::nullopt);
    }
}

TEST_CASE("every model's names lead back to it, and no serial prefix is used twice") {
    CHECK(models().size() == 14);
    std::set<std::string_view> prefixes;
    for (const auto& row : models()) {
        CHECK(parse_model(row.code) == row.model);
        CHECK(parse_model(row.name) == row.model);
        CHECK(parse_model(row.product_name) == row.model);
        CHECK(&traits(row.model) == &row);
        CHECK(row.serial_prefix.size() == 3);
        CHECK(prefixes.insert(row.serial_prefix).second);
        CHECK(model_of_serial(std::string{row.serial_prefix} + "09A000000000") == row.model);
        CHECK(row.family != Family::unknown);
    }
}

TEST_CASE("serial prefixes of the vendor's model list") {
    for (const auto& [serial, model] : {std::pair{"00M09A", Model::x1c},
                                        {"00W00A", Model::x1},
                                        {"03W00A", Model::x1e},
                                        {"01S00A", Model::p1p},
                                        {"01P00A", Model::p1s},
                                        {"030000", Model::a1mini},
                                        {"039000", Model::a1},
                                        {"22E000", Model::p2s},
                                        {"093000", Model::h2s},
                                        {"094000", Model::h2d},
                                        {"239000", Model::h2dpro},
                                        {"31B000", Model::h2c},
                                        {"20P000", Model::x2d},
                                        {"26A000", Model::a2l},
                                        {"999000", Model::unknown},
                                        {"", Model::unknown},
                                        {"0", Model::unknown}}) {
        const std::string at{serial};
        INFO(at);
        CHECK(model_of_serial(serial) == model);
    }
}

TEST_CASE("an unknown model has no capability") {
    const auto& none = traits(Model::unknown);
    CHECK_FALSE(none.two_nozzles);
    CHECK_FALSE(none.aux_fan);
    CHECK_FALSE(none.chamber_fan);
    CHECK_FALSE(none.chamber_sensor);
    CHECK_FALSE(none.chamber_heater);
    CHECK(none.door_since.empty());
    CHECK(none.family == Family::unknown);
}

TEST_CASE("capabilities of the models match the capability matrix") {
    for (const auto model : {Model::h2d, Model::h2dpro, Model::h2c, Model::x2d}) {
        CHECK(traits(model).two_nozzles);
    }
    for (const auto model : {Model::h2s, Model::p2s, Model::a2l, Model::x1c}) {
        CHECK_FALSE(traits(model).two_nozzles);
    }
    for (const auto model : {Model::a1, Model::a1mini, Model::a2l, Model::p1p, Model::p1s}) {
        CHECK_FALSE(traits(model).chamber_sensor);
        CHECK(traits(model).door_since.empty());
        CHECK_FALSE(traits(model).airduct);
    }
    for (const auto model :
         {Model::p2s, Model::x1, Model::x1c, Model::x1e, Model::h2s, Model::h2d, Model::x2d}) {
        CHECK(traits(model).chamber_sensor);
        CHECK_FALSE(traits(model).door_since.empty());
    }
    CHECK(traits(Model::x1e).chamber_heater);
    CHECK_FALSE(traits(Model::x1c).chamber_heater);
    CHECK_FALSE(traits(Model::p2s).chamber_heater);
    CHECK(traits(Model::x1e).nozzle_max == 320);
    CHECK(traits(Model::x1e).chamber_max == 60);
    CHECK(traits(Model::h2d).nozzle_max == 350);
    CHECK(traits(Model::p1s).nozzle_max == 300);
    CHECK(traits(Model::h2s).buzzer);
    CHECK_FALSE(traits(Model::x2d).buzzer);
    CHECK_FALSE(traits(Model::x2d).heatbed_light);
}

TEST_CASE("firmware versions are compared numerically, part by part") {
    CHECK(firmware_at_least("01.07.00.00", "01.07.00.00"));
    CHECK(firmware_at_least("01.10.00.00", "01.9.00.00"));
    CHECK(firmware_at_least("02.00.00.00", "01.99.99.99"));
    CHECK(firmware_at_least("01.06.10.33", "01.06.10.33"));
    CHECK_FALSE(firmware_at_least("01.06.10.32", "01.06.10.33"));
    CHECK_FALSE(firmware_at_least("01.06", "01.06.00.01"));
    CHECK(firmware_at_least("01.07", "01.06.00.01"));
}

TEST_CASE("a missing version or minimum gives false") {
    CHECK_FALSE(firmware_at_least("", "01.00.00.00"));
    CHECK_FALSE(firmware_at_least("01.00.00.00", ""));
    CHECK_FALSE(firmware_at_least("", ""));
    CHECK(firmware_at_least("", "0"));
    CHECK_FALSE(firmware_at_least("beta", "00.00.00.01"));
}

TEST_CASE("X1Plus 99.x counts as 01.08.02.00") {
    CHECK(firmware_at_least("99.00.00.00", "01.08.02.00"));
    CHECK_FALSE(firmware_at_least("99.00.00.00", "01.08.02.01"));
    CHECK_FALSE(firmware_at_least("99.01.00.00", "01.09.00.00"));
}

} // namespace bambu2mqtt
