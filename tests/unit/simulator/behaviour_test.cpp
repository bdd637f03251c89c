// How simulated printers treat requests: refusals, silence, truncated answers, delays, sessions that wear
// out.

#include "test_printer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace bambu2mqtt::simulator;
using namespace std::chrono_literals;
using nlohmann::json;

const json pause_request{{"command", "pause"}, {"param", ""}};

/// The unchanged answer to a request.
Reaction reaction_to(TestPrinter& asked, const std::string& text) {
    return asked.printer.answer(text, 0ms);
}

constexpr const char* ask_pushall = R"({"pushing":{"command":"pushall","sequence_id":"1"}})";
constexpr const char* get_version = R"({"info":{"command":"get_version","sequence_id":"1"}})";

} // namespace

TEST_SUITE("behaviour") {
    TEST_CASE("patterns match one request, a namespace or all") {
        CHECK(matches("print.pause", "print.pause"));
        CHECK_FALSE(matches("print.pause", "print.pause_now"));
        CHECK(matches("print.*", "print.pause"));
        CHECK_FALSE(matches("print.*", "system.ledctrl"));
        CHECK(matches("*", "update."));
        CHECK_FALSE(matches("", "print.pause"));
    }

    TEST_CASE("the newest rule applies; one with the same pattern replaces its predecessor") {
        BehaviourRules behaviour;
        CHECK(behaviour.of("print.pause") == nullptr);
        behaviour.add({.requests = "print.*", .behaviour_kind = Behaviour::mute});
        behaviour.add({.requests = "print.pause", .behaviour_kind = Behaviour::silent});
        CHECK(behaviour.of("print.pause")->behaviour_kind == Behaviour::silent);
        CHECK(behaviour.of("print.stop")->behaviour_kind == Behaviour::mute);
        behaviour.add({.requests = "print.*", .behaviour_kind = Behaviour::no_effect});
        CHECK(behaviour.of("print.pause")->behaviour_kind == Behaviour::no_effect);
        behaviour.clear();
        CHECK(behaviour.of("print.pause") == nullptr);
    }

    TEST_CASE("a refusal has exactly the given fields, and nothing is done") {
        TestPrinter asked{"P1S"};
        asked.print();
        asked.printer.behaviour().add(
            {.requests = "print.*",
             .behaviour_kind = Behaviour::refuses,
             .refusal = {.reason = "not now", .err_code = 84033545, .errno_code = -5}});
        CHECK(asked.ask(pause_request) == json{{"command", "pause"},
                                               {"param", ""},
                                               {"sequence_id", "1"},
                                               {"result", "fail"},
                                               {"reason", "not now"},
                                               {"err_code", 84033545},
                                               {"errno", -5}});
        asked.printer.behaviour().add({.requests = "print.pause",
                                       .behaviour_kind = Behaviour::refuses,
                                       .refusal = {.result = std::nullopt, .err_code = 1, .echoes = false}});
        CHECK(asked.ask(pause_request) == json{{"command", "pause"}, {"sequence_id", "2"}, {"err_code", 1}});
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "RUNNING");
    }

    TEST_CASE("without Developer Mode unsigned print requests are refused in the way of each family, others "
              "executed") {
        TestPrinter newer{"H2D"};
        newer.print();
        newer.printer.set_developer_mode(false);
        CHECK(newer.ask(pause_request) == json{{"command", "pause"},
                                               {"param", ""},
                                               {"sequence_id", "1"},
                                               {"result", "failed"},
                                               {"reason", "mqtt message verify failed"},
                                               {"err_code", signature_missing},
                                               {"is_from_mqtt", true}});
        const auto report = newer.live(1);
        CHECK(newer.at("/gcode_state") == "RUNNING");
        CHECK(newer.bit("fun", 29));
        CHECK(report.at("hms") == json::array({{{"attr", 0x05000500}, {"code", 0x00010007}}}));
        CHECK(newer.ask("camera", {{"command", "ipcam_timelapse"}, {"control", "enable"}}).at("result") ==
              "success");
        CHECK(newer.ask({{"command", "no_such_command"}}).at("err_code") == signature_missing);
        CHECK(reaction_to(newer, ask_pushall).answers.size() == 1);
        newer.printer.set_developer_mode(true);
        CHECK(newer.ask(pause_request).at("result") == "SUCCESS");
        newer.live(1);
        CHECK(newer.at("/gcode_state") == "PAUSE");
        CHECK(newer.at("/hms").empty());
        CHECK_FALSE(newer.bit("fun", 29));

        TestPrinter older{"P1S"};
        older.printer.set_developer_mode(false);
        CHECK(older.ask(pause_request) ==
              json{{"command", "pause"}, {"sequence_id", "1"}, {"err_code", signature_missing}});
        CHECK_FALSE(older.state().contains("fun"));
    }

    TEST_CASE("firmware without fun refuses unsigned print requests silently; only the HMS list shows it") {
        for (const auto* const model : {"X1C", "P1S", "A1MINI"}) {
            CAPTURE(std::string{model});
            TestPrinter asked{model,
                              {.settings = {.reports_fun = std::string_view{model} == "A1MINI"},
                               .durations = short_durations}};
            asked.print();
            asked.printer.set_developer_mode(false);
            CHECK(asked.ask(pause_request).is_null());
            const auto report = asked.live(1);
            CHECK(asked.at("/gcode_state") == "RUNNING");
            CHECK(asked.at("/print_error") == 0);
            REQUIRE(report.at("hms").size() == 1);
            CHECK(report.at("hms").at(0).at("attr") == 0x05000500);
            CHECK(report.at("hms").at(0).at("code") == 0x00010007);
            CHECK_FALSE(asked.state().contains("fun"));
            CHECK(asked.ask("camera", {{"command", "ipcam_timelapse"}, {"control", "enable"}}).is_object());
            asked.printer.set_developer_mode(true);
            CHECK(asked.ask(pause_request).is_object());
            asked.live(1);
            CHECK(asked.at("/gcode_state") == "PAUSE");
            CHECK(asked.at("/hms").empty());
        }
    }

    TEST_CASE("mute: not executed, not answered, reports continue; silent: executed, not answered") {
        TestPrinter asked{"X1C"};
        asked.print();
        asked.printer.behaviour().add({.behaviour_kind = Behaviour::mute});
        CHECK(asked.ask(pause_request).is_null());
        CHECK(reaction_to(asked, ask_pushall).answers.empty());
        CHECK(reaction_to(asked, get_version).answers.empty());
        CHECK(asked.live(1).at("command") == "push_status");
        CHECK(asked.at("/gcode_state") == "RUNNING");
        asked.printer.behaviour().add({.behaviour_kind = Behaviour::silent});
        CHECK(asked.ask(pause_request).is_null());
        CHECK(reaction_to(asked, ask_pushall).answers.empty());
        CHECK(asked.live(1).at("gcode_state") == "PAUSE");
    }

    TEST_CASE("no effect: answered but not executed, also for unknown requests; queries are answered") {
        TestPrinter asked{"X1C"};
        asked.print();
        asked.printer.behaviour().add({.behaviour_kind = Behaviour::no_effect});
        CHECK(asked.ask(pause_request).at("result") == "SUCCESS");
        CHECK(asked.ask({{"command", "no_such_command"}}).at("result") == "success");
        CHECK(reaction_to(asked, ask_pushall).answers.size() == 1);
        CHECK(reaction_to(asked, get_version).answers.size() == 1);
        asked.live(1);
        CHECK(asked.at("/gcode_state") == "RUNNING");
    }

    TEST_CASE("answers can be truncated") {
        TestPrinter asked{"P1S"};
        const auto shortened = [&asked](Shortened how) {
            asked.printer.behaviour().add({.shortened = how});
            return asked.ask(pause_request);
        };
        CHECK_FALSE(shortened(Shortened::without_sequence_id).contains("sequence_id"));
        CHECK_FALSE(shortened(Shortened::without_command).contains("command"));
        CHECK(shortened(Shortened::only_command_and_id) == json{{"command", "pause"}, {"sequence_id", "3"}});
        CHECK(shortened(Shortened::no).at("result") == "success");
        asked.printer.behaviour().add({.shortened = Shortened::without_sequence_id});
        const auto full = json::parse(reaction_to(asked, ask_pushall).answers.at(0)).at("print");
        CHECK(full.contains("sequence_id"));
    }

    TEST_CASE("a slow answer and a cut connection are done by the driver; the effect is immediate") {
        TestPrinter asked{"P1S"};
        asked.print();
        asked.printer.behaviour().add({.requests = "print.pause", .delay = 12s});
        auto reaction = reaction_to(asked, R"({"print":{"command":"pause","sequence_id":"1"}})");
        CHECK(reaction.delay == 12s);
        CHECK(reaction.contact == Contact::kept);
        CHECK(asked.live(1).at("gcode_state") == "PAUSE");
        asked.printer.behaviour().add({.requests = "print.resume", .contact = Contact::dropped});
        reaction = reaction_to(asked, R"({"print":{"command":"resume","sequence_id":"2"}})");
        CHECK(reaction.contact == Contact::dropped);
        CHECK(asked.live(1).at("gcode_state") == "RUNNING");
    }

    TEST_CASE("a session wears out: its last answers arrive in the next one") {
        for (const auto after : {AfterLastAnswer::done_at_once, AfterLastAnswer::done_in_next_session}) {
            CAPTURE(static_cast<int>(after));
            TestPrinter asked{"P1S"};
            asked.print();
            static_cast<void>(asked.printer.connected(1, 500s));
            asked.printer.limit_sessions(2, after);
            CHECK(asked.ask({{"command", "print_speed"}, {"param", "1"}}).is_object());
            CHECK(reaction_to(asked, get_version).answers.size() == 1);
            CHECK(asked.ask({{"command", "print_speed"}, {"param", "3"}}).is_object());
            CHECK(asked.ask(pause_request).is_null());
            CHECK(reaction_to(asked, get_version).answers.empty());
            asked.live(1);
            CHECK(asked.at("/gcode_state") == (after == AfterLastAnswer::done_at_once ? "PAUSE" : "RUNNING"));

            const auto released = asked.printer.connected(2, 502s).answers;
            REQUIRE(released.size() == 2);
            CHECK(json::parse(released[0]).at("print").at("sequence_id") == "3");
            CHECK(json::parse(released[1]).at("info").at("command") == "get_version");
            asked.live(1);
            CHECK(asked.at("/gcode_state") == "PAUSE");
            CHECK(asked.ask({{"command", "resume"}}).is_object());
            CHECK(asked.printer.connected(3, 504s).answers.empty());
            asked.printer.limit_sessions(std::nullopt);
            for (int i = 0; i < 20; ++i)
                CHECK(asked.ask(pause_request).is_object());
        }
    }

    TEST_CASE("unknown requests and invalid JSON are not answered; all are recorded with their session") {
        TestPrinter asked{"X1C"};
        static_cast<void>(asked.printer.connected(4, 0ms));
        CHECK(asked.ask({{"command", "no_such_command"}}).is_null());
        CHECK(asked.ask("liveview", {{"command", "pause"}}).is_null());
        for (const auto* const rubbish :
             {"", "not JSON", "[]", "{}", "null", "{\"print\":[]}", "{\"print\":{"})
            CHECK(reaction_to(asked, rubbish).answers.empty());
        const auto& requests = asked.printer.requests();
        CHECK(requests.size() == 9);
        CHECK(requests.back().session == 4);
        CHECK(asked.printer.requests("liveview.pause") ==
              std::vector{json{{"command", "pause"}, {"sequence_id", "2"}}});
    }
}
