// Values that printers write in more than one form, and invalid ones.
#include <bambu2mqtt/base/json_access.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <set>
#include <string>

namespace bambu2mqtt {

namespace {

constexpr std::array nonsense{"null", "[]", "{}", "[1]", "{\"a\":1}", "\"\"", "\"x\"", "\"12a\"", "\" \""};

} // namespace

TEST_CASE("numbers are read from numbers and from text") {
    CHECK(read::number(nullptr) == std::nullopt);
    for (const auto& [text, expected] : {std::pair{"25", 25.0},
                                         {"25.5", 25.5},
                                         {"\"27.0\"", 27.0},
                                         {"\" 8 \"", 8.0},
                                         {"\"-1\"", -1.0},
                                         {"\"+3\"", 3.0},
                                         {"-0.25", -0.25},
                                         {"\"1e2\"", 100.0}}) {
        const auto json = Json::parse(text);
        CHECK(read::number(&json) == expected);
    }
    for (const char* const text : nonsense) {
        const auto json = Json::parse(text);
        CHECK(read::number(&json) == std::nullopt);
    }
    for (const char* const text : {"\"nan\"", "\"inf\"", "\"-inf\"", "\"1e999\"", "true"}) {
        const auto json = Json::parse(text);
        CHECK(read::number(&json) == std::nullopt);
    }
    const Json infinite = std::numeric_limits<double>::infinity();
    CHECK(read::number(&infinite) == std::nullopt);
}

TEST_CASE("integers are read from 5, 5.0 and text; fractions and values out of range give nothing") {
    for (const char* const text : {"5", "5.0", "\"5\"", "\"5.0\""}) {
        const auto json = Json::parse(text);
        CHECK(read::integer(&json) == 5);
    }
    const auto lowest = Json::parse("-9223372036854775808");
    CHECK(read::integer(&lowest) == std::numeric_limits<std::int64_t>::min());
    for (const char* const text : {"5.5", "\"5.5\"", "9223372036854775808", "18446744073709551615", "1e308",
                                   "-1e308", "\"9223372036854775808\"", "true"}) {
        const auto json = Json::parse(text);
        INFO(text);
        CHECK(read::integer(&json) == std::nullopt);
    }
    const auto large = Json::parse("4503599627370497");
    CHECK(read::integer(&large) == 4503599627370497);
}

TEST_CASE("empty text counts as no text") {
    const Json text = "PLA";
    const Json empty = "";
    const Json number = 5;
    CHECK(read::text(&text) == "PLA");
    CHECK(read::text(&empty) == std::nullopt);
    CHECK(read::text(&number) == std::nullopt);
    CHECK(read::text(nullptr) == std::nullopt);
}

TEST_CASE("flags are read from booleans, words and numbers") {
    for (const auto& [text, expected] : {std::pair{"true", true},
                                         {"false", false},
                                         {"\"true\"", true},
                                         {"\"false\"", false},
                                         {"1", true},
                                         {"0", false},
                                         {"\"1\"", true},
                                         {"\"0\"", false},
                                         {"2", true}}) {
        const auto json = Json::parse(text);
        CHECK(read::flag(&json) == expected);
    }
    for (const char* const text : nonsense) {
        const auto json = Json::parse(text);
        CHECK(read::flag(&json) == std::nullopt);
    }
    CHECK(read::flag(nullptr) == std::nullopt);
}

TEST_CASE("hex words have any width; only the low 64 bits are used") {
    for (const auto& [text, expected] : {std::pair<const char*, std::uint64_t>{"\"f\"", 0xF},
                                         {"\"0\"", 0},
                                         {"\"E\"", 0xE},
                                         {"\"08\"", 8},
                                         {"\"10\"", 0x10},
                                         {"\"0x1F\"", 0x1F},
                                         {"\"60029FD1A3FF9CB7\"", 0x60029FD1A3FF9CB7},
                                         {"\"ffffffffffffffff\"", 0xFFFFFFFFFFFFFFFF},
                                         {"\"12340000000000000001\"", 1}}) {
        const auto json = Json::parse(text);
        const std::string at{text};
        INFO(at);
        CHECK(read::word(&json) == expected);
    }
    for (const char* const text :
         {"\"\"", "\"0x\"", "\"xyz\"", "\"-1\"", "\"1 2\"", "null", "[]", "{}", "1.5", "true"}) {
        const auto json = Json::parse(text);
        INFO(text);
        CHECK(read::word(&json) == std::nullopt);
    }
    const Json plain = 19;
    CHECK(read::word(&plain) == 19);
}

TEST_CASE("home_flag is a signed number that holds 32 bits") {
    const Json negative = -2147483392; // 0x80000100
    CHECK(read::signed_word(&negative) == 0x80000100ULL);
    const Json text = "-1";
    CHECK(read::signed_word(&text) == 0xFFFFFFFFULL);
    const Json positive = 0x590;
    CHECK(read::signed_word(&positive) == 0x590);
    const Json wrong = "home";
    CHECK(read::signed_word(&wrong) == std::nullopt);
}

TEST_CASE("bits of a word") {
    CHECK(read::bit(0x800000, 23));
    CHECK_FALSE(read::bit(0x800000, 22));
    CHECK(read::bit(0x8000000000000000, 63));
    CHECK_FALSE(read::bit(0xFFFFFFFFFFFFFFFF, 64));
    CHECK(read::bits(0x2103, 8, 4) == 1);
    CHECK(read::bits(0xFF00, 8, 8) == 0xFF);
}

TEST_CASE("JSON text is parsed up to a depth that is safe for the stack") {
    const auto nested = [](std::size_t levels) {
        return std::string(levels, '[') + std::string(levels, ']');
    };
    CHECK(read::json(nested(64)).has_value());
    CHECK_FALSE(read::json(nested(65)).has_value());
    CHECK_FALSE(read::json(nested(1'000'000)).has_value());
    CHECK_FALSE(read::json(std::string(1'000'000, '[')).has_value());
    const auto list = [](std::size_t values) {
        std::string text = "[0";
        for (std::size_t i = 1; i < values; ++i) {
            text += ",0";
        }
        return text + "]";
    };
    CHECK(read::json(list(99'000)).has_value());
    CHECK_FALSE(read::json(list(101'000)).has_value());
    CHECK(read::json('"' + std::string(200'000, ',') + '"').has_value());
    CHECK(read::json(R"({"a":[1,{"b":"[[[["}]})") == Json::parse(R"({"a":[1,{"b":"[[[["}]})"));
    const auto brackets_in_text = "\"" + std::string(100, '[') + "\\\"" + std::string(100, '{') + "\"";
    CHECK(read::json(brackets_in_text).has_value());
    CHECK(read::json("5") == Json(5));
    for (const auto* const text : {"", "{", "nul", "[1,]", "1 2", "1e999", "\"\xFF\""}) {
        INFO("text: ", std::string{text});
        CHECK_FALSE(read::json(text).has_value());
    }
}

TEST_CASE("json access: members and their texts, whatever the object is") {
    const Json object{{"name", "x"}, {"empty", ""}, {"number", 5}, {"inner", {{"name", "y"}}}};
    REQUIRE(read::member(&object, "number") != nullptr);
    CHECK(*read::member(&object, "number") == 5);
    CHECK(read::member(&object, "none") == nullptr);
    const Json* const no_object = nullptr;
    CHECK(read::member(no_object, "name") == nullptr);
    CHECK(read::member(read::member(&object, "number"), "name") == nullptr);
    CHECK(read::text_member(*read::member(&object, "inner"), "name") == "y");
    CHECK(read::text_member(object, "name") == "x");
    for (const auto* const key : {"empty", "number", "inner", "none"}) {
        CHECK(read::text_member(object, key).empty());
    }
    CHECK(read::text_member(Json::array({1, 2}), "name").empty());
    const OrderedJson ordered{{"name", "x"}};
    CHECK(read::text_member(ordered, "name") == "x");
    CHECK(read::member(&ordered, "none") == nullptr);
}

TEST_CASE("json access: the texts of a list") {
    const auto list = Json::array({"b", "a", "b", 5});
    CHECK(read::texts(&list) == std::set<std::string>{"", "a", "b"});
    const Json number = 5;
    CHECK(read::texts(&number).empty());
    CHECK(read::texts(nullptr).empty());
}

TEST_CASE("json access: text of a value never fails") {
    CHECK(json_text(Json{{"a", "\xff"}, {"b", 1}}) == "{\"a\":\"\xEF\xBF\xBD\",\"b\":1}");
    CHECK(json_text(OrderedJson{{"b", 1}, {"a", nullptr}}) == "{\"b\":1,\"a\":null}");
}

} // namespace bambu2mqtt
