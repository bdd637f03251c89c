// What one peer can make the gateway keep in memory, beside twenty good printers: packets and messages that
// are each within their bounds, and many of them.
#include "integration/gateway_fixture.hpp"
#include "support/eventually.hpp"
#include "support/hostile_server.hpp"
#include "support/pki.hpp"
#include "support/proc.hpp"
#include "support/sanitizers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <mqtt_protocol.h>

#include <mosquitto.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace bambu2mqtt::gateway_test {
namespace {

using test_support::eventually;
using test_support::HostileServer;
using test_support::MqttObserver;
using test_support::sanitized;
using test_support::status_of;

constexpr std::size_t good_printers = 20;
constexpr long most_resident_kb = 64 * 1024;
constexpr std::size_t mebibyte = 1024UL * 1024;
constexpr const char* attacking_serial = "01P00C999999999";
const std::string report_topic = fmt::format("device/{}/report", attacking_serial);

/// A gateway with twenty good printers.
struct Crowd {
    TestEnvironment env{{.models = std::vector<std::string>(good_printers, "X1C"), .report_interval = 60s}};

    void start(const ConfigChanges& changes = {}) {
        REQUIRE(env.start_gateway(changes));
        // Does not see what is large.
        observer = std::make_unique<MqttObserver>(test_support::ObserverOptions{
            .port = env.broker().port(), .topics = {"bambu2mqtt/+/print_progress", "bambu2mqtt/+/response"}});
    }

    /// Whether the good printers are still published.
    [[nodiscard]] bool works() {
        const auto topic = env.topic(good_printers - 1, "print_progress");
        env.fleet().driver().send(good_printers - 1,
                                  R"({"print":{"command":"push_status","msg":1,"mc_percent":73}})");
        return observer->wait_for_latest(topic, "73", test_timeout);
    }

    /// Whether the memory stayed within the bound, and the gateway works.
    void judge(const std::string& attack) {
        REQUIRE(env.gateway().running());
        const auto pid = std::to_string(env.gateway().pid());
        const auto peak = status_of(pid, "VmHWM");
        MESSAGE(fmt::format("note: {}: resident memory {} kB at most, {} kB now", attack, peak,
                            status_of(pid, "VmRSS")));
        if (!sanitized) {
            CHECK(peak <= most_resident_kb);
        }
        CHECK(works());
        CHECK(env.gateway().stop() == 0);
    }

    std::unique_ptr<MqttObserver> observer;
};

/// The attacking printer, with its table in the configuration.
struct AttackingPrinter {
    explicit AttackingPrinter(HostileServer::Script script)
        : server{leaf.certificate, leaf.key, std::move(script)} {}

    [[nodiscard]] std::string table() const {
        return fmt::format(
            "[[printer]]\nserial = \"{}\"\nid = \"hostile\"\nhost = \"127.0.0.1\"\nmqtt_port = {}\n"
            "access_code = \"12345678\"\n",
            attacking_serial, server.port());
    }

