// Requests to the gateway itself: topics in, exactly one outcome each.
#include "gateway/bridge_requests.hpp"
#include "unit/gateway/live_driver.hpp"

#include <string>

using namespace bambu2mqtt;
using namespace bambu2mqtt::test;

namespace {

/// A gateway that runs, whose requests are answered on B/bridge/response/NAME.
struct Requests : Live {
    explicit Requests(const BridgeSetup& setup = {}) : Live(idle, setup) {}

    void ask(const std::string& name, const std::string& payload = {}) {
        say("bambu2mqtt/bridge/request/" + name, payload, false);
    }

    [[nodiscard]] std::vector<Json> answers(const std::string& name) const {
        std::vector<Json> all;
        for (const auto& payload : sent("bambu2mqtt/bridge/response/" + name)) {
            all.push_back(Json::parse(payload));
        }
        return all;
    }

    /// The levels that the log was to have, in order.
    [[nodiscard]] std::vector<std::string> log_levels() const {
        std::vector<std::string> all;
        for (const auto& effect : effects_done()) {
            if (const auto* const change = std::get_if<SetLogLevel>(&effect)) {
                all.push_back(change->level);
            }
        }
        return all;
    }

    /// The tickets of the checks that were to run, in order.
    [[nodiscard]] std::vector<Ticket> doctor_runs() const {
        std::vector<Ticket> all;
        for (const auto& effect : effects_done()) {
            if (const auto* const run = std::get_if<RunDoctor>(&effect)) {
                all.push_back(run->ticket);
            }
        }
        return all;
    }

    /// Asks, and returns the only answer.
    [[nodiscard]] Json answer(const std::string& name, const std::string& payload = {}) {
        forget_log();
        ask(name, payload);
        const auto all = answers(name);
        REQUIRE(all.size() == 1);
        return all.front();
    }
};

std::string ending_of(const Json& outcome) {
    const auto& code = outcome["code"];
    return outcome["status"].get<std::string>() + (code.is_null() ? "" : " " + code.get<std::string>());
}

} // namespace

