// print_error and HMS: two independent lists.
#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/entity/faults.hpp>

namespace bambu2mqtt::test {

namespace {

struct Trouble {
    std::string problem{};
    std::string code{};
};

Trouble after(std::string_view print_error) {
    FedPrinter printer;
    printer.full("\"print_error\":" + std::string{print_error});
    return Trouble{printer["print_error"], printer["print_error_code"]};
}

} // namespace

TEST_CASE("print errors of every module, also those with eight hexadecimal digits") {
    for (const auto& [number, code] : {std::pair<std::uint32_t, const char*>{0x03008003, "0300-8003"},
                                       {0x05004003, "0500-4003"},
                                       {0x07008011, "0700-8011"},
                                       {0x07FF8012, "07FF-8012"},
                                       {0x0C008001, "0C00-8001"},
                                       {0x12008001, "1200-8001"},
                                       {0x18008007, "1800-8007"},
                                       {0x10018001, "1001-8001"},
                                       {0xFFFFFFFF, "FFFF-FFFF"},
                                       {0x0500C011, "0500-C011"},
                                       {0x03004000, "0300-4000"}}) {
        const auto trouble = after(std::to_string(number));
        CHECK(trouble.code == code);
        CHECK(trouble.problem == "ON");
    }
}

TEST_CASE("a high module as a negative number or as text is the same code") {
    CHECK(after("-1").code == "FFFF-FFFF");
    CHECK(after("\"301989889\"").code == "1200-0001");
}

TEST_CASE("a low word under 4000 is a status, not a problem, but its code is shown") {
    for (const std::uint32_t number : {0x03000001U, 0x07003FFFU, 0x12000000U}) {
        const auto trouble = after(std::to_string(number));
        CHECK(trouble.problem == "OFF");
        CHECK(trouble.code != "None");
    }
    CHECK(after("0").problem == "OFF");
    CHECK(after("0").code == "None");
}

TEST_CASE("a job cancelled by the user is not a problem") {
    CHECK(after(std::to_string(0x0300400C)).problem == "OFF");
    CHECK(after(std::to_string(0x0300400C)).code == "0300-400C");
    CHECK(after(std::to_string(0x0500400E)).problem == "OFF");
    CHECK(after(std::to_string(0x0300400D)).problem == "ON");
}

TEST_CASE("invalid print errors are unknown") {
    for (const char* const text :
         {"4294967296", "9223372036854775808", "1e308", "1.5", "\"x\"", "[]", "{}", "null", "true"}) {
        INFO(text);
        CHECK(after(text).problem == "None");
        CHECK(after(text).code == "None");
    }
}

TEST_CASE("print_error attributes are null without an error") {
    FedPrinter printer;
    printer.full("\"print_error\":0");
    CHECK(printer.attribute("print_error", "code") == "null");
    CHECK(printer.attribute("print_error", "decimal") == "null");
    printer.partial("\"print_error\":83935249");
    CHECK(printer.attribute("print_error", "code") == "\"0500-C011\"");
    CHECK(printer.attribute("print_error", "decimal") == "83935249");
    CHECK(printer.attribute("print_error", "url") == "\"https://e.bambulab.com/?e=0500C011\"");
}

TEST_CASE(
    "HMS: code from both words, severity from the high half of code, module from the top byte of attr") {
    FedPrinter printer;
    printer.full(
        R"("hms":[{"attr":50331904,"code":65543},{"attr":117441280,"code":131075},{"attr":134218752,"code":196609},
        {"attr":201326848,"code":262145},{"attr":83887360,"code":65538},{"attr":301989888,"code":131073},{"attr":402653184,"code":131073},
        {"attr":4278190080,"code":458753}])");
    const auto entries = OrderedJson::parse(printer.attribute("hms", "codes"));
    REQUIRE(entries.size() == 8);
    const auto entry = [&](std::size_t i) {
        return entries[i]["code"].get<std::string>() + " " + entries[i]["severity"].dump() + " " +
               entries[i]["module"].dump();
    };
    CHECK(entry(0) == "0300-0100-0001-0007 \"fatal\" \"motion_controller\"");
    CHECK(entry(1) == "0700-0300-0002-0003 \"serious\" \"ams\"");
    CHECK(entry(2) == "0800-0400-0003-0001 \"common\" \"toolhead\"");
    CHECK(entry(3) == "0C00-0100-0004-0001 \"info\" \"xcam\"");
    CHECK(entry(4) == "0500-0500-0001-0002 \"fatal\" \"mainboard\"");
    CHECK(entry(5) == "1200-0000-0002-0001 \"serious\" \"ams\"");
    CHECK(entry(6) == "1800-0000-0002-0001 \"serious\" \"ams_ht\"");
    CHECK(entry(7) == "FF00-0000-0007-0001 null null");
    CHECK(entries[0]["url"] == "https://e.bambulab.com/?e=0300010000010007");
    CHECK(printer["hms"] == "ON");
    CHECK(printer["hms_count"] == "8");
    CHECK(printer.attribute("hms", "count") == "8");
}

