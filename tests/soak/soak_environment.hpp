#pragma once
// A user's broker, simulated printers behind their own proxies and the gateway: their disturbances, and the
// gateway's resource use. Knows no schedule.

#include "simulator/printer_fleet.hpp"
#include "support/fault_proxy.hpp"
#include "support/files.hpp"
#include "support/mosquitto.hpp"
#include "support/mqtt_observer.hpp"
#include "support/ports.hpp"
#include "support/process.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace bambu2mqtt::soak {

/// Resource use of the gateway from /proc.
struct Needs {
    long resident_kb = 0;
    long anonymous_kb = 0;
    long threads = 0;
    std::size_t descriptors = 0;
};

/// What has happened so far.
struct Counts {
    int restarts = 0; ///< of printers and their networks
    int moves = 0;    ///< of these to another address
    int broker_restarts = 0;
    int commands = 0;
    int outcomes = 0; ///< final ones
};

class SoakEnvironment {
  public:
    /// Starts everything and waits until all printers are connected. Throws std::runtime_error at the
    /// deadline.
    SoakEnvironment(const std::string& gateway, int printers);

    /// Disturbs one of the printers or its network for a while, see settle().
    void disturb_a_printer(std::minstd_rand& random);

    /// Ends disturbances whose time is over.
    void settle();

    /// The user's broker is stopped or killed, and restarted.
    void restart_broker(std::minstd_rand& random);

    /// One command to one printer.
    void send_a_command(std::minstd_rand& random);

    /// Home Assistant says that it has started.
    void start_home_assistant();

    /// Ends all disturbances and waits until all is connected, and some time more. False at the deadline.
    [[nodiscard]] bool calm_down(std::chrono::seconds deadline);

    /// Throws std::runtime_error when the gateway has ended.
    [[nodiscard]] Needs needs();

    /// Number of connected printers, as the gateway reports it.
    [[nodiscard]] std::size_t connected() const;

    [[nodiscard]] const Counts& counts();

    /// Stops the gateway; its exit code.
    int stop();

  private:
    struct Line {
        std::unique_ptr<test_support::FaultProxy> network;
        std::optional<std::chrono::steady_clock::time_point> well_at{}; ///< disturbed until then
    };

    void write_config() const;
    void look_on();
    void move(std::size_t printer);
    void say(const std::string& topic, const std::string& payload);
    [[nodiscard]] std::string topic(std::size_t printer, const std::string& name) const;

    test_support::TemporaryDirectory directory_;
    test_support::Mosquitto broker_;
    std::uint16_t announcements_ = test_support::free_udp_port();
    simulator::PrinterFleet fleet_;
    std::vector<Line> lines_;
    Counts counts_{};
    std::size_t seen_ = 0; ///< messages of the observer that are counted
    std::unique_ptr<test_support::MqttObserver> observer_;
    std::unique_ptr<test_support::Process> gateway_; // last: ends first
};

} // namespace bambu2mqtt::soak
