// Texts from a printer are limited and free of control characters, in every field.
#include "unit/state/fed_printer.hpp"
#include <bambu2mqtt/base/utf8.hpp>
#include <bambu2mqtt/printer/text.hpp>

namespace bambu2mqtt::test {

TEST_CASE("a firmware version of 50 kB with control characters is shown and stored shortened") {
    FedPrinter printer;
    printer.feed(
        R"({"info":{"command":"get_version","module":[{"name":"ota","sn":"S","sw_ver":"01.0\u0000\u001b)" +
        std::string(50'000, '9') + R"("},{"name":"ams/0","sn":")" + std::string(5'000, 'A') +
        R"(","sw_ver":"00.00.06.40"}]}})");
    printer.full("\"mc_percent\":1");
    const auto shown = printer["firmware"];
    CHECK(shown.starts_with("01.099"));
    CHECK(shown.size() <= longest_text);
    CHECK(to_json(printer.printer().facts()).dump().size() < 2'000);

    auto saved = to_json(printer.printer().facts());
    saved["firmware"] = "01.0\x01" + std::string(50'000, '9');
    CHECK(facts_from_json(saved).firmware.size() == longest_text);
    CHECK_FALSE(has_control_character(facts_from_json(saved).firmware));
}

TEST_CASE("a list of modules is limited in length") {
    FedPrinter printer;
    std::string modules = R"({"name":"ota","sn":"S","sw_ver":"01.00"})";
    for (int i = 0; i < 100'000; ++i) {
        modules += R"(,{})";
    }
    printer.feed(R"({"info":{"command":"get_version","module":[)" + modules + "]}}");
    printer.full("\"mc_percent\":1");
    CHECK(printer["firmware"] == "01.00");
}

TEST_CASE("names of jobs, files and spools are shown shortened and without control characters") {
    FedPrinter printer;
    const auto long_name = "a\\n\\u0007" + std::string(300, 'b');
    printer.full(R"("subtask_name":")" + long_name + R"(","gcode_file":")" + long_name +
                 R"(","ams":{"ams":[{"id":"0","tray":[{"id":"0","tray_type":"PLA","tray_sub_brands":")" +
                 long_name + R"("}]}],"ams_exist_bits":"1","tray_exist_bits":"1"})");
    const auto expected = "\"a" + std::string(longest_text - 1, 'b') + "\"";
    CHECK(printer.attribute("task_name", "full_text") == expected);
    CHECK(printer.attribute("gcode_file", "full_text") == expected);
    CHECK(printer["ams_1_tray_1"] == "a" + std::string(254, 'b'));

    printer.feed(R"({"print":{"command":"project_file","result":"success","subtask_name":"c\u0000)" +
                 std::string(300, 'd') + "\"}}");
    CHECK(printer.attribute("task_name", "full_text") == "\"c" + std::string(longest_text - 1, 'd') + "\"");
}

} // namespace bambu2mqtt::test
