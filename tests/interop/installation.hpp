#pragma once
// A user's installation on some broker: the gateway as a process, simulated printers, and a client of the
// broker that records what is published.

#include "integration/gateway_fixture.hpp"
#include "interop/broker_server.hpp"
#include "simulator/printer_fleet.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt::interop {

class Installation {
  public:
    /// Starts the printers, and the observer at the broker's last node.
    Installation(BrokerServer& server, std::vector<std::string> models);

    /// Writes the gateway's configuration: `urls` is the value of broker.url in TOML, `models` how many of
    /// the printers are configured.
    void configure(const std::string& urls, std::size_t printers) const;

    /// Starts the gateway and waits until its first `printers` printers are online and have reported their
    /// firmware.
    [[nodiscard]] bool start(std::size_t printers);

    [[nodiscard]] std::string topic(std::size_t printer, std::string_view name) const;

    [[nodiscard]] std::string discovery_topic(std::size_t printer) const;

    /// What a new client at the last node receives as retained for these filters, within `silence` of the
    /// last one.
    [[nodiscard]] gateway_test::Retained retained(const std::vector<std::string>& filters,
                                                  std::chrono::milliseconds silence = std::chrono::seconds{
                                                      2}) const;

    /// Sends a command at the last node and returns its final outcome; null at the deadline.
    [[nodiscard]] nlohmann::json ask(std::size_t printer, const std::string& command,
                                     nlohmann::json arguments = nlohmann::json::object());

    /// How often the observer received an event of that type from a printer.
    [[nodiscard]] std::size_t events(std::size_t printer, std::string_view type) const;

    [[nodiscard]] BrokerServer& server() { return server_; }

    [[nodiscard]] test_support::MqttObserver& observer() { return observer_; }

    [[nodiscard]] simulator::PrinterFleet& fleet() { return fleet_; }

    [[nodiscard]] gateway_test::GatewayRun& gateway() { return gateway_; }

  private:
    BrokerServer& server_;
    test_support::TemporaryDirectory directory_;
    simulator::PrinterFleet fleet_;
    test_support::MqttObserver observer_;
    gateway_test::GatewayRun gateway_; // last: ends first
    unsigned requests_ = 0;
};

} // namespace bambu2mqtt::interop
