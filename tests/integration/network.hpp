#pragma once
// An environment whose printers are behind proxies of the test, one each, which control the traffic.

#include "integration/gateway_fixture.hpp"
#include "support/fault_proxy.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace bambu2mqtt::gateway_test {

class NetworkedEnvironment {
  public:
    explicit NetworkedEnvironment(EnvironmentOptions options) : env_(std::move(options)) {
        for (std::size_t i = 0; i < env_.printers(); ++i) {
            networks_.push_back(std::make_unique<test_support::FaultProxy>(env_.fleet().printers()[i].port));
        }
    }

    /// The configuration that leads the gateway through the proxies.
    [[nodiscard]] ConfigChanges changes() const {
        ConfigChanges changes;
        for (std::size_t i = 0; i < networks_.size(); ++i) {
            auto printer = env_.fleet().printers()[i];
            printer.port = networks_[i]->port();
            changes.replace[i] = std::move(printer);
        }
        return changes;
    }

    [[nodiscard]] TestEnvironment& env() { return env_; }

    /// The proxy in front of a printer.
    [[nodiscard]] test_support::FaultProxy& network(std::size_t printer) { return *networks_.at(printer); }

  private:
    mutable TestEnvironment env_;
    std::vector<std::unique_ptr<test_support::FaultProxy>> networks_; // destroyed before the gateway
};

} // namespace bambu2mqtt::gateway_test
