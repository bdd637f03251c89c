// Commands for a group: each printer answers for itself, and one summary follows.
#include "unit/gateway/live_driver.hpp"

#include <string>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

const std::string third = "01P00A000000003";

BridgeSetup three_printers() {
    return {.serials = {p1s, x1c, third}, .groups = {{"upstairs", "pla"}, {"upstairs"}}};
}

/// p1 and p2 are upstairs, p3 is not.
struct Groups : BridgeDriver {
    explicit Groups(const BridgeSetup& setup = three_printers()) : BridgeDriver(setup) {
        start();
        broker_up();
        for (std::size_t i = 0; i < setup.serials.size(); ++i) {
            go_live(running, i);
        }
        advance(5s);
        for (std::size_t i = 0; i < setup.serials.size(); ++i) {
            (void)requests(i);
        }
        forget_log();
    }

    void ask(const std::string& group, const std::string& payload) {
        say("bambu2mqtt/group/" + group + "/command", payload, false);
    }

    [[nodiscard]] std::vector<Json> summaries(const std::string& group) const {
        std::vector<Json> all;
        for (const auto& payload : sent("bambu2mqtt/group/" + group + "/response")) {
            all.push_back(Json::parse(payload));
        }
        return all;
    }

    [[nodiscard]] std::size_t answers(const std::string& printer) const {
        return sent("bambu2mqtt/" + printer + "/response").size();
    }

    void pauses(std::size_t printer) { report(partial(R"("gcode_state":"PAUSE")"), printer); }
};

} // namespace

