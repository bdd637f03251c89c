// Foreign text in messages.
#include <bambu2mqtt/base/text_util.hpp>

#include <doctest/doctest.h>

#include <string>

namespace bambu2mqtt {

TEST_CASE("printable: control characters and bytes that are no UTF-8 become question marks") {
    CHECK(printable("a\x1b[31mb\x07\n", 80) == "a?[31mb??");
    CHECK(printable("a\xff\xc3", 80) == "a??");
    CHECK(printable("\xc2\x9b", 80) == "?"); // C1
    CHECK(printable("Süd 日本", 80) == "Süd 日本");
    CHECK(printable("", 80).empty());
}

TEST_CASE("printable: text is cut between characters, with dots or without") {
    CHECK(printable(std::string(80, 'x'), 80) == std::string(80, 'x'));
    CHECK(printable(std::string(81, 'x'), 80) == std::string(80, 'x') + "...");
    CHECK(printable(std::string(81, 'x'), 80, {.ellipsis = false}) == std::string(80, 'x'));
    CHECK(printable(std::string(63, 'x') + "ü", 64, {.ellipsis = false}) == std::string(63, 'x'));
}

TEST_CASE("printable: for ASCII alone every other byte is a question mark") {
    CHECK(printable("Süd", 80, {.ascii_only = true}) == "S??d");
    CHECK(sanitize_for_log("550 Süd: ftp://bblp:code@printer", 80, {.ascii_only = true}) ==
          "550 S??d: ftp://***@printer");
}

} // namespace bambu2mqtt
