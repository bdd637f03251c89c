// Messages of 256 MB from a printer and of 200 MB from a client: the gateway's memory, and the delays of
// twenty other printers, within a limit of 256 MB of data (RLIMIT_DATA).
#include "integration/delays.hpp"
#include "integration/gateway_fixture.hpp"
#include "integration/old_broker_relay.hpp"
#include "support/eventually.hpp"
#include "support/huge_sender.hpp"
#include "support/percentiles.hpp"
#include "support/pki.hpp"
#include "support/proc.hpp"
#include "support/sanitizers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bambu2mqtt::gateway_test {
namespace {

using links_test::OldBrokerRelay;
using links_test::TurnsAway;
using test_support::eventually;
using test_support::HugeSender;
using test_support::MqttObserver;
using test_support::ObservedMessage;
using test_support::percentiles;
using test_support::sanitized;
using test_support::status_of;

constexpr const char* hostile_serial = "01P00C999999999";
constexpr std::size_t attacked_printers = 20;
constexpr int attack_rounds = 12;      ///< of each kind
constexpr double attack_noise_ms = 20; ///< of one delay on a busy machine
constexpr const char* echo_topic = "echo";
constexpr std::uint32_t largest_of_mqtt = 268'435'455;
constexpr std::size_t large_command = 200UL * 1024 * 1024;
constexpr rlim_t data_limit = 256UL * 1024 * 1024;
constexpr long most_memory_kb = 64 * 1024;
constexpr long most_kept_kb = 2 * 1024;

/// The attacking printer, with its table in the configuration.
struct Attacker {
    test_support::TemporaryDirectory directory;
    test_support::Pki pki{directory / "ca"};
    test_support::Certificate leaf{pki.issue({.common_name = hostile_serial}, "leaf")};
    HugeSender sender{leaf.certificate, leaf.key, fmt::format("device/{}/report", hostile_serial)};

    [[nodiscard]] std::string table() const {
        return fmt::format(
            "[[printer]]\nserial = \"{}\"\nid = \"hostile\"\nhost = \"127.0.0.1\"\nmqtt_port = {}\n"
            "access_code = \"12345678\"\n",
            hostile_serial, sender.port());
    }
};

/// An environment with good printers and a gateway with a service's limit on data.
struct AttackedEnvironment {
    explicit AttackedEnvironment(std::size_t printers, const ConfigChanges& changes)
        : env{{.models = std::vector<std::string>(printers, "X1C"), .report_interval = 60s}} {
        auto all = changes;
        REQUIRE(env.start_gateway(all));
        if (!sanitized) { // sanitizers reserve far more
            const rlimit limit{data_limit, data_limit};
            REQUIRE(prlimit(env.gateway().pid(), RLIMIT_DATA, &limit, nullptr) == 0);
        }
        // Receives progress only, not the large messages.
        progress = std::make_unique<MqttObserver>(test_support::ObserverOptions{
            .port = env.broker().port(), .topics = {"bambu2mqtt/+/print_progress", echo_topic}});
    }

    [[nodiscard]] long memory() { return status_of(std::to_string(env.gateway().pid()), "VmRSS"); }

    [[nodiscard]] long peak() { return status_of(std::to_string(env.gateway().pid()), "VmHWM"); }

    /// Delay of messages within the broker that do not involve the gateway, in ms.
    std::vector<double> echoes() {
        std::vector<double> taken;
        for (std::size_t i = 0; i < env.printers(); ++i) {
            const auto from = progress->count();
            const auto begun = std::chrono::steady_clock::now();
            progress->publish({.topic = echo_topic, .payload = "x"});
            const auto message =
                progress->wait_for([](const ObservedMessage& arrived) { return arrived.topic == echo_topic; },
                                   test_timeout, from);
            REQUIRE(message.has_value());
            taken.push_back(std::chrono::duration<double, std::milli>(message->time - begun).count());
        }
        return taken;
    }

