// Classification of messages: full or partial, a reply, or invalid.
#include <bambu2mqtt/printer/report.hpp>

#include <doctest/doctest.h>

#include <string>

namespace bambu2mqtt {

namespace {

struct Seen {
    bool ok = false;
    ReportKind kind = ReportKind::other;
    bool full = false;
    bool sanitised = false;
};

Seen look(std::string_view text) {
    ReportParser parser;
    const auto report = parser.parse(text);
    return report ? Seen{true, report->kind, report->full, report->sanitised} : Seen{};
}

} // namespace

TEST_CASE("print.msg decides whether a status is full or partial, never the command") {
    CHECK(look(R"({"print":{"command":"push_status","msg":0}})").full);
    CHECK(look(R"({"print":{"command":"push_status","msg":"0"}})").full);
    CHECK_FALSE(look(R"({"print":{"command":"push_status","msg":1}})").full);
    CHECK_FALSE(look(R"({"print":{"command":"push_status","msg":"1"}})").full);
    CHECK(look(R"({"print":{"command":"push_status","msg":1}})").kind == ReportKind::status);
}

TEST_CASE("a push_status without msg is full") {
    CHECK(look(R"({"print":{"command":"push_status","nozzle_temper":20.0}})").full);
    CHECK_FALSE(look(R"({"print":{"nozzle_temper":20.0}})").full);
    CHECK(look(R"({"print":{"nozzle_temper":20.0}})").kind == ReportKind::status);
}

TEST_CASE("replies are distinguished from states in every namespace") {
    for (const char* const text :
         {R"({"print":{"command":"gcode_line","param":"M104 S200","result":"success"}})",
          R"({"print":{"command":"pause","result":"SUCCESS","reason":""}})",
          R"({"print":{"command":"extrusion_cali_get","nozzle_diameter":"0.2","filaments":[]}})",
          R"({"print":{"result":"success","reason":"success","sequence_id":"5"}})",
          R"({"print":{"err_code":84033543,"reason":"mqtt message verify failed"}})",
          R"({"print":{"command":"project_file","result":"fail","subtask_name":"x"}})",
          R"({"system":{"command":"get_access_code","access_code":"00000000","result":"success"}})",
          R"({"system":{"command":"ledctrl","led_node":"chamber_light","result":"fail"}})",
          R"({"xcam":{"command":"xcam_control_set","result":"success"}})",
          R"({"camera":{"command":"ipcam_get_media_info","result":0}})",
          R"({"upgrade":{"command":"get_history"}})",
          R"({"security":{"command":"app_cert_install","result":"success"}})",
          R"({"update":{"name":"Workshop","result":"success"}})", R"({"event":{"event":"client.connected"}})",
          R"({"info":{"command":"get_version"}})"}) {
        INFO(text);
        CHECK(look(text).kind == ReportKind::reply);
        CHECK_FALSE(look(text).full);
    }
}

TEST_CASE("messages that carry something besides a status") {
    CHECK(look(R"({"info":{"command":"get_version","module":[]}})").kind == ReportKind::modules);
    CHECK(
        look(
            R"({"system":{"command":"ledctrl","led_node":"heatbed_light","led_mode":"on","result":"success"}})")
            .kind == ReportKind::led);
    CHECK(look(R"({"system":{"command":"ledctrl","led_node":"heatbed_light","led_mode":"on"}})").kind ==
          ReportKind::led);
    CHECK(look(R"({"print":{"command":"project_file","result":"SUCCESS"}})").kind == ReportKind::project);
    CHECK(look(R"({"mc_print":{"command":"push_info","param":"[BMC] x"}})").kind == ReportKind::motion_log);
    CHECK(look("{}").kind == ReportKind::empty);
    CHECK(look(R"({"liveview":{"a":1}})").kind == ReportKind::other);
    CHECK(look(R"({"print":5})").kind == ReportKind::other);
    CHECK(look(R"({"print":null})").kind == ReportKind::other);
}

TEST_CASE("only text that is not a JSON object is refused") {
    for (const char* const text :
         {"", " ", "x", "[]", "5", "null", "\"print\"", R"({"print":{"command":"push_sta)",
          R"({"print":{"a":1})", R"({"print":{"a":01}})", R"({'print':{}})", "{} {}"}) {
        INFO(text);
        CHECK_FALSE(look(text).ok);
    }
    CHECK_FALSE(look(std::string(ReportParser::capacity + 1, ' ') + "{}").ok);
    CHECK_FALSE(look(std::string(5000, '[')).ok);
}

TEST_CASE("a refusal has a reason") {
    ReportParser parser;
    const auto report = parser.parse("[]");
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().problem == Problem::malformed);
    CHECK_FALSE(report.error().detail.empty());
}

TEST_CASE("invalid UTF-8 affects its own text, not the message") {
    for (const std::string_view bad :
         {"\xF0\x34\xCB\x3F", "\xC0\xAF", "\xED\xA0\x80", "\xF8\x88", "\xBE", "\xC3"}) {
        const auto text = R"({"print":{"command":"push_status","msg":1,"gcode_file":")" + std::string{bad} +
                          R"(","mc_percent":5}})";
        const auto seen = look(text);
        CHECK(seen.ok);
        CHECK(seen.sanitised);
        CHECK(seen.kind == ReportKind::status);
    }
    const auto clean =
        look("{\"print\":{\"command\":\"push_status\",\"subtask_name\":\"W\xC3\xBCrfel \xF0\x9F\x9A\x80\"}}");
    CHECK(clean.ok);
    CHECK_FALSE(clean.sanitised);
}

TEST_CASE("a parser can be used again after a refusal") {
    ReportParser parser;
    CHECK_FALSE(parser.parse("{").has_value());
    const auto report = parser.parse(R"({"print":{"command":"push_status","msg":0}})");
    REQUIRE(report.has_value());
    CHECK(report->full);
    CHECK(report->space == "print");
    CHECK(report->command == "push_status");
}

TEST_CASE("a text with several messages is split at their brackets") {
    const auto parts = split_messages("{\"a\":1}\n\n{\n \"b\": \"}{\\\"\"\n}{\"c\":[]} x 5");
    REQUIRE(parts.size() == 5);
    CHECK(parts[0].text == "{\"a\":1}");
    CHECK(parts[0].offset == 0);
    CHECK(parts[1].text == "{\n \"b\": \"}{\\\"\"\n}");
    CHECK(parts[1].offset == 9);
    CHECK(parts[2].text == "{\"c\":[]}");
    CHECK(parts[3].text == "x");
    CHECK(parts[4].text == "5");
    CHECK(split_messages(" \n\t").empty());
    CHECK(split_messages("{\"a\":\"").size() == 1);
    CHECK(split_messages("{\"a\":\"\\").size() == 1);
}

} // namespace bambu2mqtt
