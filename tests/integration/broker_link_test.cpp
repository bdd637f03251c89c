// The link to the user's broker, with real brokers.

#include "links_fixture.hpp"
#include "old_broker_relay.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include <bambu2mqtt/io/mqtt/broker_link.hpp>
#include <bambu2mqtt/io/mqtt/mqtt_client.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <memory>

namespace bambu2mqtt::links_test {

namespace {

using test_support::eventually;
using test_support::Listener;
using test_support::Mosquitto;
using test_support::MosquittoOptions;
using test_support::MqttObserver;
using test_support::Pki;
using test_support::TemporaryDirectory;

constexpr const char* will_topic = "bambu2mqtt/bridge/state";
constexpr const char* port_variable = "BAMBU2MQTT_TEST_BROKER_PORT";

[[nodiscard]] bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

[[nodiscard]] BrokerConfig config_for(std::uint16_t port) {
    BrokerConfig config;
    config.port = port;
    return config;
}

/// A link with its services, and its events.
struct Linked {
    explicit Linked(BrokerConfig given,
                    std::vector<std::string> subscriptions = {"bambu2mqtt/+/set", "other/#"})
        : config(std::move(given)), services(state.path()),
          link(std::make_unique<BrokerLink>(config, will_topic, std::move(subscriptions), inbox.queue,
                                            services)) {}

    explicit Linked(const Mosquitto& broker) : Linked(config_for(broker.port())) {}

    [[nodiscard]] std::size_t connect() {
        link->connect();
        return inbox.next<BrokerUp>(broker_target).value_or(BrokerUp{0}).window;
    }

    [[nodiscard]] std::string failure() {
        link->connect();
        return inbox.next<BrokerDown>(broker_target).value_or(BrokerDown{"no event"}).detail;
    }

    void publish(const Message& message) {
        REQUIRE(link->publish(message));
        REQUIRE(inbox.next<Published>(broker_target).has_value());
    }

    TemporaryDirectory state;
    BrokerConfig config;
    Inbox inbox;
    LinkServices services;
    std::unique_ptr<BrokerLink> link;
};

} // namespace

TEST_CASE("plain broker: subscriptions, messages in both directions, the retained flag") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    MqttObserver observer({.port = broker.port(), .topics = {"#"}});
    observer.publish({.topic = "other/old", .payload = "stored", .qos = 1, .retained = true});

    Linked linked(broker);
    CHECK(linked.connect() == 20);
    const auto replayed = linked.inbox.next<BrokerMessage>(broker_target);
    REQUIRE(replayed.has_value());
    CHECK(replayed->topic == "other/old");
    CHECK(replayed->payload == "stored");
    CHECK(replayed->retained);

    observer.publish({.topic = "bambu2mqtt/x/set", .payload = "ON", .qos = 1, .retained = true});
    const auto live = linked.inbox.next<BrokerMessage>(broker_target);
    REQUIRE(live.has_value());
    CHECK(live->payload == "ON");
    CHECK_FALSE(live->retained);

    linked.publish({.topic = "bambu2mqtt/x/state", .payload = "kept"});
    linked.publish({.topic = "bambu2mqtt/x/event", .payload = "passing", .retain = false});
    MqttObserver late({.port = broker.port(), .topics = {"bambu2mqtt/x/#"}});
    CHECK(late.wait_for_latest("bambu2mqtt/x/state", "kept", test_timeout));
    CHECK_FALSE(late.latest("bambu2mqtt/x/event").has_value());
    CHECK(observer.wait_for_latest("bambu2mqtt/x/event", "passing", test_timeout));
}

TEST_CASE("a subscription can be added and removed") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    Linked linked(broker);
    MqttObserver observer({.port = broker.port()});
    observer.publish({.topic = "extra/a", .payload = "stored", .qos = 1, .retained = true});
    CHECK_FALSE(linked.link->subscribe("extra/#"));
    REQUIRE(linked.connect() > 0);
    CHECK(linked.link->subscribe("extra/#"));
    CHECK(linked.inbox.next<BrokerMessage>(broker_target).value_or(BrokerMessage{}).payload == "stored");
    CHECK(linked.link->unsubscribe("extra/#"));
    linked.publish(
        {.topic = "extra/a", .payload = "unheard"}); // after the UNSUBSCRIBE, on the same connection
    CHECK(linked.inbox.silent());
}

TEST_CASE("user and password are sent, and a refusal does not reveal them") {
    const TemporaryDirectory directory;
    test_support::write_file(directory / "passwords", test_support::password_entry("home", "secret") + "\n");
    Listener listener;
    listener.password_file = directory / "passwords";
    Mosquitto broker({.directory = directory / "broker", .listeners = {listener}});
    BrokerConfig config = config_for(broker.port());
    config.username = "home";
    config.password = Secret("secret");
    CHECK(Linked(config).connect() == 20);
    config.password = Secret("wrong-password");
    const std::string failure = Linked(config).failure();
    CHECK(contains(failure, "check broker.username and broker.password"));
    CHECK_FALSE(contains(failure, "wrong-password"));
}