    /// Delays with and without the attack, alternating, and the memory afterwards.
    void measure(const std::string& attack, int times, const std::function<void()>& attack_once) {
        const auto delays = [&](int percent) { return progress_delays(env, *progress, percent); };
        (void)delays(99); // warm-up: all code paths have run once
        const long before = memory();
        std::vector<double> quiet;
        std::vector<double> disturbed;
        std::vector<double> of_broker;
        for (int round = 0; round < times; ++round) {
            const auto alone = delays(1 + 2 * round);
            quiet.insert(quiet.end(), alone.begin(), alone.end());
            attack_once();
            const auto echo = echoes();
            of_broker.insert(of_broker.end(), echo.begin(), echo.end());
            const auto beside = delays(2 + 2 * round);
            disturbed.insert(disturbed.end(), beside.begin(), beside.end());
        }
        const auto alone = percentiles(quiet);
        const auto beside = percentiles(disturbed);
        const auto broker = percentiles(of_broker);
        const bool given_back =
            eventually(test_timeout, [&] { return sanitized || memory() <= before + most_kept_kb; });
        MESSAGE(fmt::format("note: {}: p50 {:.2f} ms, p99 {:.2f} ms alone; beside it p50 {:.2f} ms, p99 "
                            "{:.2f} ms (the broker alone: p99 {:.2f} ms); "
                            "resident {} kB before, {} kB after, at most {} kB",
                            attack, alone.p50, alone.p99, beside.p50, beside.p99, broker.p99, before,
                            memory(), peak()));
        REQUIRE(env.gateway().running());
        if (!sanitized) {
            CHECK(beside.p99 <= std::max(2 * alone.p99, alone.p99 + attack_noise_ms) + broker.p99);
            CHECK(peak() <= most_memory_kb);
            CHECK(given_back);
        }
    }

    TestEnvironment env;
    std::unique_ptr<MqttObserver> progress;
};

} // namespace

TEST_CASE("messages of 256 MB from a printer cost other printers neither memory nor time") {
    Attacker attacker;
    AttackedEnvironment attacked{attacked_printers, {.more_lines = attacker.table()}};
    attacked.env.observe();
    const auto connection = [&] {
        return attacked.env.observer().latest("bambu2mqtt/hostile/connection").value_or("");
    };
    attacked.measure("256 MB from a printer", attack_rounds, [&] {
        // The gateway reconnects by itself, and each connection is answered in this way.
        attacker.sender.send(largest_of_mqtt);
    });
    CHECK(attacker.sender.begun() > 2);
    // The sent bytes are those that fit into the socket buffers.
    CHECK(attacker.sender.sent() < static_cast<std::uint64_t>(attacker.sender.begun()) * 16 * 1024 * 1024);
    CHECK(eventually(test_timeout, [&] { return connection() == "unreachable"; }));
    CHECK(attacked.env.gateway().log().find(
              "an MQTT packet of 268435455 bytes arrived, at most 1 MiB are read") != std::string::npos);
    CHECK(attacked.env.gateway().stop() == 0);
}

TEST_CASE("messages of 200 MB from a client are not sent to the gateway with MQTT 5") {
    AttackedEnvironment attacked{attacked_printers, {}};
    const std::string large(large_command, ' ');
    const auto topic = attacked.env.topic(0, "command/pause_printing");
    // The broker itself is busy while it receives such a message, which delays everybody; therefore only
    // delays after that are measured, when it could be forwarded.
    attacked.measure("200 MB from a client", 3, [&] {
        MqttObserver sender{{.port = attacked.env.broker().port(), .timeout = test_timeout}};
        sender.publish({.topic = topic, .payload = large, .qos = 1});
    });
    CHECK(attacked.env.gateway().lines_with("broker: not connected") == 0);
    CHECK(attacked.env.gateway().stop() == 0);
}

TEST_CASE("a message of 200 MB through an MQTT 3.1.1 broker ends the session, and the gateway reconnects") {
    TestEnvironment env{{.models = {"X1C"}}};
    OldBrokerRelay relay{env.broker().port(), TurnsAway::with_connack};
    env.observe();
    REQUIRE(env.start_gateway({.broker_port = relay.port()}));
    if (!sanitized) {
        const rlimit limit{data_limit, data_limit};
        REQUIRE(prlimit(env.gateway().pid(), RLIMIT_DATA, &limit, nullptr) == 0);
    }
    const long before = status_of(std::to_string(env.gateway().pid()), "VmRSS");
    MqttObserver sender{{.port = env.broker().port(), .timeout = test_timeout}};
    sender.publish(
        {.topic = env.topic(0, "command/pause_printing"), .payload = std::string(large_command, ' ')});
    const auto log_has = [&](const std::string& text) {
        return eventually(test_timeout, [&] { return env.gateway().log().find(text) != std::string::npos; });
    };
    CHECK(log_has("broker: not connected: an MQTT packet of 2097152"));
    CHECK(env.gateway().log().find("arrived, at most 2 MiB are read") != std::string::npos);
    CHECK(log_has("broker: connected again"));
    CHECK(env.gateway().running());
    if (!sanitized) {
        CHECK(status_of(std::to_string(env.gateway().pid()), "VmHWM") <= most_memory_kb);
        CHECK(eventually(test_timeout, [&] {
            return status_of(std::to_string(env.gateway().pid()), "VmRSS") <= before + 2 * most_kept_kb;
        }));
    }
    CHECK(env.gateway().stop() == 0);
}

} // namespace bambu2mqtt::gateway_test
