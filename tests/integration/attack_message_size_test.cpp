// Messages of 256 MB from printers and of 200 MB from a client: effects on the gateway's memory, and on the
// delays of twenty other printers, within a limit of 256 MB of data (RLIMIT_DATA).
#include "integration/delays.hpp"
#include "integration/gateway_fixture.hpp"
#include "integration/old_broker_relay.hpp"
#include "support/attack_turns.hpp"
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
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace bambu2mqtt::gateway_test {
namespace {

using links_test::OldBrokerRelay;
using links_test::TurnsAway;
using test_support::AttackTurns;
using test_support::eventually;
using test_support::HugeSender;
using test_support::MqttObserver;
using test_support::ObservedMessage;
using test_support::percentiles;
using test_support::sanitized;
using test_support::status_of;

constexpr std::size_t attackers = 6; ///< each is let in again about once a second
constexpr std::size_t attacked_printers = 20;
constexpr double most_slower = 2;      ///< p99 beside the attack, as a multiple of that without
constexpr double attack_noise_ms = 10; ///< a p99 below this counts as this: of a delay on a busy machine
constexpr double least_share = 0.9;    ///< of the measured time in which a large message is in transit
constexpr std::uint32_t largest_of_mqtt = 268'435'455;
constexpr std::size_t large_command = 200UL * 1024 * 1024;
constexpr rlim_t data_limit = 256UL * 1024 * 1024;
constexpr long most_memory_kb = 64 * 1024;
constexpr long most_kept_kb = 2 * 1024;

std::string id_of_attacker(std::size_t i) {
    return fmt::format("hostile{}", i + 1);
}

/// Printers that attack in turn, with their tables in the configuration.
class Attackers {
  public:
    explicit Attackers(AttackTurns& turns) {
        for (std::size_t i = 0; i < attackers; ++i) {
            const auto serial = fmt::format("01P00C99999999{}", i);
            const auto leaf = pki_.issue({.common_name = serial}, "leaf" + std::to_string(i));
            senders_.push_back(std::make_unique<HugeSender>(leaf.certificate, leaf.key,
                                                            fmt::format("device/{}/report", serial), turns));
            tables_ += fmt::format("[[printer]]\nserial = \"{}\"\nid = \"{}\"\nhost = \"127.0.0.1\"\n"
                                   "mqtt_port = {}\naccess_code = \"12345678\"\n",
                                   serial, id_of_attacker(i), senders_.back()->port());
        }
    }

    [[nodiscard]] const std::string& tables() const { return tables_; }

    /// Whether all of them have a client to which nothing is sent.
    [[nodiscard]] bool idle() const { return std::ranges::all_of(senders_, &HugeSender::idle); }

    [[nodiscard]] std::uint64_t sent() const {
        return std::accumulate(senders_.begin(), senders_.end(), std::uint64_t{0},
                               [](std::uint64_t sum, const auto& sender) { return sum + sender->sent(); });
    }

  private:
    test_support::TemporaryDirectory directory_;
    test_support::Pki pki_{directory_ / "ca"};
    std::vector<std::unique_ptr<HugeSender>> senders_;
    std::string tables_;
};

/// What is compared: both begin before delays are measured and end afterwards. `begin` returns when it
/// has started, `end` when it is over.
struct Disturbance {
    std::function<void()> begin = [] {};
    std::function<void()> end = [] {};
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
            .port = env.broker().port(), .topics = {"bambu2mqtt/+/print_progress"}});
    }

    [[nodiscard]] long memory() { return status_of(std::to_string(env.gateway().pid()), "VmRSS"); }

    [[nodiscard]] long peak() { return status_of(std::to_string(env.gateway().pid()), "VmHWM"); }

    /// Delays with and without the attack, alternating, and the memory afterwards.
    void measure(const std::string& name, int rounds, const AttackTurns& turns, const Disturbance& without,
                 const Disturbance& attack) {
        using clock = std::chrono::steady_clock;
        const auto delays = [&](const Disturbance& disturbance, int percent, std::vector<double>& into) {
            disturbance.begin();
            const auto taken = progress_delays(env, *progress, percent);
            disturbance.end();
            into.insert(into.end(), taken.begin(), taken.end());
        };
        std::vector<double> unused;
        delays(attack, 99, unused); // warm-up: all code paths have run once
        delays(without, 98, unused);
        const long before = memory();
        std::vector<double> quiet;
        std::vector<double> disturbed;
        std::chrono::duration<double> measured{};
        std::chrono::duration<double> covered{};
        const auto messages = turns.begun();
        for (int round = 0; round < rounds; ++round) {
            delays(without, 1 + 2 * round, quiet);
            attack.begin();
            const auto begun = clock::now();
            const auto covered_before = turns.covered();
            delays({}, 2 + 2 * round, disturbed);
            covered += turns.covered() - covered_before;
            measured += clock::now() - begun;
            attack.end();
        }
        const auto alone = percentiles(quiet);
        const auto beside = percentiles(disturbed);
        const double slower = beside.p99 / std::max(alone.p99, attack_noise_ms);
        const double share = covered / measured;
        const bool given_back =
            eventually(test_timeout, [&] { return sanitized || memory() <= before + most_kept_kb; });
        MESSAGE(fmt::format(
            "note: {}: p50 {:.2f} ms, p99 {:.2f} ms without; p50 {:.2f} ms, p99 {:.2f} ms beside it: {:.2f} "
            "times, at most {:.0f} times (a p99 below {:.0f} ms counts as that); attack active in {:.0f} % "
            "of "
            "{:.1f} s, {} messages; resident {} kB before, {} kB after, at most {} kB",
            name, alone.p50, alone.p99, beside.p50, beside.p99, beside.p99 / alone.p99, most_slower,
            attack_noise_ms, share * 100, measured.count(), turns.begun() - messages, before, memory(),
            peak()));
        REQUIRE(env.gateway().running());
        CHECK(share >= least_share);
        if (!sanitized) {
            CHECK(slower <= most_slower);
            CHECK(peak() <= most_memory_kb);
            CHECK(given_back);
        }
    }

    TestEnvironment env;
    std::unique_ptr<MqttObserver> progress;
};

