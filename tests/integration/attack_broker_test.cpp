// The user's broker, or another client of it, keeps the gateway from working: another client with the same
// id, a refused subscription.
#include "integration/gateway_fixture.hpp"
#include "integration/links_fixture.hpp"
#include "integration/old_broker_relay.hpp"
#include "support/eventually.hpp"
#include <bambu2mqtt/io/mqtt/broker_link.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace bambu2mqtt::gateway_test;
using bambu2mqtt::test_support::eventually;
using bambu2mqtt::test_support::Mosquitto;
using bambu2mqtt::test_support::MqttObserver;
using bambu2mqtt::test_support::TemporaryDirectory;
using bambu2mqtt::test_support::write_file;

namespace {

/// A broker with MQTT 5 that ends each connection at its first message, with a reason.
class EndsWithReason {
  public:
    explicit EndsWithReason(char reason) : reason_(reason), thread_([this] { run(); }) {}

    EndsWithReason(const EndsWithReason&) = delete;
    EndsWithReason& operator=(const EndsWithReason&) = delete;

    ~EndsWithReason() {
        shutdown(server_.descriptor(), SHUT_RDWR);
        thread_.join();
    }

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

  private:
    void run() {
        for (int client = 0; (client = accept4(server_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
            std::array<char, 4096> buffer{};
            const std::string connack("\x20\x03\0\0\0", 5);
            const std::string disconnect{'\xE0', 2, reason_, 0};
            if (recv(client, buffer.data(), buffer.size(), 0) > 0 &&
                send(client, connack.data(), connack.size(), MSG_NOSIGNAL) > 0 &&
                recv(client, buffer.data(), buffer.size(), 0) > 0) {
                (void)send(client, disconnect.data(), disconnect.size(), MSG_NOSIGNAL);
                while (recv(client, buffer.data(), buffer.size(), 0) > 0) {
                }
            }
            close(client);
        }
    }

    bambu2mqtt::links_test::SilentServer server_;
    const char reason_;
    std::thread thread_;
};

constexpr const char* refused_filter = "bambu2mqtt/+/command/+";

/// A real broker that refuses one filter, by the plugin shipped with it.
class StrictBroker {
  public:
    StrictBroker() {
        allow(false);
        bambu2mqtt::test_support::Listener door;
        door.more_lines = {"plugin mosquitto_dynamic_security.so",
                           "plugin_opt_config_file " + rules().string()};
        for (const char* const folder :
             {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/lib64"}) {
            const auto plugin = std::filesystem::path(folder) / "mosquitto_dynamic_security.so";
            if (std::filesystem::exists(plugin)) {
                door.more_lines.front() = "plugin " + plugin.string();
            }
        }
        broker_ = std::make_unique<Mosquitto>(bambu2mqtt::test_support::MosquittoOptions{
            .directory = directory_ / "broker", .listeners = {door}});
    }

    /// Takes effect at the next start().
    void allow(bool allowed) const {
        const std::string text =
            R"({"defaultACLAccess":{"publishClientSend":true,"publishClientReceive":true,"subscribe":true,)"
            R"("unsubscribe":true},"clients":[],"groups":[{"groupname":"all","roles":[{"rolename":"one"}]}],)"
            R"("roles":[{"rolename":"one","acls":[{"acltype":"subscribeLiteral","priority":10,"topic":")" +
            std::string(refused_filter) + R"(","allow":)" + (allowed ? "true" : "false") +
            R"(}]}],"anonymousGroup":"all"})";
        write_file(rules(), text);
    }

    [[nodiscard]] Mosquitto* operator->() { return broker_.get(); }

  private:
    [[nodiscard]] std::filesystem::path rules() const { return directory_ / "rules.json"; }

    TemporaryDirectory directory_;
    std::unique_ptr<Mosquitto> broker_;
};

} // namespace

TEST_CASE("attack: two gateways with the same client id reconnect more slowly and log the cause") {
    TestEnvironment first;
    TestEnvironment second;
    REQUIRE(first.start_gateway());
    second.gateway().configure(
        second.config({.broker_lines = "base_topic = \"second\"", .broker_port = first.broker().port()}));
    const auto logins = [&] {
        const auto log = first.broker().log();
        std::size_t count = 0;
        for (std::size_t at = 0; (at = log.find(" as bambu2mqtt ", at)) != std::string::npos; ++at) {
            ++count;
        }
        return count;
    };
    const auto before = logins();
    second.gateway().start();
    constexpr const char* words = "another client seems to use the same client id 'bambu2mqtt'";
    const auto says = [&](TestEnvironment& env) { return env.gateway().lines_with(words) > 0; };
    REQUIRE(eventually(test_timeout, [&] { return says(first) || says(second); }));
    TestEnvironment& wise = says(first) ? first : second;
    CHECK(logins() - before >= 3);
    const auto health = wise.gateway().command_request({"health"});
    CHECK(health.exit_code == 1);
    CHECK_MESSAGE(health.errors.find(words) != std::string::npos, health.errors);
    // In twenty seconds each logs in a few times and not every second.
    const auto then = logins();
    std::this_thread::sleep_for(20s);
    CHECK(logins() - then <= 10);
    CHECK(wise.gateway().lines_with(words) == 1);
    CHECK(first.gateway().stop() == 0);
    CHECK(second.gateway().stop() == 0);
}

TEST_CASE("attack: a broker that refuses one command subscription is logged and subscribed to again") {
    StrictBroker broker;
    TestEnvironment env;
    MqttObserver observer{{.port = broker->port(), .topics = {"bambu2mqtt/#"}}};
    env.gateway().configure(env.config({.broker_port = broker->port()}));
    env.gateway().start();
    const std::string words = "refused the subscription to '" + std::string(refused_filter) + "'";
    REQUIRE(eventually(test_timeout, [&] { return env.gateway().lines_with(words) > 0; }));
    const auto health = env.gateway().command_request({"health"});
    CHECK(health.exit_code == 1);
    CHECK_MESSAGE(health.errors.find(words) != std::string::npos, health.errors);
    const auto has_problem = [&](const auto& message) {
        return message.topic == "bambu2mqtt/bridge/health" &&
               message.payload.find(words) != std::string::npos;
    };
    CHECK(observer.wait_for(has_problem, test_timeout).has_value());
    CHECK(env.gateway().lines_with(words) <= 3); // not with each attempt

    // Commands are received as soon as the broker allows the subscription.
    broker->stop();
    broker.allow(true);
    broker->start();
    MqttObserver client{{.port = broker->port(), .topics = {"bambu2mqtt/#"}}};
    const auto answered = [&] {
        client.publish({.topic = env.topic(0, "command/get_state"), .payload = "{}", .qos = 1});
        return client
            .wait_for([&](const auto& message) { return message.topic == env.topic(0, "response"); }, 1s)
            .has_value();
    };
    CHECK(eventually(test_timeout, answered));
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("attack: every refused subscription names the filter, with MQTT 5 and 3.1.1") {
    using namespace bambu2mqtt;
    using namespace bambu2mqtt::links_test;
    StrictBroker broker;
    OldBrokerRelay relay{broker->port(), TurnsAway::with_connack};
    for (const std::uint16_t port : {broker->port(), relay.port()}) {
        CAPTURE(port);
        const TemporaryDirectory state;
        Inbox inbox;
        LinkServices services{state.path()};
        BrokerConfig config;
        config.port = port;
        for (const bool at_login : {true, false}) {
            CAPTURE(at_login);
            std::vector<std::string> filters{"other/#"};
            if (at_login) {
                filters.emplace_back(refused_filter);
            }
            BrokerLink link{config, "bambu2mqtt/bridge/state", filters, inbox.queue, services};
            link.connect();
            if (!at_login) {
                REQUIRE(inbox.next<BrokerUp>(broker_target).has_value());
                CHECK(link.subscribe("bambu2mqtt/+/command", Interest::commands)); // granted
                CHECK(link.subscribe(refused_filter, Interest::commands));
            }
            const auto down = inbox.next<BrokerDown>(broker_target);
            REQUIRE(down.has_value());
            CHECK(down->refused_filter == refused_filter);
            CHECK(down->detail.find(refused_filter) != std::string::npos);
        }
    }
    CHECK(relay.turned_away() >= 1);
}

TEST_CASE("attack: a topic that no broker accepts is not sent, and acknowledgements match their messages") {
    using namespace bambu2mqtt;
    using namespace bambu2mqtt::links_test;
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    MqttObserver observer({.port = broker.port(), .topics = {"#"}});
    Inbox inbox;
    LinkServices services{directory.path()};
    BrokerConfig config;
    config.port = broker.port();
    BrokerLink link{config, "bambu2mqtt/bridge/state", {}, inbox.queue, services};
    const auto early = link.publish({.topic = "a", .payload = "b"});
    CHECK_FALSE(early);
    CHECK_FALSE(early.hopeless); // there is no connection yet
    link.connect();
    REQUIRE(inbox.next<BrokerUp>(broker_target).has_value());
    for (const std::string& topic : {std::string{}, std::string{"a/+"}, std::string{"a/#"},
                                     std::string{"a\xff"}, std::string("a\0b", 3), std::string(65536, 'a')}) {
        const auto result = link.publish({.topic = topic, .payload = "x"});
        CHECK_FALSE(result);
        CHECK(result.hopeless);
    }
    std::vector<int> sent;
    for (int i = 0; i < 5; ++i) {
        const auto result = link.publish({.topic = "a/" + std::to_string(i), .payload = "x"});
        REQUIRE(result);
        sent.push_back(result.packet);
    }
    std::vector<int> acknowledged;
    for (int i = 0; i < 5; ++i) {
        const auto published = inbox.next<Published>(broker_target);
        REQUIRE(published.has_value());
        CHECK(published->reason < 0x80);
        acknowledged.push_back(published->packet);
    }
    std::ranges::sort(sent);
    std::ranges::sort(acknowledged);
    CHECK(sent == acknowledged);
    CHECK(std::ranges::adjacent_find(sent) == sent.end());
    CHECK(observer.wait_for_latest("a/4", "x", test_timeout));
}

TEST_CASE("attack: with MQTT 5 the gateway does not receive its own messages on command topics") {
    using namespace bambu2mqtt;
    using namespace bambu2mqtt::links_test;
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker"});
    Inbox inbox;
    LinkServices services{directory.path()};
    BrokerConfig config;
    config.port = broker.port();
    BrokerLink link{config, "bambu2mqtt/bridge/state", {}, inbox.queue, services};
    link.connect();
    REQUIRE(inbox.next<BrokerUp>(broker_target).has_value());
    REQUIRE(link.subscribe("bambu2mqtt/+/command", Interest::commands));
    MqttObserver other({.port = broker.port()});
    const auto next_payload = [&](std::chrono::milliseconds limit) {
        const auto message = inbox.next<BrokerMessage>(broker_target, limit);
        return message ? message->payload : std::string("(nothing)");
    };
    // The subscription is active once a foreign message arrives.
    REQUIRE(eventually(test_timeout, [&] {
        other.publish({.topic = "bambu2mqtt/p/command", .payload = "first", .qos = 1});
        return next_payload(1s) == "first";
    }));
    REQUIRE(link.publish({.topic = "bambu2mqtt/p/command", .payload = "own", .retain = false}));
    other.publish({.topic = "bambu2mqtt/p/command", .payload = "last", .qos = 1});
    std::string next = next_payload(10s);
    while (next == "first") { // sent more than once above
        next = next_payload(10s);
    }
    CHECK(next == "last");
}

TEST_CASE("attack: messages above the broker's largest packet are not sent, all others are") {
    using namespace bambu2mqtt;
    using namespace bambu2mqtt::links_test;
    constexpr std::size_t limit = 4000;
    const TemporaryDirectory directory;
    Mosquitto broker({.directory = directory / "broker", .more_lines = {"max_packet_size 4000"}});
    Inbox inbox;
    LinkServices services{directory.path()};
    BrokerConfig config;
    config.port = broker.port();
    BrokerLink link{config, "bambu2mqtt/bridge/state", {}, inbox.queue, services};
    link.connect();
    REQUIRE(inbox.next<BrokerUp>(broker_target).has_value());
    // Fixed header 3, topic 2 + 1, identifier 2, properties 1.
    const Message fits{.topic = "a", .payload = std::string(limit - 9, 'x')};
    REQUIRE(link.publish(fits));
    CHECK(inbox.next<Published>(broker_target).has_value());
    auto larger = fits;
    larger.payload += "x";
    for (const std::string correlation : {"", "c"}) {
        larger.correlation = correlation;
        const auto result = link.publish(larger);
        CHECK_FALSE(result);
        CHECK(result.hopeless);
        CHECK(result.packet_bytes == limit + 1 + (correlation.empty() ? 0 : 4));
        CHECK(result.limit == limit);
    }
    larger.correlation.clear();
    larger.qos = Qos::at_most_once; // two bytes less
    REQUIRE(link.publish(larger));
    REQUIRE(link.publish(fits)); // on the same connection
    CHECK(inbox.next<Published>(broker_target).has_value());
    CHECK(inbox.passed.empty());
}

TEST_CASE("attack: with a broker that accepts small packets alone the gateway stays connected") {
    TestEnvironment env{{.broker_lines = {"max_packet_size 4000"}}};
    env.gateway().configure(env.config());
    MqttObserver observer{{.port = env.broker().port(), .topics = {"bambu2mqtt/#", "homeassistant/#"}}};
    env.gateway().start();
    const auto shows = [&](std::string_view entity) {
        return observer.wait_for([&](const auto& message) { return message.topic == env.topic(0, entity); },
                                 test_timeout);
    };
    REQUIRE(shows("print_status").has_value());
    constexpr const char* words = "larger than the 4000 bytes that the broker accepts";
    REQUIRE(eventually(test_timeout, [&] { return env.gateway().lines_with(words) > 0; }));
    CHECK(env.gateway().lines_with("home_assistant.discovery = \"component\"") > 0);
    // The answer to a command is sent without its data.
    const auto answer = [&] {
        observer.publish({.topic = env.topic(0, "command/get_state"), .payload = "{}", .qos = 1});
        return observer.wait_for(
            [&](const auto& message) { return message.topic == env.topic(0, "response"); }, 1s);
    };
    std::string payload;
    REQUIRE(eventually(test_timeout, [&] {
        const auto message = answer();
        payload = message ? message->payload : payload;
        return !payload.empty();
    }));
    CHECK_MESSAGE(payload.find("the data is left out") != std::string::npos, payload);
    CHECK(env.gateway().lines_with("not connected") == 0);
    CHECK(env.gateway().lines_with("another client") == 0);
    CHECK(env.gateway().command_request({"health"}).exit_code == 0);
    CHECK(env.gateway().stop() == 0);
}

TEST_CASE("attack: the reason with which a broker ends a session is known") {
    using namespace bambu2mqtt;
    using namespace bambu2mqtt::links_test;
    EndsWithReason broker{'\x95'};
    const TemporaryDirectory state;
    Inbox inbox;
    LinkServices services{state.path()};
    BrokerConfig config;
    config.port = broker.port();
    BrokerLink link{config, "bambu2mqtt/bridge/state", {}, inbox.queue, services};
    link.connect();
    REQUIRE(inbox.next<BrokerUp>(broker_target).has_value());
    REQUIRE(link.publish({.topic = "a", .payload = "x"}));
    const auto down = inbox.next<BrokerDown>(broker_target);
    REQUIRE(down.has_value());
    CHECK(down->reason == 0x95);
    CHECK(down->detail == "the peer closed the connection: Packet too large");
}
