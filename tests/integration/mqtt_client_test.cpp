// The MQTT client with a real broker: exceptions in its callbacks.
#include "support/eventually.hpp"
#include "support/files.hpp"
#include "support/mosquitto.hpp"
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bambu2mqtt::links_test {
namespace {

using test_support::eventually;
using test_support::test_timeout;

/// Which of its callbacks throw, and their calls.
struct ThrowingListener : MqttListener {
    bool for_messages = false;
    bool for_acknowledgements = false;
    std::atomic<bool> connected = false;
    std::atomic<bool> subscribed = false;

    void on_connected(const ServerLimits& /*limits*/) override { connected = true; }

    void on_connect_failed(ConnectFailure /*failure*/) override {}

    void on_lost(std::string_view why, int /*code*/) override {
        const std::lock_guard lock(mutex_);
        reason_ = why;
    }

    void on_subscribed(std::string_view /*filter*/, bool granted) override { subscribed = granted; }

    void on_message(const MqttMessage& /*message*/) override {
        if (for_messages) {
            throw std::runtime_error("no memory for a message");
        }
    }

    void on_acknowledged(int /*packet*/, int /*reason*/) override {
        if (for_acknowledgements) {
            throw 1;
        }
    }

    [[nodiscard]] std::string reason() {
        const std::lock_guard lock(mutex_);
        return reason_;
    }

  private:
    std::mutex mutex_;
    std::string reason_;
};

} // namespace

TEST_CASE("an exception in a callback of the MQTT client ends the connection, not the program") {
    const test_support::TemporaryDirectory directory;
    const test_support::Mosquitto broker{{.directory = directory / "broker"}};
    for (const auto version : {MqttVersion::v3_1_1, MqttVersion::v5}) {
        for (const bool message : {true, false}) {
            CAPTURE(message);
            const auto listener = std::make_shared<ThrowingListener>();
            listener->for_messages = message;
            listener->for_acknowledgements = !message;
            MqttClient client{{.uri = "tcp://127.0.0.1:" + std::to_string(broker.port()),
                               .client_id = "client",
                               .version = version},
                              listener};
            REQUIRE(client.connect());
            REQUIRE(eventually(test_timeout, [&] { return listener->connected.load(); }));
            REQUIRE(client.subscribe("topic", {.answer = SubscribeAnswer::wanted}));
            REQUIRE(eventually(test_timeout, [&] { return listener->subscribed.load(); }));
            CHECK(listener->reason().empty());
            REQUIRE(client.publish("topic", "x", false).packet != 0);
            CHECK(eventually(test_timeout, [&] { return !listener->reason().empty(); }));
            CHECK(listener->reason() == "internal error, see the log");
        }
    }
}

} // namespace bambu2mqtt::links_test
