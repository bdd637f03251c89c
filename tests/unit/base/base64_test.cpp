#include <bambu2mqtt/base/base64.hpp>

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace bambu2mqtt;

TEST_CASE("the examples of RFC 4648") {
    struct Pair {
        std::string_view bytes{};
        std::string_view text{};
    };

    for (const auto& pair :
         {Pair{"", ""}, Pair{"f", "Zg=="}, Pair{"fo", "Zm8="}, Pair{"foo", "Zm9v"}, Pair{"foob", "Zm9vYg=="},
          Pair{"fooba", "Zm9vYmE="}, Pair{"foobar", "Zm9vYmFy"}}) {
        CHECK(to_base64(pair.bytes) == pair.text);
        CHECK(from_base64(pair.text) == std::string{pair.bytes});
    }
    CHECK(to_base64(std::string_view{"\xFB\xFF\x00", 3}) == "+/8A");
    CHECK(from_base64("+/8A") == std::string("\xFB\xFF\x00", 3));
}

TEST_CASE("white space is skipped, and padding may be missing") {
    CHECK(from_base64("Zm9v\r\nYmFy\n") == "foobar");
    CHECK(from_base64(" Z g = = ") == "f");
    CHECK(from_base64("Zg") == "f");
    CHECK(from_base64("Zm8") == "fo");
    CHECK(from_base64("\t\n") == "");
}

TEST_CASE("invalid base64 gives nothing") {
    for (const auto* const text : {"Z", "Zm9vY", "Zg=", "Zg===", "Z===", "=", "====", "Zg==Zg==", "Zm9v=",
                                   "Zm_v", "Zm-v", "Zm9v!", "Zm9v\x01", "Zm\xC3\xA4"}) {
        INFO("text: ", std::string{text});
        CHECK_FALSE(from_base64(text).has_value());
    }
}

TEST_CASE("bytes of every length survive a round trip") {
    std::mt19937 random{1};
    for (std::size_t length = 0; length < 200; ++length) {
        std::string bytes;
        for (std::size_t i = 0; i < length; ++i) {
            bytes += static_cast<char>(random() & 0xFFU);
        }
        CHECK(from_base64(to_base64(bytes)) == bytes);
    }
}
