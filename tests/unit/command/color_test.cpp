#include "command/color.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace bambu2mqtt;

TEST_CASE("colours are read from hexadecimal digits, with or without alpha and #") {
    CHECK(printer_color("FF6A13") == "FF6A13FF");
    CHECK(printer_color("#ff6a13") == "FF6A13FF");
    CHECK(printer_color("ff6a1380") == "FF6A1380");
    CHECK(printer_color("#FF6A1300") == "FF6A1300");
    CHECK(printer_color("000000") == "000000FF");
}

TEST_CASE("colours are read from names in any case") {
    struct Named {
        std::string_view name{};
        std::string_view color{};
    };

    for (const auto& row :
         std::array{Named{"aliceblue", "F0F8FFFF"}, Named{"Red", "FF0000FF"}, Named{"ORANGE", "FFA500FF"},
                    Named{"rebeccapurple", "663399FF"}, Named{"grey", "808080FF"}, Named{"gray", "808080FF"},
                    Named{"white", "FFFFFFFF"}, Named{"black", "000000FF"}, Named{"YellowGreen", "9ACD32FF"},
                    Named{"lightgoldenrodyellow", "FAFAD2FF"}}) {
        INFO("name: ", std::string{row.name});
        CHECK(printer_color(row.name) == row.color);
    }
}

TEST_CASE("anything else is not a colour") {
    for (const auto* const text : {"", "#", "red ", "reddish", "FF6A1", "FF6A133", "FF6A13FFF", "##FF6A13",
                                   "0xFF6A", "GG6A13", "#red", "ff6a1g", "transparent", "1,2,3"}) {
        INFO("text: ", std::string{text});
        CHECK_FALSE(printer_color(text).has_value());
    }
}
