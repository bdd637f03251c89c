#include "unit/command/refusal_of.hpp"
#include <bambu2mqtt/command/argument.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

using namespace bambu2mqtt;
using test::refusal_of;

namespace {

constexpr std::array levels{Word{"low", 0}, Word{"Medium", 1}, Word{"never_halt", 3}};

/// One argument of each kind, all named "x".
constexpr Argument boolean{.name = "x", .kind = Kind::boolean};
constexpr Argument integer{.name = "x", .kind = Kind::integer, .min = -1, .max = 24, .unit = "h"};
constexpr Argument rounded{.name = "x", .kind = Kind::rounded, .min = 0, .max = 100, .unit = "%"};
constexpr Argument number_argument{.name = "x", .kind = Kind::number, .min = 0.2, .max = 0.8, .unit = "mm"};
constexpr Argument text{.name = "x", .shortest = 1, .longest = 4};
constexpr Argument lines{.name = "x", .kind = Kind::lines, .longest = 8};
constexpr Argument word{.name = "x", .kind = Kind::word, .words = levels};
constexpr Argument unit{.name = "x", .kind = Kind::unit};
constexpr Argument integers{.name = "x", .kind = Kind::integers, .min = -1, .max = 255, .longest = 3};
constexpr Argument object{.name = "x", .kind = Kind::object};

struct Good {
    std::string_view given{};
    std::string_view checked{};
};

expected<Json, Refusal> check(const Argument& argument, std::string_view given) {
    return check_arguments(std::span{&argument, 1}, Json{{"x", Json::parse(given)}});
}

void takes(const Argument& argument, const std::vector<Good>& rows) {
    for (const auto& row : rows) {
        INFO("given: ", std::string{row.given});
        const auto checked = check(argument, row.given);
        REQUIRE(checked.has_value());
        CHECK((*checked)["x"].dump() == Json::parse(row.checked).dump());
    }
}

void refuses(const Argument& argument, const std::vector<std::string_view>& values) {
    for (const auto value : values) {
        INFO("given: ", std::string{value});
        const auto checked = check(argument, value);
        const auto* const refusal = refusal_of(checked);
        REQUIRE(refusal != nullptr);
        CHECK(refusal->code == Code::invalid_argument);
        CHECK(refusal->message.starts_with("x is "));
        CHECK(refusal->message.ends_with(", expected " + expectation(argument)));
    }
}

std::string message_of(std::span<const Argument> arguments, std::string_view given) {
    const auto checked = check_arguments(arguments, Json::parse(given));
    const auto* const refusal = refusal_of(checked);
    REQUIRE(refusal != nullptr);
    CHECK(refusal->code == Code::invalid_argument);
    return refusal->message;
}

} // namespace

TEST_CASE("booleans are read from true and false, words in any case, and 1 and 0") {
    takes(boolean, {{"true", "true"},
                    {"false", "false"},
                    {R"("true")", "true"},
                    {R"("True")", "true"},
                    {R"("FALSE")", "false"},
                    {R"("on")", "true"},
                    {R"("OFF")", "false"},
                    {"1", "true"},
                    {"0", "false"},
                    {"1.0", "true"},
                    {R"("1")", "true"},
                    {R"("0")", "false"}});
    refuses(boolean, {"2", "-1", "0.5", R"("")", R"("yes")", R"("2")", "[]", "{}", "[true]"});
    CHECK(expectation(boolean) == "true or false");
}

TEST_CASE("integers are read from numbers and text, and have no fraction") {
    takes(integer, {{"5", "5"},
                    {"5.0", "5"},
                    {R"("5")", "5"},
                    {R"("5.0")", "5"},
                    {R"(" 24 ")", "24"},
                    {"-1", "-1"},
                    {"1e1", "10"}});
    refuses(integer, {"25", "-2", "5.5", R"("5.5")", R"("")", R"("five")", R"("5 h")", "true", "[5]", "{}",
                      "1e300", "-1e300"});
    CHECK(expectation(integer) == "a whole number from -1 to 24 h");
}

