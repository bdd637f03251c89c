#include <bambu2mqtt/printer/ams_id.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bambu2mqtt;

TEST_CASE("AMS ids: wire id, name, bits and numbers of the trays") {
    struct Row {
        int wire;
        const char* name;
        int trays;
        std::optional<unsigned> exist_bit;
        unsigned tray_exist_bit; ///< of its first tray
        int tray_number;         ///< of its first tray
    };

    for (const auto& row : std::vector<Row>{{0, "ams_1", 4, 0, 0, 0},
                                            {1, "ams_2", 4, 1, 4, 4},
                                            {3, "ams_4", 4, 3, 12, 12},
                                            {16, "ams_lite_1", 4, std::nullopt, 24, 64},
                                            {128, "ams_ht_1", 1, 4, 16, 128},
                                            {129, "ams_ht_2", 1, 5, 17, 129},
                                            {135, "ams_ht_8", 1, 11, 23, 135}}) {
        CAPTURE(row.wire);
        const auto id = AmsId::from_wire(row.wire);
        REQUIRE(id.has_value());
        CHECK(id->wire() == row.wire);
        CHECK(id->key() == std::to_string(row.wire));
        CHECK(id->name() == row.name);
        CHECK(AmsId::from_name(row.name) == id);
        CHECK(id->trays() == row.trays);
        CHECK(id->is_ht() == (row.trays == 1));
        CHECK(id->exist_bit() == row.exist_bit);
        for (int slot = 0; slot < row.trays; ++slot) {
            CHECK(id->tray_exist_bit(slot) == row.tray_exist_bit + static_cast<unsigned>(slot));
            CHECK(id->tray_number(slot) == row.tray_number + slot);
            const auto tray = numbered_tray(row.tray_number + slot);
            REQUIRE(tray.has_value());
            CHECK(tray->unit == *id);
            CHECK(tray->slot == slot);
        }
    }
}

TEST_CASE("AMS ids: numbers and names of no unit are none") {
    for (const int wire : {-1, 4, 15, 17, 127, 136, 254, 255, 256}) {
        CAPTURE(wire);
        CHECK_FALSE(AmsId::from_wire(wire).has_value());
    }
    for (const std::string name : {"", "ams", "ams_", "ams_0", "ams_5", "ams_1x", "ams_lite_2", "ams_ht_0",
                                   "ams_ht_9", "external_spool"}) {
        CAPTURE(name);
        CHECK_FALSE(AmsId::from_name(name).has_value());
    }
    for (const int number : {-1, 16, 24, 63, 68, 127, 136, 254, 255}) {
        CAPTURE(number);
        CHECK_FALSE(numbered_tray(number).has_value());
    }
}
