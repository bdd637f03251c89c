// One line and one JSON object for each check, and the table of findings.
#include <bambu2mqtt/doctor/check.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string>

using namespace bambu2mqtt;

TEST_CASE("a passed check is one line, a finding has its id, its text and what to do") {
    CHECK(line_of(passed("broker", "port", "1883")) == "broker         port                     ok: 1883\n");
    CHECK(line_of(passed("broker", "login")) == "broker         login                    ok\n");
    CHECK(line_of(skipped("p1s_0003", "clock", "the printer has not reported it")) ==
          "p1s_0003       clock                    not checked: the printer has not reported it\n");
    const auto line = line_of(found("p1s_0003", "login", Fault::access_code_refused, "CONNACK 5"));
    CHECK(line ==
          "p1s_0003       login                    access_code_refused: The printer refuses the access "
          "code. (CONNACK 5)\n"
          "    what to do: Read the access code on the printer's screen again: it changes when LAN Only "
          "or Developer Mode is switched.\n");
}

TEST_CASE("a check as JSON has its result, and a finding its row") {
    CHECK(json_of(passed("broker", "port", "1883")) ==
          OrderedJson{{"subject", "broker"}, {"check", "port"}, {"result", "ok"}, {"detail", "1883"}});
    CHECK(json_of(skipped("a", "clock", "why"))["result"] == "skipped");
    const auto json = json_of(found("a", "login", Fault::access_code_refused));
    CHECK(json["result"] == "finding");
    CHECK(json["finding"] == "access_code_refused");
    CHECK(json["text"] == finding_of(Fault::access_code_refused).text);
    CHECK(json["advice"] == finding_of(Fault::access_code_refused).advice);
    CHECK(json["detail"].is_null());
}

TEST_CASE("a check is read back from its JSON, and nothing else is one") {
    for (const auto& check :
         {passed("broker", "port", "1883"), skipped("a", "clock", "why"),
          found("a", "login", Fault::access_code_refused, "CONNACK 5"), passed("a", "login")}) {
        CHECK(parse_check(json_text(json_of(check))) == check);
    }
    for (const auto* const text : {"", "x", "[]", "{}", R"({"result":"good"})",
                                   R"({"subject":"a","check":"b","result":"finding","finding":"no_such"})"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_check(text).has_value());
    }
}

TEST_CASE("every finding has an id of its own, a text and advice that fit into a table") {
    std::set<std::string_view> ids;
    for (const auto& row : findings()) {
        CAPTURE(row.id);
        CHECK(ids.insert(row.id).second);
        CHECK(row.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
        CHECK(row.text.ends_with('.'));
        CHECK(row.advice.ends_with('.'));
        CHECK(row.text.find_first_of("|\n") == std::string_view::npos);
        CHECK(row.advice.find_first_of("|\n") == std::string_view::npos);
        CHECK(&finding_of(row.fault) == &row);
    }
}