TEST_CASE("degrees and per cent are rounded; values outside the bounds stay outside") {
    takes(rounded, {{"50", "50"},
                    {"49.5", "50"},
                    {"49.4", "49"},
                    {R"("49.5")", "50"},
                    {"0.4", "0"},
                    {"0", "0"},
                    {"100", "100"}});
    refuses(rounded, {"100.1", "-0.1", "1e300", "true", R"("hot")", "[1]"});
    CHECK(expectation(rounded) == "a number from 0 to 100 %");
}

TEST_CASE("numbers keep their fraction") {
    takes(number_argument, {{"0.4", "0.4"}, {R"("0.6")", "0.6"}, {"0.2", "0.2"}, {"0.8", "0.8"}});
    refuses(number_argument, {"0.19", "0.81", "1", "-0.4", R"("0,4")", R"("NaN")", R"("inf")", "true"});
    CHECK(expectation(number_argument) == "a number from 0.2 to 0.8 mm");
}

TEST_CASE("text is counted in characters and has no control characters") {
    takes(text, {{R"("abcd")", R"("abcd")"},
                 {R"("äöüß")", R"("äöüß")"},
                 {R"("日本語学")", R"("日本語学")"},
                 {"1234", R"("1234")"},
                 {"1.5", R"("1.5")"},
                 {R"(" ")", R"(" ")"}});
    refuses(text, {R"("")", R"("abcde")", R"("äöüßä")", R"("a\nb")", R"("a\u0000")", R"("a\u007f")", "true",
                   "[]", "{}", "12345"});
    CHECK(expectation(text) == "a text of 1 to 4 characters without control characters");
    CHECK(expectation(Argument{.name = "x", .longest = 9}) ==
          "a text of at most 9 characters without control characters");
}