TEST_CASE("HMS messages without a text are only in the attributes; unknown ones are shown") {
    FedPrinter printer;
    printer.full("\"hms\":[]");
    printer.partial(R"("hms":[{"attr":83887616,"code":131184}])");
    printer.check({{"hms", "OFF"}, {"hms_count", "0"}});
    CHECK(printer.attribute("hms", "count") == "0");
    CHECK(printer.attribute("hms", "codes") == "[]");
    CHECK(printer.attribute("hms", "without_text") == R"(["0500-0600-0002-0070"])");

    // One without a text, one with, and one that is in no table.
    printer.partial(
        R"("hms":[{"attr":83887616,"code":131184},{"attr":50331904,"code":65543},{"attr":99,"code":65536}])");
    printer.check({{"hms", "ON"}, {"hms_count", "2"}});
    const auto codes = OrderedJson::parse(printer.attribute("hms", "codes"));
    REQUIRE(codes.size() == 2);
    CHECK(codes[0]["code"] == "0300-0100-0001-0007");
    CHECK(codes[1]["code"] == "0000-0063-0001-0000");
}

TEST_CASE("a print_error without a text is only in the attributes; an unknown one is shown") {
    FedPrinter printer;
    for (const std::uint32_t code : {0x05008030U, 0x05024007U, 0x0502400CU, 0x0C008002U}) {
        printer.full("\"print_error\":" + std::to_string(code));
        CHECK(printer["print_error"] == "OFF");
        CHECK(printer.attribute("print_error", "codes") == "[]");
        CHECK(printer.attribute("print_error", "without_text") == "[\"" + shown_code(code) + "\"]");
    }
    printer.full("\"print_error\":" + std::to_string(0x0500C011U));
    CHECK(printer["print_error"] == "ON");
    CHECK(printer.attribute("print_error", "without_text") == "[]");
    CHECK(
        printer.attribute("print_error", "codes") ==
        R"([{"code":"0500-C011","severity":"info","module":"mainboard","text":"The storage has become slow, )"
        R"(which may disturb prints and recordings. Format or replace it.",)"
        R"("url":"https://e.bambulab.com/?e=0500C011"}])");
    printer.full("\"print_error\":" + std::to_string(0x6F6F7F7FU));
    CHECK(printer["print_error"] == "ON");
    printer.full("\"print_error\":" + std::to_string(0x0300400CU));
    CHECK(printer.attribute("print_error", "codes") == "[]");
    CHECK(printer.attribute("print_error", "without_text") == "[]");
}

TEST_CASE("invalid HMS entries are left out, the others stay") {
    FedPrinter printer;
    printer.full(
        R"("hms":[{"attr":"x","code":1},{"code":1},5,null,[],{"attr":1e308,"code":1},{"attr":4294967296,"code":1},
        {"attr":50331904,"code":65543,"ts_unix":5}])");
    CHECK(printer["hms_count"] == "1");
}

TEST_CASE(
    "an HMS list is replaced, cleared by an empty one, kept by a missing one; unknown before the first") {
    FedPrinter printer;
    printer.full("\"print_error\":0");
    CHECK(printer["hms"] == "None");
    CHECK(printer["hms_count"] == "None");
    printer.partial(R"("hms":[{"attr":50331904,"code":65543}])");
    CHECK(printer["hms"] == "ON");
    printer.full("\"print_error\":117473297");
    CHECK(printer["hms_count"] == "1");
    printer.partial("\"print_error\":0");
    CHECK(printer["hms"] == "ON");
    printer.partial("\"hms\":[]");
    CHECK(printer["hms"] == "OFF");
    CHECK(printer["hms_count"] == "0");
}

} // namespace bambu2mqtt::test
