#pragma once
// One node of RabbitMQ with its MQTT plugin on loopback, and the Erlang port mapper it needs.

#include "interop/broker_server.hpp"
#include "support/process.hpp"

#include <filesystem>
#include <memory>

namespace bambu2mqtt::interop {

class RabbitMq final : public BrokerServer {
  public:
    /// Whether Debian's package rabbitmq-server is installed.
    [[nodiscard]] static bool available();

    /// Starts it with data and log in `directory` and returns when it accepts MQTT logins. Throws
    /// std::runtime_error when it does not within five minutes.
    explicit RabbitMq(std::filesystem::path directory);

    [[nodiscard]] std::string title() const override;
    [[nodiscard]] std::uint16_t port(std::size_t node) const override;
    void kill(std::size_t node) override;
    void start(std::size_t node) override;

    [[nodiscard]] std::string username() const override { return "gateway"; }

    [[nodiscard]] std::string password() const override { return "of the gateway"; }

  private:
    std::filesystem::path directory_;
    std::uint16_t mqtt_port_;
    std::uint16_t distribution_port_;
    std::uint16_t mapper_port_;
    std::unique_ptr<test_support::Process>
        mapper_; ///< ours: one that the server starts would outlive the test
    std::unique_ptr<test_support::Process> process_;
};

} // namespace bambu2mqtt::interop
