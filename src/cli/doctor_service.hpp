// The running gateway answers the command doctor over a socket in its state directory.
#pragma once

#include "cli/core_exchange.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/doctor/check.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/io/local/local_socket.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// Where it listens: state_directory/gateway.sock.
[[nodiscard]] std::filesystem::path gateway_socket(const Config& config);

/// The request of doctor.
inline constexpr std::string_view doctor_request = "doctor";

class DoctorService {
  public:
    /// `wake_core` as in CoreExchange. `config` outlives it.
    DoctorService(const Config& config, std::function<void()> wake_core)
        : config_(config), exchange_(std::move(wake_core)) {}

    /// Starts to listen. If it cannot, that is logged, and the gateway works without.
    void start();

    /// Core thread: provides the checks if a client waits for them.
    void serve(const Bridge& bridge);

    /// Core thread: what the running gateway knows, a JSON object: `checks`, as `doctor --json` prints each,
    /// and how many `findings` there are.
    [[nodiscard]] std::string report(const Bridge& bridge) const;

  private:
    [[nodiscard]] std::vector<Check> checks(const Bridge& bridge) const;
    [[nodiscard]] std::string answer(std::string_view request);

    const Config& config_;
    CoreExchange<std::vector<Check>> exchange_;
    std::unique_ptr<LocalSocket> socket_; ///< ends first
};

} // namespace bambu2mqtt
