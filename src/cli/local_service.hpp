// The running gateway answers the commands doctor and record over a socket in its state directory.
#pragma once

#include "cli/core_exchange.hpp"
#include "cli/recording_tap.hpp"
#include <bambu2mqtt/doctor/check.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>
#include <bambu2mqtt/io/local/local_socket.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// Where it listens: state_directory/gateway.sock.
[[nodiscard]] std::filesystem::path gateway_socket(const std::filesystem::path& state_directory);

/// The request of doctor.
inline constexpr std::string_view doctor_request = "doctor";

class LocalService {
  public:
    /// `wake_core` as in CoreExchange.
    LocalService(const std::filesystem::path& state_directory, const std::function<void()>& wake_core)
        : place_(gateway_socket(state_directory)), exchange_(wake_core), recordings_(wake_core) {}

    /// Starts to listen. If it cannot, that is logged, and the gateway works without.
    void start();

    /// As RecordingTap::set_printers().
    void set_printers(std::map<std::string, std::size_t> targets) {
        recordings_.set_printers(std::move(targets));
    }

    /// Core thread: keeps the reports of printers that are recorded. Before the event is handled.
    void take(const Event& event, Now now) { recordings_.take(event, now.instant); }

    /// Core thread: provides what clients wait for, and requests what a recording begins with.
    void serve(const Bridge& bridge, Now now, Effects& effects);

    /// Core thread: what the running gateway knows, a JSON object: `checks`, as `doctor --json` prints each,
    /// and how many `findings` there are.
    [[nodiscard]] static std::string report(const Bridge& bridge);

  private:
    [[nodiscard]] std::string answer(std::string_view request);

    std::filesystem::path place_;
    CoreExchange<std::vector<Check>> exchange_;
    RecordingTap recordings_;
    std::unique_ptr<LocalSocket> socket_; ///< ends first
};

} // namespace bambu2mqtt
