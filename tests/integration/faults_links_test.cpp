// A printer's link over a network that cuts the connection anywhere between the first byte and the last
// answer of the login.
#include "links_fixture.hpp"
#include "simulator/printer_fleet.hpp"
#include "support/eventually.hpp"
#include "support/fault_proxy.hpp"
#include "support/proc.hpp"
#include <bambu2mqtt/io/mqtt/printer_link.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt::links_test {

namespace {

using test_support::eventually;
using test_support::FaultProxy;
using test_support::Faults;

/// Links to many printers, each through its own proxy.
class Crowd {
  public:
    explicit Crowd(int size)
        : fleet_({.directory = directory_ / "printers", .printers = size}), services_(directory_ / "state") {
        prepare_tls();
        for (const auto& printer : fleet_.printers()) {
            networks_.push_back(std::make_unique<FaultProxy>(printer.port));
            PrinterConfig config;
            config.serial = printer.serial;
            config.host = "127.0.0.1";
            config.access_code = Secret(printer.access_code);
            config.mqtt_port = networks_.back()->port();
            configs_.push_back(std::make_unique<PrinterConfig>(std::move(config)));
            links_.push_back(
                std::make_unique<PrinterLink>(links_.size(), *configs_.back(), inbox_.queue, services_));
        }
    }

    [[nodiscard]] const std::string& access_code(std::size_t i) const {
        return fleet_.printers().at(i).access_code;
    }

    [[nodiscard]] std::size_t size() const { return links_.size(); }

    FaultProxy& network(std::size_t i) { return *networks_.at(i); }

    PrinterLink& link(std::size_t i) { return *links_.at(i); }

    /// Connects all; returns how each attempt ended, nothing for success. Every link reports exactly one
    /// result.
    std::vector<std::optional<PrinterDown>> connect() {
        for (auto& link : links_) {
            link->connect("127.0.0.1");
        }
        std::vector<std::optional<PrinterDown>> ends(size());
        std::vector<int> results(size(), 0);
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (std::ranges::count(results, 0) > 0) {
            const auto event = inbox_.queue.pop_until(deadline);
            REQUIRE(event.has_value());
            if (const auto* const down = std::get_if<PrinterDown>(&event->body)) {
                ends[event->target] = *down;
                ++results[event->target];
            } else if (std::holds_alternative<PrinterUp>(event->body)) {
                ++results[event->target];
            }
        }
        return ends;
    }

    /// Closes all connections and waits until they have ended.
    void disconnect() {
        for (auto& link : links_) {
            link->disconnect();
        }
        CHECK(eventually(test_timeout, [&] {
            return std::ranges::all_of(networks_,
                                       [](const auto& network) { return network->standing() == 0; });
        }));
    }

  private:
    test_support::TemporaryDirectory directory_;
    simulator::PrinterFleet fleet_;
    LinkServices services_;
    Inbox inbox_;
    std::vector<std::unique_ptr<PrinterConfig>> configs_;
    std::vector<std::unique_ptr<FaultProxy>> networks_;
    std::vector<std::unique_ptr<PrinterLink>> links_;
};

} // namespace

TEST_CASE("a login cut off at any byte fails cleanly, and the next attempt succeeds") {
    Crowd crowd(12);
    for (const auto& end : crowd.connect()) { // pins the certificate
        CHECK_MESSAGE(!end, (end ? end->detail : ""));
    }
    crowd.disconnect();
    for (const auto& end : crowd.connect()) {
        CHECK_MESSAGE(!end, (end ? end->detail : ""));
    }
    crowd.disconnect();
    const auto whole = crowd.network(0).last();
    REQUIRE(whole.received > 500);
    const auto before = test_support::descriptors_of("self");

    std::size_t failures = 0;
    for (const auto direction : {&Faults::cut_after_sent, &Faults::cut_after_received}) {
        const auto length = direction == &Faults::cut_after_sent ? whole.sent : whole.received;
        constexpr std::size_t rounds = 3;
        const auto places = rounds * crowd.size();
        for (std::size_t round = 0; round < rounds; ++round) {
            for (std::size_t i = 0; i < crowd.size(); ++i) {
                Faults torn{};
                torn.*direction = length * (round * crowd.size() + i) / places;
                crowd.network(i).behave_in_turn(
                    {torn}); // the second connection, which checks the certificate, is not cut
            }
            const auto ends = crowd.connect();
            for (std::size_t i = 0; i < crowd.size(); ++i) {
                const auto& end = ends[i];
                if (!end) {
                    continue; // cut after the answer to the subscription, which is a different case
                }
                ++failures;
                CHECK((end->failure == LinkFailure::unreachable || end->failure == LinkFailure::lost));
                CHECK_FALSE(end->detail.empty());
                CHECK(end->detail.find(crowd.access_code(i)) == std::string::npos);
            }
            crowd.disconnect();
            for (std::size_t i = 0; i < crowd.size(); ++i) {
                crowd.network(i).behave_in_turn({});
            }
            for (const auto& end : crowd.connect()) {
                CHECK_FALSE(end.has_value());
            }
            for (std::size_t i = 0; i < crowd.size(); ++i) {
                CHECK(crowd.link(i).request("{}"));
                CHECK(crowd.network(i).most_standing() == 1);
            }
            crowd.disconnect();
        }
    }
    CHECK(failures > 30);
    CHECK(eventually(test_timeout, [&] { return test_support::descriptors_of("self") <= before + 1; }));
}

TEST_CASE("refused connections and unresponsive networks are reported as such") {
    Crowd crowd(2);
    crowd.network(0).behave({.refuses = true});
    crowd.network(1).behave({.passes = false});
    const auto begin = std::chrono::steady_clock::now();
    const auto ends = crowd.connect();
    REQUIRE(ends[0].has_value());
    REQUIRE(ends[1].has_value());
    CHECK(ends[0]->failure == LinkFailure::unreachable);
    CHECK(ends[1]->failure == LinkFailure::unreachable);
    CHECK_MESSAGE(ends[1]->detail.find("timed out") != std::string::npos, ends[1]->detail);
    const auto needed = std::chrono::steady_clock::now() - begin;
    CHECK(needed >= 9s); // some printers need 3 to 5 s to answer
    CHECK(needed < 30s);
}

} // namespace bambu2mqtt::links_test