TEST_CASE("a broker that dies is reported once, and the next attempt connects again") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    Linked linked(broker);
    REQUIRE(linked.connect() > 0);
    broker.crash();
    CHECK(linked.inbox.next<BrokerDown>(broker_target).has_value());
    CHECK_FALSE(linked.link->publish({.topic = "a", .payload = "b"}));
    CHECK(contains(linked.failure(), "connection refused"));
    broker.start();
    CHECK(linked.connect() > 0);
    CHECK(linked.inbox.passed.empty());
}

TEST_CASE("a host name is resolved, and one that does not resolve is reported") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    BrokerConfig config = config_for(broker.port());
    config.host = "localhost";
    CHECK(Linked(config).connect() > 0);
    config.host = "no-such-host.invalid";
    CHECK(contains(Linked(config).failure(), "'no-such-host.invalid' does not resolve"));
}

TEST_CASE("the window is limited to the broker's receive maximum") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker", .more_lines = {"max_inflight_messages 5"}});
    CHECK(Linked(broker).connect() == 5);
}

TEST_CASE("each of 2,000 messages is acknowledged once, and they arrive in order") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    MqttObserver observer({.port = broker.port(), .topics = {"count"}});
    Linked linked(broker);
    const std::size_t window = linked.connect();
    REQUIRE(window == 20);
    constexpr std::size_t all = 2000;
    std::size_t sent = 0;
    std::size_t acknowledged = 0;
    const auto begin = std::chrono::steady_clock::now();
    while (acknowledged < all) {
        while (sent < all && sent - acknowledged < window) {
            REQUIRE(
                linked.link->publish({.topic = "count", .payload = std::to_string(sent), .retain = false}));
            ++sent;
        }
        REQUIRE(linked.inbox.next<Published>(broker_target).has_value());
        ++acknowledged;
    }
    CHECK(std::chrono::steady_clock::now() - begin < timeout_factor * 10s);
    CHECK(linked.inbox.silent());
    REQUIRE(eventually(test_timeout, [&] { return observer.count() == all; }));
    const auto messages = observer.messages();
    std::size_t in_order = 0;
    while (in_order < all && messages[in_order].payload == std::to_string(in_order)) {
        ++in_order;
    }
    CHECK(in_order == all);
}

TEST_CASE("a message that the broker refuses also frees its place in the window") {
    const TemporaryDirectory directory;
    test_support::write_file(directory / "rules", "topic read #\n");
    Listener listener;
    listener.acl_file = directory / "rules";
    Mosquitto broker({.directory = directory / "broker", .listeners = {listener}});
    Linked linked(broker);
    REQUIRE(linked.connect() > 0);
    linked.publish(
        {.topic = "denied", .payload = "x"}); // Mosquitto 2.0.11 refuses it and then hangs up as well
    CHECK(linked.inbox.passed.empty());
}

TEST_CASE("commands of several megabytes arrive") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    auto config = config_for(broker.port());
    config.largest_packet = packet_bound(6UL * 1024 * 1024); // files.inline_limit, in base64 a third more
    Linked linked(std::move(config));
    REQUIRE(linked.connect() > 0);
    MqttObserver observer({.port = broker.port()});
    const std::string payload(8UL * 1024 * 1024, 'x');
    observer.publish({.topic = "bambu2mqtt/x/set", .payload = payload, .qos = 1});
    CHECK(linked.inbox.next<BrokerMessage>(broker_target).value_or(BrokerMessage{}).payload == payload);
}

TEST_CASE("the broker's reason for ending the session is reported") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    Linked linked(broker);
    REQUIRE(linked.connect() > 0);
    std::string deep;
    for (int level = 0; level < 210; ++level) {
        deep += "a/";
    }
    REQUIRE(linked.link->publish({.topic = deep + "x", .payload = "x"})); // more levels than Mosquitto takes
    const auto down = linked.inbox.next<BrokerDown>(broker_target);
    REQUIRE(down.has_value());
    CHECK_MESSAGE(contains(down->detail, "Protocol error"), down->detail);
}

TEST_CASE("a broker that stops responding does not delay the next attempt") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    Linked linked(broker);
    REQUIRE(linked.connect() > 0);
    broker.freeze();
    // More than the socket accepts: the rest waits in the client.
    REQUIRE(linked.link->publish({.topic = "a", .payload = std::string(32UL * 1024 * 1024, 'x')}));
    CHECK(linked.inbox.silent(1500ms));
    linked.link->connect();
    broker.thaw();
    CHECK(linked.inbox.next<BrokerUp>(broker_target, timeout_factor * 8s).has_value());
}

TEST_CASE("disconnect sends no will; destroying a connected link publishes offline") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    MqttObserver observer({.port = broker.port(), .topics = {will_topic}});
    Linked linked(broker);
    REQUIRE(linked.connect() > 0);
    linked.publish({.topic = will_topic, .payload = "online"});
    linked.link->disconnect();
    REQUIRE(
        eventually(test_timeout, [&] { return contains(broker.log(), "Client bambu2mqtt disconnected."); }));
    REQUIRE(linked.connect() > 0);
    CHECK(observer.wait_for_latest(will_topic, "online", test_timeout));
    CHECK(observer.count() == 1);
    linked.link.reset();
    CHECK(observer.wait_for_latest(will_topic, "offline", test_timeout));
}