TEST_SUITE("gateway/group_commands") {
    TEST_CASE("every printer of the group gets the command; the summary follows the last outcome") {
        Groups gateway;
        gateway.ask("upstairs", R"({"command":"pause_printing","request_id":"g"})");
        CHECK(gateway.requests(0).size() == 1);
        CHECK(gateway.requests(1).size() == 1);
        CHECK(gateway.requests(2).empty());
        gateway.pauses(0);
        CHECK(gateway.answers("p1") == 1);
        CHECK(gateway.summaries("upstairs").empty());
        gateway.pauses(1);
        CHECK(gateway.answers("p2") == 1);
        CHECK(Json::parse(gateway.sent("bambu2mqtt/p2/response")[0])["request_id"] == "g");
        REQUIRE(gateway.summaries("upstairs").size() == 1);
        const auto summary = gateway.summaries("upstairs")[0];
        CHECK(summary["status"] == "done");
        CHECK(summary["code"].is_null());
        CHECK(summary["request_id"] == "g");
        CHECK(summary["command"] == "pause_printing");
        CHECK(summary["data"]["group"] == "upstairs");
        CHECK(summary["data"]["counts"] == Json{{"effective", 2}});
        CHECK(summary["data"]["printers"] ==
              Json::array(
                  {{{"printer", "p1"}, {"status", "effective"}, {"code", nullptr}, {"message", nullptr}},
                   {{"printer", "p2"}, {"status", "effective"}, {"code", nullptr}, {"message", nullptr}}}));
        CHECK(gateway.place("bambu2mqtt/group/upstairs/response") > gateway.place("bambu2mqtt/p1/response"));
        gateway.advance(200s);
        CHECK(gateway.summaries("upstairs").size() == 1);
    }

    TEST_CASE("each printer judges for itself, and all of them belong to the group `all`") {
        Groups gateway;
        gateway.pauses(0);
        gateway.printer_down(LinkFailure::lost, "broken", 2);
        gateway.forget_log();
        gateway.say("bambu2mqtt/group/all/command/pause_printing", "", false);
        CHECK(gateway.requests(0).empty());
        gateway.pauses(1);
        REQUIRE(gateway.summaries("all").size() == 1);
        const auto data = gateway.summaries("all")[0]["data"];
        CHECK(data["counts"] == Json{{"effective", 1}, {"refused", 2}});
        CHECK(data["printers"][0]["status"] == "refused");
        CHECK(data["printers"][2]["code"] == "offline");
        CHECK(gateway.answers("p1") == 1);
        CHECK(gateway.answers("p3") == 1);
    }

    TEST_CASE("a printer without an outcome is pending after 180 s; later ones change nothing") {
        Groups gateway;
        gateway.ask("upstairs", R"({"command":"upload_sdcard_file","src":"a.3mf","dest":"/a.3mf"})");
        REQUIRE(gateway.jobs().size() == 2);
        gateway.advance(179s);
        CHECK(gateway.summaries("upstairs").empty());
        gateway.advance(1s);
        REQUIRE(gateway.summaries("upstairs").size() == 1);
        const auto summary = gateway.summaries("upstairs")[0];
        CHECK(summary["status"] == "unconfirmed");
        CHECK(summary["message"] == "2 of 2 printers have no outcome yet");
        CHECK(summary["data"]["counts"] == Json{{"pending", 2}});
        CHECK(summary["data"]["printers"][0]["status"] == "pending");
        for (std::size_t i = 0; i < 2; ++i) {
            gateway.give(i, WorkDone{.feature = gateway.jobs()[i].feature,
                                     .job = gateway.jobs()[i].job,
                                     .problem = "the disk is full"});
        }
        CHECK(gateway.answers("p1") == 1);
        CHECK(gateway.summaries("upstairs").size() == 1);
    }

    TEST_CASE(
        "unknown and empty groups, and payloads that are no command, are answered and reach no printer") {
        Groups gateway;
        for (const std::string group : {"attic", "pla2", "p1"}) {
            gateway.ask(group, R"({"command":"pause_printing"})");
            REQUIRE(gateway.summaries(group).size() == 1);
            CHECK(gateway.summaries(group)[0]["status"] == "refused");
            CHECK(gateway.summaries(group)[0]["code"] == "not_found");
        }
        for (const auto& payload : {std::string{"pause_printing"}, std::string(100'000, '['),
                                    std::string{"{}"}, R"({"command":")" + std::string(1000, 'n') + "\"}"}) {
            gateway.forget_log();
            gateway.ask("all", payload);
            REQUIRE(gateway.summaries("all").size() == 1);
            CHECK(gateway.summaries("all")[0]["status"] == "refused");
            CHECK(gateway.sent("bambu2mqtt/group/all/response")[0].size() < 1000);
        }
        // A name that no group can have gets an answer only where the sender wants one.
        gateway.forget_log();
        const auto odd = "bambu2mqtt/group/" + std::string(30'000, 'G') + "/command/pause_printing";
        gateway.say(odd, "", false);
        CHECK(gateway.log().empty());
        gateway.give(broker_target, BrokerMessage{.topic = odd, .response_topic = "bambu2mqtt/response/me"});
        CHECK(gateway.sent("bambu2mqtt/response/me").size() == 1);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(gateway.requests(i).empty());
            CHECK(gateway.answers("p" + std::to_string(i + 1)) == 0);
        }
    }

    TEST_CASE("an unknown command is refused by each printer") {
        Groups gateway;
        gateway.ask("pla", R"({"command":"dance"})");
        CHECK(gateway.answers("p1") == 1);
        REQUIRE(gateway.summaries("pla").size() == 1);
        CHECK(gateway.summaries("pla")[0]["data"]["printers"][0]["code"] == "unknown_command");
    }

    TEST_CASE("a retained command for a group is ignored and cleared") {
        Groups gateway;
        gateway.say("bambu2mqtt/group/all/command", R"({"command":"pause_printing"})", true);
        gateway.advance(2s);
        CHECK(gateway.requests(0).empty());
        CHECK(gateway.summaries("all").empty());
        CHECK(gateway.sent("bambu2mqtt/group/all/command") == std::vector<std::string>{""});
    }

    TEST_CASE("a repeated request id repeats the outcomes, and sends nothing again") {
        Groups gateway;
        const std::string payload = R"({"command":"pause_printing","request_id":"g"})";
        gateway.ask("upstairs", payload);
        gateway.ask("upstairs", payload);
        gateway.pauses(0);
        gateway.pauses(1);
        CHECK(gateway.summaries("upstairs").size() == 2);
        gateway.ask("upstairs", payload);
        REQUIRE(gateway.summaries("upstairs").size() == 3);
        CHECK(gateway.summaries("upstairs")[2]["data"] == gateway.summaries("upstairs")[0]["data"]);
        CHECK(gateway.requests(0).size() == 1);
        CHECK(gateway.requests(1).size() == 1);
    }

    TEST_CASE("at most 16 group commands wait; one more is refused as busy") {
        Groups gateway{{.serials = {p1s}, .groups = {{"pla"}}}};
        gateway.pauses(0);
        for (std::size_t i = 0; i < GroupCommands::most_running; ++i) {
            gateway.ask("pla", R"({"command":"rename_printer","new_name":"Anna"})");
        }
        CHECK(gateway.summaries("pla").empty());
        CHECK(gateway.requests(0).size() == 16);
        gateway.ask("pla", R"({"command":"rename_printer","new_name":"Anna"})");
        CHECK(gateway.requests(0).empty());
        REQUIRE(gateway.summaries("pla").size() == 1);
        CHECK(gateway.summaries("pla")[0]["code"] == "busy");
    }

    TEST_CASE("when the gateway stops the summary has the outcomes of all printers") {
        Groups gateway;
        gateway.ask("upstairs", R"({"command":"pause_printing"})");
        gateway.shutdown();
        gateway.turn();
        REQUIRE(gateway.summaries("upstairs").size() == 1);
        CHECK(gateway.summaries("upstairs")[0]["data"]["counts"] == Json{{"unconfirmed", 2}});
    }

    TEST_CASE("the summary goes to the response topic of its sender, the outcomes of printers do not") {
        Groups gateway;
        gateway.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/group/pla/command",
                                                  .payload = R"({"command":"get_current_bind_list"})",
                                                  .response_topic = "bambu2mqtt/response/me",
                                                  .correlation = "c"});
        REQUIRE(gateway.sent("bambu2mqtt/response/me").size() == 1);
        CHECK(gateway.sent("bambu2mqtt/response/me") == gateway.sent("bambu2mqtt/group/pla/response"));
        CHECK(gateway.answers("p1") == 1);
    }
}
