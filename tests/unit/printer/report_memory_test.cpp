// The memory that the merged report of a printer may use.
#include <bambu2mqtt/printer/report.hpp>
#include <bambu2mqtt/printer/report_state.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace bambu2mqtt {

namespace {

/// A merged report; the functions return whether a message was merged.
class Growing {
  public:
    bool full(std::string_view members) { return message(0, members); }

    bool partial(std::string_view members) { return message(1, members); }

    bool raw(std::string_view text) {
        const auto report = parser_.parse(text);
        REQUIRE(report.has_value());
        Changes changes;
        return document.merge(*report, changes);
    }

    /// The value at a path as JSON text; "-" where there is none.
    [[nodiscard]] std::string at(std::string_view path) const {
        const Json* const value = document.find(path);
        return value == nullptr ? "-" : value->dump();
    }

    ReportState document;

  private:
    bool message(int msg, std::string_view members) {
        return raw(R"({"print":{"command":"push_status","msg":)" + std::to_string(msg) + "," +
                   std::string{members} + "}}");
    }

    ReportParser parser_;
};

/// `count` members of objects in objects with names of their own, some 60 bytes of text each.
std::string nested_members(int from, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        const auto name = std::to_string(from) + "_" + std::to_string(i);
        text += std::string{text.empty() ? "" : ","} + "\"a" + std::to_string(i % 500) + "\":{\"b" + name +
                "\":{\"c\":{},\"d\":\"0123456789abcdef\"}}";
    }
    return text;
}

} // namespace

TEST_CASE("partial reports cannot make the merged report larger than its limit, and what is known stays") {
    Growing report;
    REQUIRE(report.full("\"gcode_state\":\"RUNNING\",\"mc_percent\":1"));
    int refused = 0;
    for (int i = 0; i < 60; ++i) {
        const bool taken =
            report.raw("{\"print\":{\"command\":\"push_status\",\"msg\":1," + nested_members(i, 1500) +
                       ",\"mc_percent\":" + std::to_string(i) + "}}");
        refused += taken ? 0 : 1;
    }
    CHECK(refused > 20);
    CHECK(report.at("gcode_state") == "\"RUNNING\"");
    CHECK(report.document.root().dump().size() < 2UL * 1024 * 1024);
    CHECK(report.at("mc_percent") != "59");     // a refused report is refused as a whole
    CHECK(report.partial("\"mc_percent\":77")); // small ones are still taken
    CHECK(report.at("mc_percent") == "77");
    CHECK(report.full("\"gcode_state\":\"PAUSE\""));
    CHECK(report.at("gcode_state") == "\"PAUSE\"");
}

TEST_CASE("one report that is too large by itself is refused before it is merged") {
    Growing report;
    REQUIRE(report.full("\"mc_percent\":5"));
    std::string list;
    for (int i = 0; i < 500; ++i) {
        list += (i == 0 ? "[" : ",[");
        for (int j = 0; j < 500; ++j) {
            list += j == 0 ? "{}" : ",{}";
        }
        list += "]";
    }
    CHECK_FALSE(report.partial("\"s_obj\":[" + list + "],\"mc_percent\":6")); // 750 kB, 24 MB as objects
    CHECK(report.at("mc_percent") == "5");
    CHECK(report.at("s_obj") == "-");
}

TEST_CASE("a list that changes all the time does not use up the limit") {
    Growing report;
    for (int i = 0; i < 300; ++i) {
        std::string list;
        for (int j = 0; j < 400; ++j) {
            list += (j == 0 ? "{\"code\":" : ",{\"code\":") + std::to_string(i * 1000 + j) +
                    ",\"text\":\"0123456789abcdef\"}";
        }
        REQUIRE(report.partial("\"hms\":[" + list + "]"));
    }
}

TEST_CASE("lists in lists are limited in depth, and nothing in a replaced list is merged by id") {
    Growing report;
    REQUIRE(report.full("\"deep\":" + std::string(200, '[') + "1" + std::string(200, ']')));
    CHECK(report.at("deep").size() < 60);
    REQUIRE(report.full(R"("s_obj":[{"vir_slot":[{"id":"1","x":2}]}])"));
    CHECK(report.at("s_obj") == R"([{"vir_slot":[{"id":"1","x":2}]}])");
    CHECK(report.document.as_reported()["s_obj"].dump() == R"([{"vir_slot":[{"id":"1","x":2}]}])");
}

} // namespace bambu2mqtt
