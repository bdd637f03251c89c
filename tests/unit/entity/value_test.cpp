// Format of values on the broker and in JSON.
#include <bambu2mqtt/entity/value.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace bambu2mqtt {

TEST_CASE("payloads: None, ON and OFF, plain decimals without trailing zeros") {
    CHECK(payload_of(not_known) == "None");
    CHECK(payload_of(true) == "ON");
    CHECK(payload_of(false) == "OFF");
    CHECK(payload_of(std::int64_t{0}) == "0");
    CHECK(payload_of(std::int64_t{-57}) == "-57");
    CHECK(payload_of(0.4) == "0.4");
    CHECK(payload_of(0.4000000059604645) == "0.4");
    CHECK(payload_of(27.0) == "27");
    CHECK(payload_of(100.0) == "100");
    CHECK(payload_of(26.25) == "26.25");
    CHECK(payload_of(0.0005) == "0.001");
    CHECK(payload_of(0.0001) == "0");
    CHECK(payload_of(-0.0001) == "0");
    CHECK(payload_of(-0.5) == "-0.5");
    CHECK(payload_of(1234567.0) == "1234567");
}

TEST_CASE("empty text and unknown values are None") {
    CHECK(payload_of(std::string{}) == "None");
    CHECK(payload_of(std::string{"PLA"}) == "PLA");
    CHECK(json_of(std::string{}) == nullptr);
    CHECK(json_of(not_known) == nullptr);
}

TEST_CASE("text over 255 characters is cut between characters") {
    const std::string exact(255, 'a');
    CHECK(payload_of(exact) == exact);
    CHECK(payload_of(exact + "b") == exact);
    std::string umlauts;
    for (int i = 0; i < 300; ++i) {
        umlauts += "\xC3\xBC";
    }
    CHECK(payload_of(umlauts) == umlauts.substr(0, 510));
    std::string rockets;
    for (int i = 0; i < 256; ++i) {
        rockets += "\xF0\x9F\x9A\x80";
    }
    CHECK(payload_of(rockets) == rockets.substr(0, 1020));
    CHECK(payload_of(umlauts.substr(0, 510)) == umlauts.substr(0, 510));
    CHECK(json_of(umlauts) == umlauts);
}

TEST_CASE("cutting text counts characters, not bytes") {
    CHECK(cut_text("abc", 2) == "ab");
    CHECK(cut_text("abc", 3) == "abc");
    CHECK(cut_text("abc", 0).empty());
    CHECK(cut_text("\xC3\xBC\xC3\xB6x", 1) == "\xC3\xBC");
    CHECK(cut_text("", 5).empty());
}

TEST_CASE("JSON has true and false, integers without fraction, three decimals") {
    CHECK(json_of(true) == true);
    CHECK(json_of(std::int64_t{5}).dump() == "5");
    CHECK(json_of(27.0).dump() == "27");
    CHECK(json_of(26.2).dump() == "26.2");
    CHECK(json_of(0.4000000059604645).dump() == "0.4");
    CHECK(json_of(std::string{"x"}).dump() == "\"x\"");
}

} // namespace bambu2mqtt
