#pragma once
// One Mosquitto with Debian's defaults, as the broker that the others are compared with.

#include "interop/broker_server.hpp"
#include "support/mosquitto.hpp"

#include <filesystem>

namespace bambu2mqtt::interop {

class MosquittoServer final : public BrokerServer {
  public:
    /// Throws std::runtime_error when it does not start.
    explicit MosquittoServer(const std::filesystem::path& directory)
        : broker_({.directory = directory, .persistence = true}) {}

    [[nodiscard]] std::string title() const override {
        return "Mosquitto " + word_after(broker_.log(), "mosquitto version");
    }

    [[nodiscard]] std::uint16_t port(std::size_t) const override { return broker_.port(); }

    void kill(std::size_t) override { broker_.crash(); }

    void start(std::size_t) override { broker_.start(); }

  private:
    test_support::Mosquitto broker_;
};

} // namespace bambu2mqtt::interop
