// The session with the user's broker: connects again after an outage, looks for retained messages of earlier
// runs, then receives commands.
#pragma once

#include "gateway/retained_scan.hpp"
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/bridge_health.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>
#include <bambu2mqtt/gateway/broker_watch.hpp>
#include <bambu2mqtt/gateway/once_per_hour.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

class BrokerSession {
  public:
    /// Both outlive it. A change of problem() is reported to `health`.
    BrokerSession(const BridgeSettings& settings, BridgeHealth& health);

    void handle(const BrokerUp& event, Now now, Effects& effects);
    void handle(const BrokerDown& event, Now now, Effects& effects);
    void handle(const BrokerMessagesLost& event, Now now, Effects& effects);

    /// The broker refused a message on the topic; `reason`: as in Published. Only the first of a session is
    /// shown and logged.
    void refused(std::string_view topic, int reason, Now now, Effects& effects);

    /// A message that arrives before the session is open; others are ignored.
    void handle_retained(const BrokerMessage& message, Instant now);

    /// Handles due deadlines. Returns the retained messages of earlier runs once, when all have arrived: from
    /// then on the session is open.
    [[nodiscard]] std::optional<FoundMessages::Found> tick(Now now, Effects& effects);

    /// When tick() or next_marker() is due.
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// A message to be published before the session is open; nothing afterwards.
    [[nodiscard]] std::optional<Message> next_marker();

    /// Whether retained messages of earlier runs are being collected: the printers must not change meanwhile.
    [[nodiscard]] bool listening() const noexcept { return phase_ == Phase::listening; }

    /// Whether messages are published and commands are received.
    [[nodiscard]] bool open() const noexcept { return phase_ == Phase::open; }

    /// As in BrokerUp.
    [[nodiscard]] bool retain_as_published() const noexcept { return retain_as_published_; }

    /// Why sessions end early, for people; empty: no problem.
    [[nodiscard]] const std::string& problem() const noexcept { return watch_.problem(); }

    /// The same, else the reason for the last failure if there is no session, else what the broker refused in
    /// this session; empty: no fault.
    [[nodiscard]] const std::string& fault() const noexcept { return problem().empty() ? fault_ : problem(); }

  private:
    enum class Phase {
        down,
        listening, ///< receiving the retained messages of earlier runs
        open,
    };

    /// What the log says about the connection.
    enum class Noted { nothing, outage_at_start, connected, outage };

    [[nodiscard]] FoundMessages::Found open_now(Now now, Effects& effects);
    void listen_to_own(bool begin, Effects& effects) const;
    void listen_to_commands(Effects& effects) const;

    const BridgeSettings& settings_;
    BridgeHealth& health_;
    BrokerWatch watch_;
    RetainedScan scan_;
    Phase phase_ = Phase::down;
    Noted noted_ = Noted::nothing;
    std::string fault_; ///< see fault()
    bool retain_as_published_ = false;
    std::optional<Instant> retry_at_;      ///< while down
    std::optional<Instant> commands_from_; ///< when to subscribe to commands; empty: done, or not yet open
    std::uint64_t messages_lost_ = 0;      ///< since the loss was noted
    OncePerHour loss_noted_;
};

} // namespace bambu2mqtt
