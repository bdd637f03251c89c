// The parts of a session that work on its context: jobs, connection, commands, publishing.
#include "gateway/command_port.hpp"
#include "gateway/connection_control.hpp"
#include "gateway/job_watch.hpp"
#include "gateway/session_commands.hpp"
#include "gateway/session_context.hpp"
#include "gateway/session_features.hpp"
#include "unit/gateway/bridge_driver.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bambu2mqtt::test {

namespace {

/// The parts of one printer's session without the session.
struct Parts {
    Now now{Instant{1000h}, WallTime{1'769'850'000s}};
    Effects effects{};
    ReportParser parser{};
    SessionContext context{SessionSettings{.names = {p1s, "p1", ""}, .host = "printer.lan"},
                           built_in_templates(), Json()};
    JobWatch jobs{context, Json()};
    ConnectionControl connection{context, jobs};
    SessionFeatures features{context, Json()};
    SessionCommands commands{context, jobs, connection, features};

    void wait(std::chrono::seconds time) { now.instant += time, now.wall += time; }

    /// Merges a message of the printer; nothing else.
    Update merge(const std::string& payload) {
        auto update = context.printer.take(payload, parser, now);
        REQUIRE(update);
        return *std::move(update);
    }

    void go_online() {
        connection.start(now, effects);
        connection.handle(PrinterUp{}, now, effects);
        (void)merge(version());
        const auto update = merge(full(idle));
        context.with_connection(effects, [&](Connection& link, ConnectionActions& actions) {
            link.report(Extent::full, now.instant, context.family(), actions);
        });
        context.publisher.add(update);
        connection.show(now, effects);
    }

    /// The commands of the requests among the effects, and the effects are forgotten.
    std::vector<std::string> requested() {
        std::vector<std::string> names;
        for (const auto& effect : std::exchange(effects, {})) {
            if (const auto* const request = std::get_if<SendRequest>(&effect)) {
                names.push_back(Json::parse(request->payload).front().value("command", ""));
            }
        }
        return names;
    }

    /// All messages of the next three seconds: some wait for Home Assistant.
    std::vector<Message> sent() {
        std::vector<Message> messages;
        for (int i = 0; i < 3; ++i) {
            while (auto outgoing = context.publisher.next(now.instant, context.whole(now))) {
                messages.push_back(std::move(outgoing->message));
            }
            wait(1s);
        }
        return messages;
    }
};

const Message* find_message(const std::vector<Message>& messages, std::string_view topic) {
    const auto found = std::ranges::find(messages, topic, &Message::topic);
    return found == messages.end() ? nullptr : &*found;
}

} // namespace

TEST_SUITE("gateway/session_context") {
    TEST_CASE("everything is known after a full report and the firmware, or half a minute without it") {
        Parts parts;
        parts.connection.start(parts.now, parts.effects);
        parts.connection.handle(PrinterUp{}, parts.now, parts.effects);
        (void)parts.merge(full(idle));
        CHECK_FALSE(parts.context.whole(parts.now));
        parts.wait(31s);
        CHECK(parts.context.whole(parts.now));
        Parts other;
        other.go_online();
        CHECK(other.context.whole(other.now));
    }

    TEST_CASE("actions of the connection become effects for this printer") {
        Parts parts;
        parts.connection.start(parts.now, parts.effects);
        REQUIRE(parts.effects.size() == 1);
        CHECK(std::get<ConnectPrinter>(parts.effects.front()).host == "printer.lan");
        parts.effects.clear();
        parts.connection.handle(PrinterUp{}, parts.now, parts.effects);
        CHECK(parts.requested() == std::vector<std::string>{"get_version", "pushall"});
        CHECK_FALSE(parts.context.reachability().online);
        parts.go_online();
        CHECK(parts.context.reachability().online);
        CHECK(parts.context.reachability().host == "printer.lan");
    }
}

TEST_SUITE("gateway/connection_control") {
    TEST_CASE("the state is shown with the availability, and logged") {
        Parts parts;
        (void)parts.context.publisher.broker_up({});
        parts.go_online();
        parts.context.publish_changes(parts.now);
        const auto messages = parts.sent();
        REQUIRE(find_message(messages, "bambu2mqtt/p1/connection") != nullptr);
        CHECK(find_message(messages, "bambu2mqtt/p1/connection")->payload == "connected");
        CHECK(find_message(messages, "bambu2mqtt/p1/availability")->payload == "online");
        const auto logged = std::ranges::count_if(parts.effects, [](const Effect& effect) {
            const auto* const line = std::get_if<LogLine>(&effect);
            return line != nullptr && line->text == "connected";
        });
        CHECK(logged == 1);
    }

    TEST_CASE("announcements count only where the printer is followed") {
        Parts parts;
        parts.context.settings.follows = false;
        parts.connection.handle(PrinterAnnounced{"192.0.2.7"}, parts.now, parts.effects);
        CHECK(parts.effects.empty());
        parts.context.settings.follows = true;
        parts.connection.handle(PrinterAnnounced{"192.0.2.7"}, parts.now, parts.effects);
        CHECK_FALSE(parts.effects.empty());
    }

    TEST_CASE("dropped reports lead to a full one") {
        Parts parts;
        parts.go_online();
        parts.wait(301s);
        (void)parts.requested();
        parts.connection.handle(ReportsLost{}, parts.now, parts.effects);
        CHECK(parts.requested() == std::vector<std::string>{"pushall"});
    }
}

TEST_SUITE("gateway/job_watch") {
    TEST_CASE("the start of a job is an event that is saved immediately") {
        Parts parts;
        parts.go_online();
        parts.jobs.report_merged(true, parts.now);
        parts.jobs.follow(parts.now, parts.effects);
        CHECK_FALSE(parts.context.publisher.events().waiting());
        (void)parts.merge(partial(R"("gcode_state":"RUNNING","subtask_name":"a","task_id":"1")"));
        parts.jobs.report_merged(false, parts.now);
        CHECK(parts.context.publisher.events().waiting());
        CHECK(parts.context.persistent.due() == parts.now.instant);
    }

    TEST_CASE("the saved state survives a restart") {
        Parts parts;
        parts.go_online();
        parts.jobs.report_merged(true, parts.now);
        const auto saved = parts.jobs.save();
        JobWatch later{parts.context, Json{{"journal", saved}}};
        CHECK(later.save() == saved);
    }
}

TEST_SUITE("gateway/session_commands") {
    TEST_CASE("an unknown command is refused, and its outcome published") {
        Parts parts;
        (void)parts.context.publisher.broker_up({});
        parts.go_online();
        parts.commands.handle(
            BrokerMessage{.topic = "bambu2mqtt/p1/command", .payload = R"({"command":"nonsense"})"},
            CommandTopic{.owner = "p1"}, parts.now, parts.effects);
        parts.commands.deliver(parts.now);
        const auto messages = parts.sent();
        REQUIRE(find_message(messages, "bambu2mqtt/p1/response") != nullptr);
        CHECK(Json::parse(find_message(messages, "bambu2mqtt/p1/response")->payload)["status"] == "refused");
    }

    TEST_CASE("a retained command is cleared and not carried out") {
        Parts parts;
        (void)parts.context.publisher.broker_up({});
        parts.commands.broker_up(true);
        parts.go_online();
        (void)parts.requested();
        parts.commands.handle(BrokerMessage{.topic = "bambu2mqtt/p1/command",
                                            .payload = R"({"command":"pause"})",
                                            .retained = true},
                              CommandTopic{.owner = "p1"}, parts.now, parts.effects);
        CHECK(parts.requested().empty());
        const auto messages = parts.sent();
        REQUIRE(find_message(messages, "bambu2mqtt/p1/command") != nullptr);
        CHECK(find_message(messages, "bambu2mqtt/p1/command")->payload.empty());
    }
}

TEST_SUITE("gateway/command_port") {
    TEST_CASE("a refresh requests a full report if the budget allows it, else reports when it will") {
        Parts parts;
        parts.go_online();
        parts.wait(301s);
        (void)parts.requested();
        CommandPort port{parts.context,  parts.jobs, parts.connection,
                         parts.features, parts.now,  parts.effects};
        CHECK(port.refresh() == 0s);
        CHECK(parts.requested() == std::vector<std::string>{"get_version", "pushall"});
        CHECK(port.refresh() == 300s);
        CHECK(parts.requested().empty());
    }

    TEST_CASE("a session that was closed by a command stays closed until it is resumed, and that is saved "
              "immediately") {
        Parts parts;
        parts.go_online();
        parts.effects.clear();
        CommandPort port{parts.context,  parts.jobs, parts.connection,
                         parts.features, parts.now,  parts.effects};
        port.quit();
        CHECK(port.closed());
        CHECK(std::holds_alternative<DisconnectPrinter>(parts.effects.front()));
        CHECK(parts.context.persistent.due() == parts.now.instant);
        CHECK(parts.context.printer.gateway().connection.state == "paused");
        parts.effects.clear();
        port.resume();
        CHECK_FALSE(port.closed());
        CHECK(std::holds_alternative<ConnectPrinter>(parts.effects.front()));
        CHECK(port.proven_host() == "printer.lan");
    }
}

TEST_SUITE("gateway/printer_publisher") {
    TEST_CASE("nothing is sent without a broker session; everything when one begins") {
        Parts parts;
        parts.go_online();
        parts.context.publish_changes(parts.now);
        CHECK_FALSE(parts.context.publisher.next_due());
        CHECK(parts.sent().empty());
        (void)parts.context.publisher.broker_up({});
        CHECK(parts.context.publisher.next_due());
        const auto messages = parts.sent();
        CHECK(messages.front().topic.starts_with("homeassistant/")); // announcements come first
        CHECK(find_message(messages, "bambu2mqtt/p1/bed_temperature") != nullptr);
        parts.context.publisher.states().broker_down();
        CHECK_FALSE(parts.context.publisher.next_due());
    }

    TEST_CASE("transient messages are dropped while there is no broker session") {
        Parts parts;
        parts.context.publisher.enqueue(Message{"a", "1"});
        (void)parts.context.publisher.broker_up({});
        CHECK(find_message(parts.sent(), "a") == nullptr);
        parts.context.publisher.enqueue(Message{"a", "2"});
        const auto messages = parts.sent();
        REQUIRE(find_message(messages, "a") != nullptr);
        CHECK_FALSE(find_message(messages, "a")->retain);
    }
}

TEST_SUITE("gateway/state_publisher") {
    TEST_CASE("a value of an earlier run stays until the printer has reported something else") {
        Parts parts;
        StatePublisher states{parts.context.settings, parts.context.printer, parts.context.connection};
        (void)states.broker_up({Message{"bambu2mqtt/p1/bed_temperature", ""}});
        CHECK_FALSE(states.outbox().wants("bambu2mqtt/p1/bed_temperature"));
        (void)parts.merge(full(idle));
        states.publish_all();
        CHECK(states.outbox().wants("bambu2mqtt/p1/bed_temperature"));
    }

    TEST_CASE("topics of things the printer does not have are cleared once everything is known") {
        Parts parts;
        parts.go_online();
        StatePublisher states{parts.context.settings, parts.context.printer, parts.context.connection};
        (void)states.broker_up({Message{"bambu2mqtt/p1/ams_1_humidity", ""}});
        CHECK_FALSE(states.remove_stale_topics(false));
        CHECK(states.remove_stale_topics(true));
        CHECK_FALSE(states.remove_stale_topics(true));
        std::vector<std::string> cleared;
        while (auto message = states.outbox().next(parts.now.instant)) {
            if (message->payload.empty()) {
                cleared.push_back(message->topic);
            }
        }
        CHECK(cleared == std::vector<std::string>{"bambu2mqtt/p1/ams_1_humidity"});
    }

    TEST_CASE("an optimistic value is replaced by the printer's after its time") {
        Parts parts;
        parts.go_online();
        StatePublisher states{parts.context.settings, parts.context.printer, parts.context.connection};
        (void)states.broker_up({});
        const auto value_sent = [&] {
            std::string last = "(nothing)";
            while (auto message = states.outbox().next(parts.now.instant)) {
                last = message->topic == "bambu2mqtt/p1/bed_target_temperature" ? message->payload : last;
            }
            return last;
        };
        const auto before = value_sent();
        parts.wait(2s);
        states.expect_value("bed_target_temperature", Value{std::int64_t{60}}, 1, parts.now.instant);
        CHECK(value_sent() == "(nothing)"); // the printer may still refuse it
        states.show_acknowledged([](Ticket) { return true; }, parts.now.instant);
        CHECK(value_sent() == "60");
        REQUIRE(states.deadline() == parts.now.instant + OptimisticStates::timeout);
        parts.wait(3s);
        states.tick(parts.now.instant);
        CHECK(value_sent() == before);
        CHECK_FALSE(states.deadline());
    }
}

} // namespace bambu2mqtt::test
