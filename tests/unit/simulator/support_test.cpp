// The test support itself: processes end, brokers keep retained messages, MQTT 5 properties arrive.

#include "support/eventually.hpp"
#include "support/files.hpp"
#include "support/mosquitto.hpp"
#include "support/mqtt_observer.hpp"
#include "support/ports.hpp"
#include "support/process.hpp"

#include <doctest/doctest.h>

#include <signal.h>

#include <system_error>

namespace {

using namespace bambu2mqtt::test_support;
using namespace std::chrono_literals;

} // namespace

TEST_SUITE("test support") {
    TEST_CASE("a process: output, exit code, environment, termination") {
        const TemporaryDirectory directory;
        Process words{{.arguments = {"sh", "-c", "echo $GREETING; pwd; echo trouble >&2; exit 7"},
                       .output = directory / "out",
                       .errors = directory / "err",
                       .environment = {{"GREETING", "hello"}},
                       .working_directory = directory.path()}};
        CHECK(words.wait(test_timeout) == 7);
        CHECK(words.output() == "hello\n" + directory.path().string() + "\n");
        CHECK(read_file(directory / "err") == "trouble\n");
        CHECK_FALSE(words.running());

        Process deaf{{.arguments = {"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"},
                      .output = directory / "deaf"}};
        REQUIRE(eventually(test_timeout, [&deaf] { return deaf.output() == "ready\n"; }));
        CHECK(deaf.terminate(100ms) == 128 + SIGKILL);
        Process stopped{{.arguments = {"sleep", "60"}}};
        stopped.signal(SIGSTOP);
        CHECK(stopped.running());
        CHECK(stopped.terminate() == 128 + SIGTERM);
        CHECK_THROWS_AS(Process({.arguments = {"no-such-program-here"}}), std::system_error);
    }

    TEST_CASE("a broker keeps retained messages over a restart when configured to") {
        const TemporaryDirectory directory;
        Mosquitto broker{{.directory = directory.path(), .persistence = true}};
        const auto port = broker.port();
        {
            MqttObserver client{{.port = port}};
            client.publish({.topic = "a/b", .payload = "kept", .qos = 1, .retained = true});
        }
        broker.stop();
        CHECK_FALSE(accepts_connections(port));
        broker.start();
        CHECK(broker.port() == port);
        MqttObserver client{{.port = port, .topics = {"a/#"}}};
        CHECK(client.wait_for_latest("a/b", "kept", test_timeout));
        CHECK(client.messages().front().retained);

        client.publish({.topic = "a/b", .qos = 1, .retained = true});
        CHECK(eventually(test_timeout, [&client] { return !client.latest("a/b").has_value(); }));
    }

    TEST_CASE("MQTT 5 properties arrive, a will is sent, a stopped broker is silent") {
        const TemporaryDirectory directory;
        Mosquitto broker{{.directory = directory.path()}};
        MqttObserver watcher{{.port = broker.port(), .version_5 = true, .topics = {"#"}}};
        {
            MqttObserver client{
                {.port = broker.port(), .version_5 = true, .last_will = ObservedMessage{.topic = "will"}}};
            client.publish({.topic = "q",
                            .payload = "?",
                            .response_topic = "r",
                            .correlation_data = std::string{"\0x", 2}});
        }
        const auto question =
            watcher.wait_for([](const ObservedMessage& m) { return m.topic == "q"; }, test_timeout);
        REQUIRE(question.has_value());
        CHECK(question->response_topic == "r");
        CHECK(question->correlation_data == std::string{"\0x", 2});
        CHECK(watcher.count() == 1); // it disconnected regularly, so no will

        MqttObserver hasty{{.port = broker.port(), .timeout = 200ms}};
        broker.freeze();
        CHECK_THROWS_AS(hasty.publish({.topic = "x", .payload = "1", .qos = 1}), std::runtime_error);
        broker.thaw();
        CHECK(watcher.wait_for([](const ObservedMessage& m) { return m.topic == "x"; }, test_timeout)
                  .has_value());
    }
}
