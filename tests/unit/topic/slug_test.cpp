#include <bambu2mqtt/topic/slug.hpp>

#include <doctest/doctest.h>

using namespace bambu2mqtt;

TEST_CASE("slugs have lower-case letters, digits and single underscores") {
    CHECK(entity_slug("Workshop P1S") == "workshop_p1s");
    CHECK(entity_slug("shop-p1s_bed") == "shop_p1s_bed");
    CHECK(entity_slug("__a  b__") == "a_b");
    CHECK(entity_slug("") == "");
    CHECK(entity_slug(" - ") == "");
}

TEST_CASE("letters become their ASCII base") {
    CHECK(entity_slug("Büro ÄÖÜ ß") == "buro_aou_ss");
    CHECK(entity_slug("Škoda Łódź Ænes Øre þing") == "skoda_lodz_aenes_ore_thing");
    CHECK(entity_slug("Xưởng Đà Nẵng ǅ ẞ") == "xuong_da_nang_dz_ss");
    CHECK(entity_slug("ÿĀſȳẟỿ") == "yasy"); // the first and last of each table, and letters without a base
    CHECK(entity_slug("Bu\xcc\x88ro") == "buro"); // a base letter with a combining accent
}

TEST_CASE("letters without a base become separators, and broken UTF-8 does no harm") {
    CHECK(entity_slug("打印机") == "");
    CHECK(entity_slug("Werkstatt 打印机 1") == "werkstatt_1");
    CHECK(entity_slug("a\xff\xc3") == "a");
    CHECK(entity_slug("a\xc3z") == "a_z");
    CHECK(entity_slug("a\xf0\x9f\x96\xa8z") == "a_z");
}