/// Publishes a large message again and again on a thread of its own.
class LargePublisher {
  public:
    LargePublisher(std::uint16_t port, std::string topic, AttackTurns& turns)
        : port_{port}, topic_{std::move(topic)}, turns_{turns} {}

    LargePublisher(const LargePublisher&) = delete;
    LargePublisher& operator=(const LargePublisher&) = delete;

    ~LargePublisher() { end(); }

    void begin() {
        stopping_ = false;
        thread_ = std::thread{[this] {
            MqttObserver sender{{.port = port_, .timeout = test_timeout}};
            const std::string large(large_command, ' ');
            while (!stopping_) {
                (void)turns_.started();
                sender.publish({.topic = topic_, .payload = large, .qos = 1});
                turns_.finished();
            }
        }};
        REQUIRE(eventually(test_timeout, [&] { return turns_.under_way() > 0; }));
    }

    void end() {
        stopping_ = true;
        if (thread_.joinable()) {
            thread_.join();
        }
    }

  private:
    std::uint16_t port_;
    std::string topic_;
    AttackTurns& turns_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

} // namespace

TEST_CASE("messages of 256 MB from a printer cost other printers neither memory nor time") {
    AttackTurns turns;
    Attackers hostile{turns};
    AttackedEnvironment attacked{attacked_printers, {.more_lines = hostile.tables()}};
    attacked.env.observe();
    const auto wait_until_idle = [&] {
        REQUIRE(eventually(test_timeout, [&] { return hostile.idle() && turns.under_way() == 0; }));
    };
    wait_until_idle();
    const Disturbance attack{.begin =
                                 [&] {
                                     turns.begin(largest_of_mqtt);
                                     REQUIRE(eventually(test_timeout, [&] { return turns.under_way() > 0; }));
                                 },
                             .end =
                                 [&] {
                                     turns.end();
                                     wait_until_idle();
                                 }};
    constexpr int rounds = 12;
    attacked.measure("256 MB from printers", rounds, turns, {}, attack);
    CHECK(turns.begun() >= static_cast<std::uint64_t>(rounds) * attackers);
    // The sent bytes are those that fit into the socket buffers.
    CHECK(hostile.sent() < turns.begun() * 16 * 1024 * 1024);
    for (std::size_t i = 0; i < attackers; ++i) {
        const auto topic = fmt::format("bambu2mqtt/{}/connection", id_of_attacker(i));
        CHECK(attacked.env.observer()
                  .wait_for(
                      [&](const ObservedMessage& message) {
                          return message.topic == topic && message.payload == "unreachable";
                      },
                      test_timeout, 0)
                  .has_value());
    }
    CHECK(attacked.env.gateway().log().find(
              "an MQTT packet of 268435455 bytes arrived, at most 1 MiB are read") != std::string::npos);
    CHECK(attacked.env.gateway().stop() == 0);
}

TEST_CASE("messages of 200 MB from a client are not sent to the gateway with MQTT 5") {
    AttackTurns turns;
    AttackTurns elsewhere;
    AttackedEnvironment attacked{attacked_printers, {}};
    const auto port = attacked.env.broker().port();
    // The broker itself is busy while it takes such messages, which delays all clients. So the delays are
    // compared with those beside messages that are not for the gateway.
    LargePublisher foreign{port, "elsewhere", elsewhere};
    LargePublisher command{port, attacked.env.topic(0, "command/pause_printing"), turns};
    const auto as_disturbance = [](LargePublisher& publisher) {
        return Disturbance{.begin = [&] { publisher.begin(); }, .end = [&] { publisher.end(); }};
    };
    attacked.measure("200 MB from a client", 3, turns, as_disturbance(foreign), as_disturbance(command));
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