    test_support::TemporaryDirectory directory;
    test_support::Pki pki{directory / "ca"};
    test_support::Certificate leaf{pki.issue({.common_name = attacking_serial}, "leaf")};
    HostileServer server;
};

/// Lets a printer attack beside the good ones; the script has to end by itself.
void attack_by_printer(const std::string& attack, const HostileServer::Script& script,
                       const std::string& logged = {}) {
    AttackingPrinter attacker{script};
    Crowd crowd;
    crowd.start({.more_lines = attacker.table()});
    CHECK(eventually(test_timeout, [&] { return attacker.server.ended() > 0; }));
    if (!logged.empty()) {
        CHECK(eventually(test_timeout, [&] { return crowd.env.gateway().lines_with(logged) > 0; }));
    }
    crowd.judge(attack);
}

/// A partial report with new members in objects in objects, of 200 kB.
std::string growing_report(int number) {
    std::string report = R"({"print":{"command":"push_status","msg":1)";
    for (int i = 0; report.size() < 200'000; ++i) {
        report +=
            fmt::format(R"(,"a{}":{{"b{}_{}":{{"c":{{}},"d":"0123456789abcdef"}}}})", i % 400, number, i);
    }
    return report + "}}";
}

std::string length_of(std::size_t length) {
    std::string bytes;
    do {
        const auto low = static_cast<unsigned char>(length & 0x7FU);
        length >>= 7U;
        bytes += static_cast<char>(length == 0 ? low : low | 0x80U);
    } while (length != 0);
    return bytes;
}

/// Publishes a message with MQTT 5, QoS 1 and so many empty user properties, and waits until the broker has
/// it. Client libraries take minutes to put together such a list.
void publish_with_properties(std::uint16_t port, const std::string& topic, std::size_t properties) {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const auto send_all = [&](std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            REQUIRE(sent > 0);
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    };
    const auto answered_with = [&](unsigned char first) {
        std::array<char, 256> answer{};
        return recv(client, answer.data(), answer.size(), 0) > 0 &&
               static_cast<unsigned char>(answer[0]) == first;
    };
    send_all(std::string("\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x03raw", 18)); // clean start
    REQUIRE(answered_with(0x20));
    std::string content{static_cast<char>(topic.size() >> 8U), static_cast<char>(topic.size() & 0xFFU)};
    content += topic + std::string("\x00\x01", 2) + length_of(properties * 5);
    for (std::size_t i = 0; i < properties; ++i) {
        content.append("\x26\x00\x00\x00\x00", 5);
    }
    content += "{}";
    send_all("\x32" + length_of(content.size()) + content);
    CHECK(answered_with(0x40));
    send_all(std::string("\xe0\x00", 2));
    close(client);
}

} // namespace

TEST_CASE("attack: a printer that sends without granting the subscription cannot fill the memory") {
    attack_by_printer("400 reports of 1 MB before SUBACK", [](HostileServer::Client& client) {
        const std::string report(mebibyte - 100, ' ');
        for (int i = 0; i < 400 && client.publish(report_topic, report); ++i) {
        }
    });
}

