// Sanitizing of foreign text.
#include <bambu2mqtt/base/utf8.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace std::string_literals;

namespace bambu2mqtt {

TEST_CASE("sanitized text has no control characters and no invalid UTF-8") {
    CHECK(clean_text("Benchy", 256) == "Benchy");
    CHECK(clean_text("a\0b\x1B[31mc\x7F\n"s, 256) == "ab[31mc");
    CHECK(clean_text("x\xC2\x85y\xC2\xA0z", 256) == "xy\xC2\xA0z");
    CHECK(clean_text("x\xFFy\xC3", 256) == "xy");
    CHECK(clean_text("", 256).empty());
}

TEST_CASE("sanitized text is cut between characters") {
    CHECK(clean_text("abcd", 4) == "abcd");
    CHECK(clean_text("abcde", 4) == "abcd");
    CHECK(clean_text("abc\xC3\xBC", 4) == "abc");
    CHECK(clean_text("ab\xE2\x82\xAC", 4) == "ab");
    CHECK(clean_text("a\nb\nc\nd\ne", 4) == "abcd");
}

} // namespace bambu2mqtt
