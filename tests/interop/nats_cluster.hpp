#pragma once
// Three nodes of nats-server with JetStream and MQTT, as one cluster on loopback.

#include "interop/broker_server.hpp"
#include "support/process.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace bambu2mqtt::interop {

class NatsCluster final : public BrokerServer {
  public:
    /// Whether Debian's package nats-server is installed.
    [[nodiscard]] static bool available();

    /// Starts three nodes with data and logs in `directory` and returns when each accepts MQTT logins. Throws
    /// std::runtime_error when they do not within minutes.
    explicit NatsCluster(std::filesystem::path directory);

    [[nodiscard]] std::string title() const override;

    [[nodiscard]] std::size_t nodes() const override { return nodes_.size(); }

    [[nodiscard]] std::uint16_t port(std::size_t node) const override { return nodes_.at(node).mqtt_port; }

    void kill(std::size_t node) override;
    void start(std::size_t node) override;

  private:
    struct Node {
        std::uint16_t client_port = 0;
        std::uint16_t http_port = 0;
        std::uint16_t mqtt_port = 0;
        std::uint16_t route_port = 0;
        std::unique_ptr<test_support::Process> process{};
    };

    [[nodiscard]] std::filesystem::path file(std::size_t node, std::string_view ending) const;
    [[nodiscard]] std::string configuration(std::size_t node) const;
    void launch(std::size_t node);
    [[nodiscard]] bool all_joined(std::size_t node) const;

    std::filesystem::path directory_;
    std::vector<Node> nodes_;
};

} // namespace bambu2mqtt::interop
