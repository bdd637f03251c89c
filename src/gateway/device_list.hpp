// All printers as one list, for bridge/devices: what each one is, where it is, and what it has.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/gateway/printer_session.hpp>
#include <bambu2mqtt/printer/facts.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// Pure. Updated after each step of a session; only a change costs more than a comparison.
class DeviceList {
  public:
    explicit DeviceList(std::size_t printers) : devices_(printers) {}

    /// So many printers from now on; update() follows for each of them.
    void reconfigure(std::size_t printers) {
        devices_.assign(printers, {});
        changed_ = true;
    }

    /// Takes over what has changed of a printer.
    void update(std::size_t index, const PrinterSession& session);

    /// The payload of bridge/devices, if it has changed since the last call: an array with one object for
    /// each printer, in the order of the configuration.
    [[nodiscard]] std::optional<std::string> take();

  private:
    struct Device {
        Facts facts{};
        ConnectionState connection = ConnectionState::connecting;
        std::string host{};
        OrderedJson shown{}; ///< null: not known yet
    };

    std::vector<Device> devices_;
    bool changed_ = false;
};

} // namespace bambu2mqtt
