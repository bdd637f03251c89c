#pragma once
// Clients connected to each printer, read from Mosquitto's log lines. Knows those lines, no connection.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace bambu2mqtt::simulator {

/// A session is a connection whose client has subscribed to a printer's reports. Subscribing again over the
/// same connection begins no new one.
class Sessions {
  public:
    /// Reads one line as the broker publishes it below `$SYS/broker/log`, with its time in front. Returns the
    /// serial of the printer to which a session has just begun.
    std::optional<std::string> read(std::string_view line);

    /// Number of the printer's newest session, from 1; 0 before the first.
    [[nodiscard]] int newest(const std::string& serial) const;

    /// MQTT client ids that are connected to the printer now.
    [[nodiscard]] std::set<std::string> clients(const std::string& serial) const;

    /// The broker has stopped: all clients are disconnected.
    void all_gone();

  private:
    struct Door {
        int sessions = 0;
        std::set<std::string> clients{};
    };

    std::optional<std::string> subscribed(const std::string& client, std::string_view filter);
    void gone(const std::string& client);

    std::map<std::string, Door> doors_{}; ///< by serial
};

} // namespace bambu2mqtt::simulator