TEST_CASE("attack: messages with QoS 2 from a printer end its connection") {
    attack_by_printer(
        "2000 messages of 100 kB with QoS 2",
        [](HostileServer::Client& client) {
            const std::string report(100'000, ' ');
            client.confirm();
            for (std::uint16_t i = 1; i < 2000 && client.publish(report_topic, report, 2, i); ++i) {
            }
        },
        "an MQTT message with QoS 2 arrived, at most 0 was asked for");
}

TEST_CASE("attack: partial reports with new members cannot make the known state grow without limit") {
    attack_by_printer(
        "120 partial reports of 200 kB with new members",
        [](HostileServer::Client& client) {
            client.confirm();
            for (int i = 0; i < 120 && client.publish(report_topic, growing_report(i)); ++i) {
                std::this_thread::sleep_for(20ms); // all of them are to be taken in
            }
            std::this_thread::sleep_for(2s);
        },
        "it is dropped");
}

TEST_CASE("attack: reports within the size limit of a packet cannot take many times their size") {
    attack_by_printer("module lists, lists of lists and objects of 1 MB", [](HostileServer::Client& client) {
        const auto repeated = [](const std::string& start, const std::string& piece, const std::string& end) {
            std::string text = start;
            while (text.size() + piece.size() + end.size() < mebibyte - 100) {
                text += piece;
            }
            return text + end;
        };
        client.confirm();
        for (int i = 0; i < 5; ++i) {
            for (const auto& report :
                 {repeated(R"({"info":{"command":"get_version","module":[{})", ",{}", "]}}"),
                  repeated(R"({"print":{"command":"push_status","msg":0,"hms":[[])", ",[{},{},{}]", "]}}"),
                  repeated(R"({"print":{"command":"push_status","msg":0,"ams":{"ams":[{})", R"(,{"id":"1"})",
                           "]}}}"),
                  repeated(R"({"print":{"command":"extrusion_cali_get","filaments":[{})", ",{}", "]}}")}) {
                if (!client.publish(report_topic, report)) {
                    return;
                }
                std::this_thread::sleep_for(50ms);
            }
        }
        std::this_thread::sleep_for(2s);
    });
}

TEST_CASE("attack: a large answer to the subscription ends the connection before it is read") {
    attack_by_printer(
        "a SUBACK of 1 MB",
        [](HostileServer::Client& client) {
            // The library makes two allocations for each byte of it.
            client.send(std::string("\x90\xFF\xFF\x3F", 4) + std::string(mebibyte, '\0'));
            client.wait();
        },
        "an MQTT packet of 1048575 bytes arrived, at most 65536 bytes are read");
}

TEST_CASE("attack: commands of 2 MB from three clients are bounded while they wait") {
    Crowd crowd;
    crowd.start();
    std::vector<std::thread> clients;
    const auto topic = crowd.env.topic(0, "command/pause_printing");
    for (int i = 0; i < 3; ++i) {
        clients.emplace_back([&] {
            std::string large(2 * mebibyte - 1000, 'x');
            MqttObserver sender{{.port = crowd.env.broker().port(), .timeout = test_timeout}};
            for (int n = 0; n < 150; ++n) {
                sender.publish({.topic = topic, .payload = large, .qos = 1});
            }
        });
    }
    for (auto& client : clients) {
        client.join();
    }
    crowd.judge("450 commands of 2 MB");
}

TEST_CASE("attack: user properties of a message cannot take many times their size, nor end the session") {
    Crowd crowd;
    crowd.start();
    for (int i = 0; i < 3; ++i) {
        publish_with_properties(crowd.env.broker().port(), crowd.env.topic(0, "command/get_state"), 400'000);
    }
    CHECK(crowd.env.gateway().lines_with("broker: not connected") == 0);
    CHECK(eventually(test_timeout, [&] {
        std::size_t outcomes = 0; // the message itself is taken
        for (const auto& message : crowd.observer->messages()) {
            outcomes += message.topic == crowd.env.topic(0, "response") ? 1 : 0;
        }
        return outcomes == 3;
    }));
    crowd.judge("three commands with 400,000 user properties");
}

TEST_CASE("attack: foreign retained announcements are not kept, however many and large they are") {
    Crowd crowd;
    {
        MqttObserver sender{{.port = crowd.env.broker().port(), .timeout = test_timeout}};
        const std::string large(2 * mebibyte - 1000, 'x');
        for (int i = 0; i < 60; ++i) {
            sender.publish({.topic = fmt::format("homeassistant/sensor/{}{}/config",
                                                 i % 2 == 0 ? "foreign_" : "bambu2mqtt_", i),
                            .payload = large,
                            .qos = 1,
                            .retained = true});
        }
    }
    crowd.start();
    const auto pid = std::to_string(crowd.env.gateway().pid());
    if (!sanitized) {
        CHECK(eventually(test_timeout, [&] { return status_of(pid, "VmRSS") < most_resident_kb / 2; }));
    }
    crowd.judge("60 foreign retained announcements of 2 MB");
}

TEST_CASE("attack: the limit of packets holds for a broker that is configured by its name, with TLS") {
    test_support::TemporaryDirectory directory;
    test_support::Pki pki{directory / "ca"};
    const auto leaf =
        pki.issue({.common_name = "localhost", .alternative_names = {"DNS:localhost"}}, "broker");
    HostileServer broker{leaf.certificate, leaf.key, [](HostileServer::Client& client) {
                             client.confirm();
                             const std::string piece(mebibyte, ' ');
                             bool open = client.announce(200 * mebibyte);
                             for (int i = 0; open && i < 200; ++i) {
                                 open = client.send(piece);
                             }
                         }};
    TestEnvironment env;
    auto text = env.config();
    const auto url = env.broker().url();
    REQUIRE(text.find(url) != std::string::npos);
    text.replace(text.find(url), url.size(), fmt::format("mqtts://localhost:{}", broker.port()));
    const auto table = text.find("[broker]\n");
    REQUIRE(table != std::string::npos);
    text.insert(table + std::string_view{"[broker]\n"}.size(),
                fmt::format("ca_file = \"{}\"\n", pki.ca_file().string()));
    env.gateway().configure(text);
    env.gateway().start();
    CHECK(eventually(test_timeout, [&] { return broker.ended() > 0; }));
    CHECK(eventually(test_timeout, [&] {
        return env.gateway().lines_with("an MQTT packet of 209715200 bytes arrived, at most 2 MiB are read") >
               0;
    }));
    REQUIRE(env.gateway().running());
    if (!sanitized) {
        CHECK(status_of(std::to_string(env.gateway().pid()), "VmHWM") <= most_resident_kb);
    }
    CHECK(env.gateway().stop() == 0);
}

} // namespace bambu2mqtt::gateway_test