TEST_SUITE("gateway/bridge_requests") {
    TEST_CASE("health publishes bridge/health now and answers with the same") {
        Requests gateway;
        const auto outcome = gateway.answer("health", R"({"request_id":"h"})");
        CHECK(ending_of(outcome) == "done");
        CHECK(outcome["request_id"] == "h");
        CHECK(outcome["command"] == "health");
        CHECK(outcome["time"] == rfc3339(gateway.now().wall));
        CHECK(outcome["data"]["uptime"] == 1);
        CHECK(Json::parse(gateway.retained("bambu2mqtt/bridge/health")) == outcome["data"]);
        for (const auto& message : gateway.log()) {
            CHECK(message.retain == (message.topic != "bambu2mqtt/bridge/response/health"));
        }
    }

    TEST_CASE("a flood of requests for health is answered with one that is at most a second old") {
        Requests gateway;
        const auto before = gateway.answer("health")["data"]["messages_out"];
        gateway.forget_log();
        for (int i = 0; i < 100; ++i) {
            gateway.ask("health");
        }
        CHECK(gateway.answers("health").size() == 100);
        for (const auto& outcome : gateway.answers("health")) {
            CHECK(outcome["data"]["messages_out"] == before);
        }
        gateway.advance(1s);
        CHECK(gateway.answer("health")["data"]["messages_out"] > before);
    }

    TEST_CASE("log_level changes the level and says the old and the new one") {
        Requests gateway;
        const auto first = gateway.answer("log_level", R"({"level":"debug"})");
        CHECK(ending_of(first) == "done");
        CHECK(first["data"] == Json{{"old", "info"}, {"level", "debug"}});
        CHECK(first["message"] == R"(the level of the log was "info" and is "debug")");
        CHECK(gateway.log_levels() == std::vector<std::string>{"debug"});
        CHECK(gateway.answer("log_level", R"({"level":"error"})")["data"]["old"] == "debug");

        for (const char* const payload :
             {R"({"level":"loud"})", R"({"level":[]})", "{}", "", "loud", R"({"level":"info","more":1})"}) {
            CAPTURE(payload);
            CHECK(ending_of(gateway.answer("log_level", payload)) == "refused invalid_argument");
        }
        const auto wrong = gateway.answer("log_level", R"({"level":"loud"})")["message"].get<std::string>();
        for (const auto level : {"trace", "debug", "info", "warn", "error", "off"}) {
            CAPTURE(level);
            CHECK(wrong.find(level) != std::string::npos);
        }
        CHECK(gateway.log_levels() == std::vector<std::string>{"debug", "error"});
    }

    TEST_CASE("log_level needs control.allow = full; health and doctor do not") {
        for (const auto allow : {ControlLevel::safe, ControlLevel::none}) {
            Requests gateway{{.policy = {.allow = allow}}};
            const auto outcome = gateway.answer("log_level", R"({"level":"debug"})");
            CHECK(ending_of(outcome) == "refused not_allowed");
            CHECK(outcome["message"] == R"(this needs control.allow = "full")");
            CHECK(gateway.log_levels().empty());
            CHECK(ending_of(gateway.answer("health")) == "done");
            gateway.ask("doctor");
            CHECK(gateway.doctor_runs().size() == 1);
        }
    }

    TEST_CASE("doctor runs at most once a minute, and its outcome comes when the checks have ended") {
        Requests gateway;
        gateway.ask("doctor", R"({"request_id":"d"})");
        REQUIRE(gateway.doctor_runs().size() == 1);
        CHECK(gateway.answers("doctor").empty());
        gateway.give(broker_target, RequestDone{.ticket = gateway.doctor_runs()[0],
                                                .data = R"({"findings":0,"checks":[]})"});
        REQUIRE(gateway.answers("doctor").size() == 1);
        const auto outcome = gateway.answers("doctor")[0];
        CHECK(ending_of(outcome) == "done");
        CHECK(outcome["request_id"] == "d");
        CHECK(outcome["data"] == Json{{"findings", 0}, {"checks", Json::array()}});

        gateway.advance(20s);
        const auto early = gateway.answer("doctor");
        CHECK(ending_of(early) == "refused busy");
        CHECK(early["message"] == "the checks run at most once a minute: the next time in 40 s");
        gateway.advance(40s);
        gateway.forget_log();
        gateway.ask("doctor");
        REQUIRE(gateway.doctor_runs().size() == 2);
        gateway.give(broker_target, RequestDone{.ticket = gateway.doctor_runs()[1], .problem = "broken"});
        REQUIRE(gateway.answers("doctor").size() == 1);
        CHECK(ending_of(gateway.answers("doctor")[0]) == "failed");
        CHECK(gateway.answers("doctor")[0]["message"] == "broken");
    }

    TEST_CASE("a repeated request id gets the first outcome, and nothing is done twice") {
        Requests gateway;
        const auto first = gateway.answer("log_level", R"({"level":"debug","request_id":"a"})");
        CHECK(gateway.answer("log_level", R"({"level":"error","request_id":"a"})") == first);
        CHECK(gateway.log_levels().size() == 1);
    }

    TEST_CASE(
        "an unknown request is answered with the names of all; one without a possible name on `unknown`") {
        Requests gateway;
        const auto outcome = gateway.answer("reboot");
        CHECK(ending_of(outcome) == "refused unknown_command");
        CHECK(outcome["command"] == "reboot");
        for (const auto& row : BridgeRequests::rows()) {
            CHECK(outcome["message"].get<std::string>().find(row.name) != std::string::npos);
        }
        const std::string request = "bambu2mqtt/bridge/request/";
        for (const auto& name :
             {std::string(30'000, 'n'), std::string{"A b"}, std::string{"\x1b[2J"}, std::string{}}) {
            CAPTURE(name.substr(0, 20));
            gateway.forget_log();
            gateway.say(request + name, R"({"command":"log_level","level":"debug"})", false);
            REQUIRE(gateway.log().size() == 1);
            CHECK(gateway.log()[0].topic == "bambu2mqtt/bridge/response/unknown");
            CHECK(gateway.log()[0].payload.size() < 1000);
            CHECK(ending_of(Json::parse(gateway.log()[0].payload)) == "refused unknown_command");
        }
        CHECK(gateway.log_levels().empty());
    }

    TEST_CASE("deep and large payloads are refused") {
        Requests gateway;
        for (const auto& payload :
             {std::string(100'000, '['), R"({"level":)" + std::string(70, '[') + std::string(70, ']') + "}",
              std::string(1'000'000, 'x'), R"({"request_id":{"a":1}})" + std::string{}}) {
            CAPTURE(payload.substr(0, 20));
            const auto outcome = gateway.answer("log_level", payload);
            CHECK(ending_of(outcome) == "refused invalid_argument");
            CHECK(outcome.dump().size() < 2000);
        }
    }

    TEST_CASE("a retained request is ignored and cleared") {
        Requests gateway;
        gateway.say("bambu2mqtt/bridge/request/log_level", R"({"level":"off"})", true);
        gateway.advance(2s);
        CHECK(gateway.log_levels().empty());
        CHECK(gateway.answers("log_level").empty());
        CHECK(gateway.sent("bambu2mqtt/bridge/request/log_level") == std::vector<std::string>{""});
        CHECK(gateway.count_notes(Level::warning, "broker") == 1);
    }

    TEST_CASE("the outcome goes to an allowed response topic too, and `note` says where not") {
        Requests gateway;
        gateway.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/bridge/request/health",
                                                  .response_topic = "bambu2mqtt/response/me",
                                                  .correlation = "c"});
        REQUIRE(gateway.sent("bambu2mqtt/response/me").size() == 1);
        CHECK(gateway.sent("bambu2mqtt/response/me") == gateway.sent("bambu2mqtt/bridge/response/health"));
        gateway.forget_log();
        gateway.give(broker_target, BrokerMessage{.topic = "bambu2mqtt/bridge/request/health",
                                                  .response_topic = "bambu2mqtt/bridge/state"});
        CHECK(gateway.sent("bambu2mqtt/bridge/state").empty());
        REQUIRE(gateway.answers("health").size() == 1);
        CHECK(gateway.answers("health")[0]["note"].get<std::string>().starts_with(
            "not published on the response topic"));
    }

    TEST_CASE("requests that wait when the gateway stops fail") {
        Requests gateway;
        gateway.ask("doctor");
        gateway.shutdown();
        gateway.turn();
        REQUIRE(gateway.answers("doctor").size() == 1);
        CHECK(ending_of(gateway.answers("doctor")[0]) == "failed");
    }

    TEST_CASE("responses and messages of printers take turns") {
        Requests gateway;
        gateway.hold_acknowledgements();
        for (int i = 0; i < 100; ++i) {
            gateway.ask("health");
        }
        gateway.set("chamber_light", "OFF"); // its refusal or request changes something of the printer
        gateway.report(full(R"("gcode_state":"IDLE","nozzle_temper":90.0,"wifi_signal":"-61dBm")"));
        for (int i = 0; i < 20 && gateway.sent("bambu2mqtt/p1/nozzle_temperature").empty(); ++i) {
            gateway.advance(100ms);
            gateway.acknowledge(5);
        }
        CHECK_FALSE(gateway.sent("bambu2mqtt/p1/nozzle_temperature").empty());
        CHECK(gateway.answers("health").size() < 100);
    }
}