TEST_CASE("child process of the test below" * doctest::skip()) {
    const char* port = std::getenv(port_variable);
    REQUIRE(port != nullptr);
    Linked linked(config_for(static_cast<std::uint16_t>(std::atoi(port))));
    REQUIRE(linked.connect() > 0);
    linked.publish({.topic = will_topic, .payload = "online"});
    linked.inbox.next<BrokerDown>(broker_target, 60s);
}

TEST_CASE("the broker publishes the will when the process dies") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    MqttObserver observer({.port = broker.port(), .topics = {will_topic}});
    test_support::Process child(
        {.arguments = {"/proc/self/exe", "--no-skip", "--test-case=child process of the*"},
         .output = directory / "child.log",
         .environment = {{port_variable, std::to_string(broker.port())}}});
    REQUIRE(observer.wait_for_latest(will_topic, "online", test_timeout));
    child.signal(SIGKILL);
    CHECK(observer.wait_for_latest(will_topic, "offline", test_timeout));
}

TEST_CASE("a broker without MQTT 5 is connected to with 3.1.1") {
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    MqttObserver observer({.port = broker.port(), .topics = {"a"}});

    SUBCASE("a broker that reports the unsupported version is remembered") {
        const OldBrokerRelay relay(broker.port(), TurnsAway::with_connack);
        Linked linked(config_for(relay.port()));
        REQUIRE(linked.connect() == 20);
        linked.publish({.topic = "a", .payload = "b"});
        CHECK(observer.wait_for_latest("a", "b", test_timeout));
        CHECK(relay.turned_away() == 1);
        REQUIRE(linked.connect() == 20);
        CHECK(relay.turned_away() == 1);
    }
    SUBCASE("a broker that only closes the connection is tried with MQTT 5 again") {
        const OldBrokerRelay relay(broker.port(), TurnsAway::by_hanging_up);
        Linked linked(config_for(relay.port()));
        REQUIRE(linked.connect() == 20);
        linked.publish({.topic = "a", .payload = "b"});
        CHECK(observer.wait_for_latest("a", "b", test_timeout));
        REQUIRE(linked.connect() == 20);
        CHECK(relay.turned_away() == 2);
    }
}

TEST_CASE("only a reply about the version causes the fallback") {
    CHECK(refuses_version({.connack = 1}));
    CHECK(refuses_version({.connack = 0x84}));
    for (const int code : {0, 2, 3, 4, 5, 0x80, 0x85, 0x86, 0x87}) {
        CHECK_FALSE(refuses_version({.connack = code}));
    }
}

TEST_CASE("TLS: the certificate must come from a trusted authority and name the host") {
    const TemporaryDirectory directory;
    prepare_tls();
    Pki pki(directory / "ca");
    const auto leaf =
        pki.issue({.common_name = "broker", .alternative_names = {"DNS:localhost", "IP:127.0.0.1"}}, "leaf");
    const auto wrong = pki.issue({.common_name = "broker", .alternative_names = {"DNS:elsewhere"}}, "wrong");
    const auto own = pki.issue({.common_name = "gateway"}, "client");
    Listener plain;
    plain.certificate = leaf.certificate;
    plain.key = leaf.key;
    Listener misnamed;
    misnamed.certificate = wrong.certificate;
    misnamed.key = wrong.key;
    Listener strict = plain;
    strict.client_ca = pki.ca_file();
    Mosquitto broker({.directory = directory / "broker", .listeners = {plain, misnamed, strict}});
    BrokerConfig config = config_for(broker.port());
    config.tls = true;
    config.ca_file = pki.ca_file();

    SUBCASE("by address") {
        CHECK(Linked(config).connect() > 0);
    }
    SUBCASE("by name") {
        config.host = "localhost";
        CHECK(Linked(config).connect() > 0);
    }
    SUBCASE("another name in the certificate") {
        config.host = "localhost";
        config.port = broker.port(1);
        CHECK(contains(Linked(config).failure(), "hostname mismatch"));
        config.host = "127.0.0.1";
        CHECK(contains(Linked(config).failure(), "IP address mismatch"));
    }
    SUBCASE("another authority") {
        const Pki other(directory / "other");
        config.ca_file = other.ca_file();
        CHECK(contains(Linked(config).failure(), "unable to get local issuer certificate"));
        config.ca_file.clear();
        CHECK(contains(Linked(config).failure(), "unable to get local issuer certificate"));
    }
    SUBCASE("client certificate") {
        config.port = broker.port(2);
        config.cert_file = own.certificate;
        config.key_file = own.key;
        CHECK(Linked(config).connect() > 0);
        config.cert_file.clear();
        config.key_file.clear();
        CHECK(contains(Linked(config).failure(), "closed the connection"));
    }
}

} // namespace bambu2mqtt::links_test