TEST_CASE("multi-line text may have line ends and tabs, and no other control characters") {
    takes(lines, {{R"("G28\nG0")", R"("G28\nG0")"}, {R"("\t\r\n")", R"("\t\r\n")"}, {R"("")", R"("")"}});
    refuses(lines, {R"("a\u0000")", R"("\u001b[1m")", R"("123456789")", "true"});
    CHECK(expectation(lines) == "a text of at most 8 characters");
}

TEST_CASE("words are matched in any case, with blanks and dashes, and by number") {
    takes(word, {{R"("low")", R"("low")"},
                 {R"("LOW")", R"("low")"},
                 {R"("medium")", R"("Medium")"},
                 {R"("Never Halt")", R"("never_halt")"},
                 {R"("never-halt")", R"("never_halt")"},
                 {"0", R"("low")"},
                 {R"("1")", R"("Medium")"},
                 {"3.0", R"("never_halt")"}});
    refuses(word, {"2", "-1", "0.5", R"("")", R"("lowest")", "true", "[0]"});
    CHECK(expectation(word) == R"("low", "Medium" or "never_halt")");
    CHECK(number_of(levels, "never_halt") == 3);
    CHECK(number_of(levels, "nothing") == 0);
}

TEST_CASE("units are given by their wire id or their public name") {
    takes(unit, {{"0", "0"},
                 {"3", "3"},
                 {"16", "16"},
                 {"128", "128"},
                 {"135", "135"},
                 {"254", "254"},
                 {R"("255")", "255"},
                 {R"("ams_1")", "0"},
                 {R"("AMS_4")", "3"},
                 {R"("ams_lite_1")", "16"},
                 {R"("ams_ht_1")", "128"},
                 {R"("ams_ht_8")", "135"}});
    refuses(unit, {"4", "15", "17", "127", "136", "253", "256", "-1", "0.5", R"("ams_0")", R"("ams_5")",
                   R"("ams_")", R"("ams_lite_2")", R"("ams_ht_9")", R"("ams_ht_")", R"("external_spool")",
                   R"("")", "true", "[0]"});
    CHECK(expectation(unit) == "an AMS unit: 0 to 3, 16, 128 to 135, 254, 255, or its name like \"ams_1\"");
}

TEST_CASE("lists of numbers are read from lists, text, and a single number") {
    takes(integers, {{"[1,2]", "[1,2]"},
                     {R"(["1",2.0])", "[1,2]"},
                     {R"("[1, 2]")", "[1,2]"},
                     {R"("1,2")", "[1,2]"},
                     {R"("7")", "[7]"},
                     {"7", "[7]"},
                     {R"("")", "[]"},
                     {"[]", "[]"},
                     {"[-1,255]", "[-1,255]"}});
    refuses(integers, {"[256]", "[-2]", "[1.5]", "[1,2,3,4]", R"("1;2")", R"("[1,2")", R"("one")", "[[1]]",
                       R"("[[1]]")", "[true]", "true", "{}", R"("{}")"});
    CHECK(expectation(integers) == "a list of at most 3 whole numbers from -1 to 255");
    CHECK(expectation(Argument{.kind = Kind::integers, .min = 0, .max = 9, .shortest = 1, .longest = 2}) ==
          "a list of 1 to 2 whole numbers from 0 to 9");
    const auto deep = Json("[" + std::string(100'000, '[') + std::string(100'000, ']') + "]");
    refuses(integers, {deep.dump()});
}

TEST_CASE("objects are read from objects and text") {
    takes(object, {{R"({"a":1})", R"({"a":1})"}, {R"("{\"a\": 1}")", R"({"a":1})"}, {"{}", "{}"}});
    refuses(object, {"[]", R"("[]")", R"("{")", R"("")", "5", "true"});
    CHECK(expectation(object) == "a JSON object");
}

TEST_CASE("an argument that is omitted or null has its default or is absent") {
    constexpr std::array arguments{
        Argument{.name = "always", .kind = Kind::integer, .fallback = "7", .min = 0, .max = 9},
        Argument{.name = "maybe", .kind = Kind::integer, .min = 0, .max = 9}};
    for (const auto* const given : {"{}", R"({"always":null,"maybe":null})"}) {
        const auto checked = check_arguments(arguments, Json::parse(given));
        REQUIRE(checked.has_value());
        CHECK(*checked == Json{{"always", 7}});
    }
    const auto both = check_arguments(arguments, Json::parse(R"({"maybe":"1","always":2})"));
    CHECK(*both == Json{{"always", 2}, {"maybe", 1}});
}

TEST_CASE("missing and unknown arguments, and arguments that are not an object, are refused by name") {
    constexpr std::array arguments{Argument{.name = "target_temp",
                                            .kind = Kind::rounded,
                                            .required = true,
                                            .min = 45,
                                            .max = 85,
                                            .unit = "°C"},
                                   Argument{.name = "duration", .kind = Kind::integer, .min = 1, .max = 24}};
    CHECK(message_of(arguments, "{}") == "target_temp is missing, expected a number from 45 to 85 °C");
    CHECK(message_of(arguments, R"({"target_temp":null})") ==
          "target_temp is missing, expected a number from 45 to 85 °C");
    CHECK(message_of(arguments, R"({"target_temp":45,"Duration":1})") ==
          R"(unknown argument "Duration", did you mean "duration"?)");
    CHECK(message_of(arguments, R"({"taget_temp":45})") ==
          R"(unknown argument "taget_temp", did you mean "target_temp"?)");
    CHECK(message_of(arguments, R"({"q\u001b":45})") ==
          R"(unknown argument "q?", expected "target_temp" or "duration")");
    CHECK(message_of({}, R"({"level":1})") == R"(unknown argument "level", none is expected)");
    for (const auto* const no_object : {"null", "5", "[]", R"("x")", "true"}) {
        CHECK(message_of(arguments, no_object) == "the arguments are not a JSON object");
    }
}

TEST_CASE("a wrong value is quoted in one short line") {
    const auto message = message_of(std::span{&word, 1}, Json{{"x", std::string(500, 'a')}}.dump());
    CHECK(message.size() < 200);
    CHECK(message_of(std::span{&word, 1}, R"({"x":"http://me:secret@host/"})").find("secret") ==
          std::string::npos);
}
