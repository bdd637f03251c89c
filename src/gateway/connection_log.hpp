// The connection state that is published for a printer, and the log lines about it.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/entity/gateway_state.hpp>
#include <bambu2mqtt/gateway/connection.hpp>
#include <bambu2mqtt/gateway/once_per_hour.hpp>
#include <bambu2mqtt/port/effects.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace bambu2mqtt {

/// An outage is logged once when it begins and once when it ends. Pure.
class ConnectionLog {
  public:
    struct Line {
        Level level = Level::info;
        std::string text{};
    };

    /// `id`: the printer's, for advice; `host`: where it was reached last, else its configured host.
    ConnectionLog(std::string id, std::string host) : id_(std::move(id)), host_(std::move(host)) {}

    /// The printer showed this certificate, which is not trusted.
    void untrusted(std::string fingerprint) { fingerprint_ = std::move(fingerprint); }

    /// What entity `connection` has to show when state, error or hint are others than at the last call, or
    /// the session was closed; nothing else. `since`: when the state shown so far began. Texts from servers
    /// are made printable and cut to 256 bytes.
    [[nodiscard]] std::optional<ConnectionStatus> follow(const Connection& connection,
                                                         std::optional<WallTime> since, WallTime now);

    /// The line about the state that follow() found last.
    [[nodiscard]] std::optional<Line> line();

    /// Whether the printer was reached elsewhere than before; line() or place_line() then name the place.
    [[nodiscard]] bool moved(const Connection& connection);

    /// The line about the place, where no line about the state will follow: while connected.
    [[nodiscard]] std::optional<Line> place_line();

    /// The line about reports that were dropped because they came too fast; at most one an hour.
    [[nodiscard]] std::optional<Line> reports_lost(Instant now);

  private:
    ConnectionState state_ = ConnectionState::connecting;
    bool closed_ = false; ///< paused with the command quit
    std::string error_;
    std::string hint_;
    std::string id_;
    std::string host_;        ///< the printer's address in the log
    std::string place_note_;  ///< another address, for the log line about the connection
    std::string fingerprint_; ///< of the last untrusted certificate
    bool outage_logged_ = false;
    bool was_connected_ = false; ///< since the start
    OncePerHour loss_logged_;
};

} // namespace bambu2mqtt
