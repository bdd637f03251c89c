// The running gateway answers the commands doctor and record over a socket in its state directory.
#pragma once

#include "cli/core_exchange.hpp"
#include "cli/recording_tap.hpp"
#include <bambu2mqtt/config/config.hpp>
#include <bambu2mqtt/doctor/check.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/io/local/local_socket.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// Where it listens: state_directory/gateway.sock.
[[nodiscard]] std::filesystem::path gateway_socket(const Config& config);

/// The request of doctor.
inline constexpr std::string_view doctor_request = "doctor";

class LocalService {
  public:
    /// `wake_core` as in CoreExchange. `config` outlives it.
    LocalService(const Config& config, const std::function<void()>& wake_core)
        : config_(config), exchange_(wake_core), recordings_(config, wake_core) {}

    /// Starts to listen. If it cannot, that is logged, and the gateway works without.
    void start();

    /// Core thread: keeps the reports of printers that are recorded. Before the event is handled.
    void take(const Event& event, Now now) { recordings_.take(event, now.instant); }

    /// Core thread: provides what clients wait for, and requests what a recording begins with.
    void serve(const Bridge& bridge, Now now, Effects& effects);

    /// Core thread: what the running gateway knows, a JSON object: `checks`, as `doctor --json` prints each,
    /// and how many `findings` there are.
    [[nodiscard]] std::string report(const Bridge& bridge) const;

  private:
    [[nodiscard]] std::vector<Check> checks(const Bridge& bridge) const;
    [[nodiscard]] std::string answer(std::string_view request);

    const Config& config_;
    CoreExchange<std::vector<Check>> exchange_;
    RecordingTap recordings_;
    std::unique_ptr<LocalSocket> socket_; ///< ends first
};

} // namespace bambu2mqtt
