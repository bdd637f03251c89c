// The simulated printers as clients see them: real Mosquitto, TLS, user and access code, certificates.

#include "simulator/gateway_config.hpp"
#include "simulator/printer_fleet.hpp"
#include "support/eventually.hpp"
#include "support/files.hpp"
#include "support/mqtt_observer.hpp"
#include "support/ports.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <signal.h>

#include <string>

namespace {

using namespace bambu2mqtt;
using namespace bambu2mqtt::simulator;
using namespace std::chrono_literals;
using nlohmann::json;
using test_support::MqttObserver;
using test_support::ObservedMessage;
using test_support::test_timeout;

constexpr int accepted = 0;
constexpr int not_authorised = 5;

test_support::ObserverOptions client_of(const PrinterFleet& fleet, std::size_t index) {
    const auto& printer = fleet.printers().at(index);
    return {.port = printer.port,
            .username = "bblp",
            .password = printer.access_code,
            .ca_file = fleet.ca_file(),
            .topics = {"device/" + printer.serial + "/report"}};
}

json payload_of(const ObservedMessage& message) {
    return json::parse(message.payload);
}

} // namespace

TEST_SUITE("printer fleet") {
    TEST_CASE("each printer has its own port, code and topics") {
        const test_support::TemporaryDirectory directory;
        PrinterFleet fleet{{.directory = directory.path(),
                            .printers = 2,
                            .models = {"P1S", "X1C"},
                            .report_interval = 100ms,
                            .print_duration = 20s}};
        const auto& first = fleet.printers().at(0);
        const auto& second = fleet.printers().at(1);
        CHECK(first.serial == "01P00S000000001");
        CHECK(second.serial == "00M00S000000002");
        CHECK(first.certificate_sha256 != second.certificate_sha256);

        MqttObserver client{client_of(fleet, 0)};
        CHECK(client
                  .wait_for([](const ObservedMessage& m) { return payload_of(m)["print"]["msg"] == 1; },
                            test_timeout)
                  .has_value());
        client.publish({.topic = "device/" + first.serial + "/request",
                        .payload = R"({"info":{"command":"get_version","sequence_id":"3"}})",
                        .qos = 1});
        const auto version = client.wait_for(
            [](const ObservedMessage& m) { return payload_of(m).contains("info"); }, test_timeout);
        REQUIRE(version.has_value());
        CHECK(payload_of(*version)["info"]["module"][0]["product_name"] == "Bambu Lab P1S");

        auto wrong = client_of(fleet, 0);
        wrong.password = "00000000";
        CHECK(MqttObserver::login(wrong) == not_authorised);
        auto other_door = client_of(fleet, 0);
        other_door.port = second.port;
        CHECK(MqttObserver::login(other_door) == not_authorised);
        CHECK(MqttObserver::login(client_of(fleet, 1)) == accepted);
        auto plain = client_of(fleet, 0);
        plain.ca_file.clear();
        CHECK(MqttObserver::login(plain) != accepted);

        auto curious = client_of(fleet, 1);
        curious.topics.push_back("device/" + first.serial + "/report");
        MqttObserver second_client{curious};
        REQUIRE(
            second_client.wait_for([](const ObservedMessage&) { return true; }, test_timeout).has_value());
        for (const auto& message : second_client.messages())
            CHECK(message.topic == "device/" + second.serial + "/report");
    }

    TEST_CASE(
        "a new access code drops the old one, a new certificate is used, a mute printer sends nothing") {
        const test_support::TemporaryDirectory directory;
        PrinterFleet fleet{{.directory = directory.path(), .models = {"A1MINI"}, .report_interval = 50ms}};
        const auto before = client_of(fleet, 0);
        fleet.change_access_code(0, "87654321");
        CHECK(test_support::eventually(test_timeout,
                                       [&before] { return MqttObserver::login(before) == not_authorised; }));
        CHECK(MqttObserver::login(client_of(fleet, 0)) == accepted);

        const auto pin = fleet.printers().at(0).certificate_sha256;
        fleet.replace_certificate(
            0, {.common_name = fleet.printers().at(0).serial, .valid_until = std::chrono::hours{-1}});
        CHECK(fleet.printers().at(0).certificate_sha256 != pin);
        CHECK(test_support::eventually(
            test_timeout, [&fleet] { return MqttObserver::login(client_of(fleet, 0)) != accepted; }));
        fleet.replace_certificate(0, {.common_name = fleet.printers().at(0).serial});
        CHECK(test_support::eventually(
            test_timeout, [&fleet] { return MqttObserver::login(client_of(fleet, 0)) == accepted; }));

        fleet.driver().set_mute(0, true);
        MqttObserver inner{{.port = fleet.inner_port(), .topics = {"device/+/report"}}};
        const auto while_mute = inner.count();
        CHECK_FALSE(
            inner.wait_for([](const ObservedMessage&) { return true; }, 300ms, while_mute).has_value());
        fleet.driver().set_mute(0, false);
        CHECK(inner.wait_for([](const ObservedMessage&) { return true; }, test_timeout, while_mute)
                  .has_value());
        fleet.driver().send(0, "{\"odd\":");
        CHECK(inner.wait_for([](const ObservedMessage& m) { return m.payload == "{\"odd\":"; }, test_timeout)
                  .has_value());
    }

    TEST_CASE("requests are recorded with their session, and connections to a printer can be cut") {
        const test_support::TemporaryDirectory directory;
        PrinterFleet fleet{
            {.directory = directory.path(), .printers = 2, .models = {"P1S"}, .doors = Doors::shared}};
        auto options = client_of(fleet, 0);
        options.client_id = "gateway-7";
        MqttObserver client{options};
        MqttObserver neighbour{client_of(fleet, 1)};
        const auto ask = [&](const char* sequence) {
            client.publish(
                {.topic = "device/" + fleet.printers().at(0).serial + "/request",
                 .payload = fmt::format(R"({{"print":{{"command":"pause","sequence_id":"{}"}}}})", sequence),
                 .qos = 1});
        };
        REQUIRE(
            test_support::eventually(test_timeout, [&] { return fleet.driver().newest_session(0) == 1; }));
        ask("1");
        REQUIRE(test_support::eventually(test_timeout, [&] { return fleet.requests(0).size() == 1; }));
        fleet.driver().drop_connections(0);
        REQUIRE(
            test_support::eventually(test_timeout, [&] { return fleet.driver().newest_session(0) == 2; }));
        CHECK(fleet.driver().newest_session(1) == 1);
        ask("2");
        REQUIRE(test_support::eventually(test_timeout, [&] { return fleet.requests(0).size() == 2; }));
        const auto requests = fleet.requests(0);
        CHECK(requests[0].session == 1);
        CHECK(requests[1].session == 2);
        CHECK(requests[1].time > requests[0].time);
        CHECK(requests[0].payload == R"({"print":{"command":"pause","sequence_id":"1"}})");
        CHECK(fleet.requests(0, "print.pause").at(1) == json{{"command", "pause"}, {"sequence_id", "2"}});
        CHECK(fleet.requests(0, "print.stop").empty());
        CHECK(fleet.requests(1).empty());
    }

    TEST_CASE(
        "commands over the wire: answered, answered late, with the connection cut, after the last answer") {
        const test_support::TemporaryDirectory directory;
        PrinterFleet fleet{{.directory = directory.path(),
                            .models = {"P1S"},
                            .report_interval = 50ms,
                            .behaviour = {{.requests = "print.resume", .delay = 400ms}}}};
        fleet.with(0, [](SimulatedPrinter& printer) { printer.start_print({}, 100s); });
        MqttObserver client{client_of(fleet, 0)};
        REQUIRE(
            test_support::eventually(test_timeout, [&] { return fleet.driver().newest_session(0) == 1; }));
        const auto ask = [&](const std::string& command, int sequence) {
            client.publish({.topic = "device/" + fleet.printers().at(0).serial + "/request",
                            .payload = fmt::format(R"({{"print":{{"command":"{}","sequence_id":"{}"}}}})",
                                                   command, sequence),
                            .qos = 1});
        };
        const auto answered = [&](int sequence, std::chrono::milliseconds deadline) {
            return client.wait_for(
                [&](const ObservedMessage& m) {
                    const auto print = payload_of(m)["print"];
                    return print.value("sequence_id", "") == std::to_string(sequence) &&
                           print.contains("result");
                },
                deadline);
        };
        ask("pause", 900'001);
        CHECK(answered(900'001, test_timeout).has_value());
        CHECK(client
                  .wait_for(
                      [](const ObservedMessage& m) {
                          return payload_of(m)["print"].value("gcode_state", "") == "PAUSE";
                      },
                      test_timeout)
                  .has_value());

        const auto before = std::chrono::steady_clock::now();
        ask("resume", 900'002);
        const auto late = answered(900'002, test_timeout);
        REQUIRE(late.has_value());
        CHECK(late->time - before >= 400ms);

        fleet.with(0, [](SimulatedPrinter& printer) {
            printer.behaviour().add(
                {.requests = "print.stop", .behaviour_kind = Behaviour::mute, .contact = Contact::dropped});
        });
        ask("stop", 900'003);
        REQUIRE(
            test_support::eventually(test_timeout, [&] { return fleet.driver().newest_session(0) == 2; }));
        CHECK_FALSE(answered(900'003, 200ms).has_value());
        CHECK(fleet.with(0, [](SimulatedPrinter& printer) { return printer.job_under_way(); }));

        fleet.with(0, [](SimulatedPrinter& printer) { printer.limit_sessions(1); });
        ask("pause", 900'004);
        CHECK(answered(900'004, test_timeout).has_value());
        ask("pause", 900'005);
        CHECK_FALSE(answered(900'005, 300ms).has_value());
        fleet.driver().drop_connections(0);
        CHECK(answered(900'005, test_timeout).has_value());
        CHECK(fleet.requests(0, "print.pause").size() == 3);
    }

    TEST_CASE("orders are read from the control port, for one printer or for all") {
        const test_support::TemporaryDirectory directory;
        PrinterFleet fleet{
            {.directory = directory.path(), .printers = 2, .models = {"P1S"}, .doors = Doors::shared}};
        MqttObserver hand{{.port = fleet.inner_port(), .topics = {"simulator/+/done"}}};
        const auto first = fleet.printers().at(0).serial;
        const auto second = fleet.printers().at(1).serial;
        hand.publish({.topic = "simulator/" + first + "/do", .payload = "print 100 Boat", .qos = 1});
        CHECK(hand.wait_for_latest("simulator/" + first + "/done", "ok", test_timeout));
        CHECK(fleet.with(0, [](SimulatedPrinter& printer) { return printer.job_under_way(); }));
        CHECK_FALSE(fleet.with(1, [](SimulatedPrinter& printer) { return printer.job_under_way(); }));
        hand.publish({.topic = "simulator/all/do", .payload = "dance", .qos = 1});
        for (const auto& serial : {first, second})
            CHECK(hand.wait_for_latest("simulator/" + serial + "/done",
                                       "no such order: 'dance'; help lists them", test_timeout));
    }

    TEST_CASE("the driver reconnects after the broker crashed, and changes made by a test are reported") {
        const test_support::TemporaryDirectory directory;
        PrinterFleet fleet{{.directory = directory.path(), .models = {"P2S"}, .report_interval = 50ms}};
        fleet.broker().crash();
        CHECK(fleet.broker().pid() == -1);
        fleet.broker().start();
        MqttObserver client{client_of(fleet, 0)};
        CHECK(client.wait_for([](const ObservedMessage&) { return true; }, test_timeout).has_value());
        fleet.with(0, [](SimulatedPrinter& printer) { printer.set_door(true); });
        CHECK(client
                  .wait_for([](const ObservedMessage& m) { return payload_of(m)["print"].contains("stat"); },
                            test_timeout)
                  .has_value());
    }

    TEST_CASE("one port for all printers, with the matching configuration") {
        const test_support::TemporaryDirectory directory;
        PrinterFleet fleet{
            {.directory = directory.path(), .printers = 3, .report_interval = 100ms, .doors = Doors::shared}};
        CHECK(fleet.printers().at(0).port == fleet.printers().at(2).port);
        auto options = client_of(fleet, 2);
        MqttObserver client{options};
        CHECK(client.wait_for([](const ObservedMessage&) { return true; }, test_timeout).has_value());
        const auto text =
            gateway_config(fleet.printers(), {.broker_url = "mqtt://127.0.0.1:1", .doors = Doors::shared});
        CHECK(text.find("url = \"mqtt://127.0.0.1:1\"") != std::string::npos);
        CHECK(text.find("serial = \"00M00S000000003\"") != std::string::npos);
        CHECK(text.find("tls = \"insecure\"") != std::string::npos);
    }

    TEST_CASE("an unknown model is an error with its name") {
        const test_support::TemporaryDirectory directory;
        CHECK_THROWS_WITH(PrinterFleet({.directory = directory.path(), .models = {"X9"}}),
                          "no simulated model X9; expected one of X1C, P1S, A1MINI, H2D, P2S, X2D");
    }
}
