#include "command/raw_request.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

using namespace bambu2mqtt;

namespace {

std::optional<Refusal> problem_of(const Json& message) {
    const auto checked = check_request(message);
    return checked ? std::nullopt : std::optional{checked.error()};
}

std::optional<Refusal> problem(std::string_view message) {
    return problem_of(Json::parse(message));
}

std::optional<Refusal> problem_of_line(std::string_view lines) {
    return problem_of(Json{{"print", {{"command", "gcode_line"}, {"param", lines}}}});
}

void refuses(const std::optional<Refusal>& found, Code code, std::string_view says) {
    REQUIRE(found.has_value());
    CHECK(found->code == code);
    INFO("message: ", found->message);
    CHECK(found->message.find(says) != std::string::npos);
}

} // namespace

TEST_CASE("requests of every known namespace are passed on") {
    for (const auto* const space :
         {"print", "system", "pushing", "info", "xcam", "camera", "upgrade", "update", "security"}) {
        CHECK(check_request(Json{{space, {{"command", "x"}}}}).has_value());
        CHECK(check_request(Json{{space, Json::object()}, {"header", {{"sign_ver", "v1.0"}}}}).has_value());
    }
    CHECK_FALSE(problem(R"({"system":{"command":"ledctrl","led_node":"chamber_light"}})").has_value());
    CHECK_FALSE(problem(R"({"print":{"command":"project_file","url":"ftp:///a.3mf"}})").has_value());
    CHECK_FALSE(problem(R"({"print":{"command":"gcode_file","param":"/a.gcode"}})").has_value());
    CHECK_FALSE(problem(R"({"print":{"command":"gcode_line","param":5}})").has_value());
}

TEST_CASE("a request is an object with one namespace") {
    for (const auto* const no_object : {"5", "null", "true", R"("print")", "[]", R"([{"print":{}}])"}) {
        INFO("request: ", std::string{no_object});
        refuses(problem(no_object), Code::invalid_argument, "not a JSON object");
    }
    refuses(problem("{}"), Code::invalid_argument, R"(the namespace "")");
    refuses(problem(R"({"header":{}})"), Code::invalid_argument, R"(the namespace "")");
    refuses(problem(R"({"lights":{}})"), Code::invalid_argument,
            R"(the namespace "lights", expected an object in "print")");
    refuses(problem(R"({"PRINT":{}})"), Code::invalid_argument, R"("PRINT")");
    refuses(problem(R"({"print":[]})"), Code::invalid_argument, "expected an object");
    refuses(problem(R"({"print":"pause"})"), Code::invalid_argument, "expected an object");
    refuses(problem(R"({"print":{},"system":{}})"), Code::invalid_argument,
            "the namespaces print and system, exactly one is expected");
    refuses(problem(R"({"a\n":{},"b":{}})"), Code::invalid_argument, "a? and b");
}

TEST_CASE("a request is limited to 16 kB") {
    const auto of_size = [](std::size_t size) {
        return Json{
            {"print", {{"x", std::string(size - std::string_view{R"({"print":{"x":""}})"}.size(), 'a')}}}};
    };
    CHECK(check_request(of_size(16384)).has_value());
    refuses(problem_of(of_size(16385)), Code::invalid_argument, "16385 bytes, at most 16384");
}

TEST_CASE("malformed requests are refused with the correct form") {
    refuses(problem(R"({"print":{"command":"ledctrl","led_mode":"on"}})"), Code::invalid_argument,
            R"({"system": {"command": "ledctrl")");
    for (const auto* const file : {"/a.3mf", "/a.gcode.3MF", "/a.3mf \\n"}) {
        refuses(problem(R"({"print":{"command":"gcode_file","param":")" + std::string{file} + R"("}})"),
                Code::invalid_argument, "print_3mf_file");
    }
    for (const auto* const line :
         {"M106", "M106 S255", "m106 s255", "M106S255", "M106 S255 ; P1", "N5 M106 S9", "G90\nM106 S1",
          "G90\r\n\tM106 S1\r\n", "M0106 S1", "M106\rG90 P1", "G1 X5 M106 S9", "M106 S1 G4 P500",
          "(fan) M106 S1", "M106 (P1) S255", "M\t106 S1"}) {
        INFO("lines: ", std::string{line});
        refuses(problem_of_line(line), Code::invalid_argument, "M106 P1 S255");
    }
    for (const auto* const line : {"M106 P1 S255", "M106 S255 P2", "m106p10s0", "M107", "; M106 S1",
                                   "M1060 S1", "G4 P500 M106 P1 S1", "", "\n\n"}) {
        INFO("lines: ", std::string{line});
        CHECK_FALSE(problem_of_line(line).has_value());
    }
}

TEST_CASE("homing single axes is refused") {
    for (const auto* const line : {"G28 Z", "g28 x", "G28 X0 Y0", "G28Z", "G028 Y", "G 28 Z",
                                   "N10 G28 Z P0 T300", "G28\nG28 Z", "G28 Z ; park first"}) {
        INFO("lines: ", std::string{line});
        refuses(problem_of_line(line), Code::invalid_argument, "send G28 alone");
    }
    // Text before, between and after the words does not hide them.
    for (const auto* const line :
         {"G91 G28 Z", "(park) G28 Z", "(a;b)G28 Z", "(not closed G28 Z", "n7 g91 g28 z*99", "N3 G28*18 Z",
          "M400 G28.1 X", "G28.2 Z", "G+28 Z", "G\t28\tZ", "G 2 8 Z0", "Z0 G28", "G90\vG28 Z", ";\fG28 Z",
          "G(home)28 Z", "G28 (all) Z (no)", "T0 G28 Y", "M1002 push_ref_mode G28 X"}) {
        INFO("lines: ", std::string{line});
        refuses(problem_of_line(line), Code::invalid_argument, "send G28 alone");
    }
    refuses(problem_of_line({"; comment\0G28 Z", 15}), Code::invalid_argument, "send G28 alone");
    for (const auto* const line :
         {"G28", "G28 ", "G28 ; Z", "G280 Z", "G1 Z28", "G29 Z", "M28 Z", "; G28 Z", "G91 (home) G28 ; Z",
          "N28 G1 Z5", "G28*11", "G1 Z5\nG28\nG1 X5", "M1002 gcode_claim_action : 13",
          "M1002 judge_flag g29_before_print_flag"}) {
        INFO("lines: ", std::string{line});
        CHECK_FALSE(problem_of_line(line).has_value());
    }
    CHECK_FALSE(problem(R"({"system":{"command":"gcode_line","param":"G28 Z"}})").has_value());
}

TEST_CASE("brackets are read as a comment and as nothing, and a line must be harmless in both readings") {
    struct Row {
        const char* line;
        const char* refusal; // a part of the text; empty: passed on
        bool named;          // the refusal says that brackets are not safe
    };

    for (const Row& row : {
             Row{"(G28 Z)", "send G28 alone", true},
             Row{"G28 (Z)", "send G28 alone", true},
             Row{"G28 (all axes: XYZ)", "send G28 alone", true},
             Row{"G(28) Z", "send G28 alone", true},
             Row{"G)28 Z", "send G28 alone", false},
             Row{"G(28 Z", "send G28 alone", false}, // not closed: one reading
             Row{"(a(b) G28 Z)", "send G28 alone", false},
             Row{"(a;b) G28 Z", "send G28 alone", false},
             Row{"G(home)28 Z", "send G28 alone", false},
             Row{"(M106)", "M106 P1 S255", true},
             Row{"(M106 S255)", "M106 P1 S255", true},
             Row{"M106 (P1) S255", "M106 P1 S255", false},
             Row{"M106 P1 (M106 S9)", "M106 P1 S255", true},
             Row{"G1 (slow) F600", "", false},
             Row{"G28 (home)", "", false},
             Row{"(park) G28", "", false},
             Row{"M106 P1 (part) S255", "", false},
             Row{"; (G28 Z)", "", false},
             Row{"()", "", false},
         }) {
        INFO("line: ", std::string{row.line});
        const auto found = problem_of_line(row.line);
        const std::string_view refusal = row.refusal;
        CHECK(found.has_value() == !refusal.empty());
        if (found) {
            CHECK(found->message.find(refusal) != std::string::npos);
            CHECK((found->message.find("text in ( ) may be executed") != std::string::npos) == row.named);
        }
    }
}

TEST_CASE("the access code cannot be requested") {
    refuses(problem(R"({"system":{"command":"get_access_code","sequence_id":"1"}})"), Code::not_allowed,
            "access code");
    CHECK_FALSE(problem(R"({"print":{"command":"get_access_code"}})").has_value());
}
