#include <bambu2mqtt/topic/printer_id.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace bambu2mqtt;

TEST_CASE("the default id is the model by the serial's prefix, and the last four digits") {
    CHECK(default_printer_id("01P00A000000003") == "p1s_0003");
    CHECK(default_printer_id("0309CA000000003") == "a1mini_0003");
    CHECK(default_printer_id("23900A00000010B") == "h2dpro_010b");
    CHECK(default_printer_id("01P00A000120003", 6) == "p1s_120003");
    CHECK(default_printer_id("01P00A00", 8) == "01p00a00");
}

TEST_CASE("a serial with an unknown prefix is its own default id") {
    CHECK(default_printer_id("99X00A000000003") == "99x00a000000003");
    CHECK(default_printer_id("99X00A000000003", 6) == "99x00a000000003");
    CHECK(default_printer_id("") == "");
    CHECK(former_default_printer_id("01P00A000000003") == "01p00a000000003");
}

TEST_CASE("ids are one topic level of lower-case letters, and not a reserved level") {
    for (const auto* const id : {"p1s_0003", "a", "-", "bridges", "0"}) {
        CAPTURE(id);
        CHECK(is_printer_id(id));
    }
    for (const auto* const id : {"", "bridge", "group", "response", "P1S", "a/b", "a+", "a b", "\xc3\xa4"}) {
        CAPTURE(id);
        CHECK_FALSE(is_printer_id(id));
    }
    CHECK(is_printer_id(std::string(64, 'a')));
    CHECK_FALSE(is_printer_id(std::string(65, 'a')));
}
