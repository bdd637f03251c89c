// The whole gateway as a state machine: all printers and the user's broker. Events and time in, effects out;
// messages are pulled as fast as the broker acknowledges them.
#pragma once

#include "gateway/bridge_clients.hpp"
#include "gateway/bridge_publisher.hpp"
#include "gateway/broker_session.hpp"
#include "gateway/device_list.hpp"
#include "gateway/group_commands.hpp"
#include "gateway/oversize_log.hpp"
#include "gateway/printer_sessions.hpp"
#include <bambu2mqtt/gateway/bridge_health.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>
#include <bambu2mqtt/gateway/send_window.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bambu2mqtt {

/// Why the link rejected a message.
struct NotTaken {
    bool for_ever = false;                      ///< else no free place, or the connection has just broken
    std::optional<OversizedPacket> oversized{}; ///< this broker does not accept its size
};

/// Passes events to the session of the printer or to that of the broker, and chooses which message is sent
/// next. Its parts refer to each other: it stays where it is.
class Bridge {
  public:
    /// `saved`: saved states of earlier runs, per printer in order; null if there is none.
    Bridge(BridgeSettings settings, const Templates& templates, const std::vector<Json>& saved);

    /// Starts connecting to the broker and all printers.
    void start(Now now, Effects& effects);

    void handle(const Event& event, Now now, Effects& effects);

    /// Whether reconfigure() may be called: not for the moment in which a broker session begins.
    [[nodiscard]] bool may_reconfigure() const noexcept { return !broker_.listening(); }

    /// Continues with other settings; those of the broker and of Home Assistant are the same. A printer is
    /// the same while its SessionSettings::index is: it gets a new connection if its generation differs, else
    /// no session notices more than what has changed. What others have published is cleared, or used again by
    /// the printer that has their id now. `former` of `settings` is ignored. `saved`: as in the constructor;
    /// null but for new printers.
    void reconfigure(BridgeSettings settings, const std::vector<Json>& saved, Now now, Effects& effects);

    /// Handles due deadlines.
    void tick(Now now, Effects& effects);

    /// When tick() or next() is due.
    [[nodiscard]] Instant deadline() const;

    /// The next message for the broker; nothing if none is wanted, or the window is full. One of the two
    /// calls below must follow before anything else.
    [[nodiscard]] std::optional<Message> next(Now now);

    /// The link took the message that next() gave. `packet`: its packet identifier, which Published names; 0:
    /// it is not acknowledged (QoS 0).
    void taken(int packet);

    /// The link rejected it. Retried after a second, sent in its shorter form, or dropped with a log line.
    void not_taken(Message message, const NotTaken& why, Now now, Effects& effects);

    /// Whether the link takes more messages at the moment: without room next() gives none. It has room when a
    /// broker session begins.
    void set_link_room(bool has_room) noexcept { window_.set_link_room(has_room); }

    /// Whether a message waits for an acknowledgement, so that events should be handled immediately.
    [[nodiscard]] bool awaits_acknowledgements() const {
        return window_.full() || window_.carries_event() || !settings_.former.empty();
    }

    /// What is counted for bridge/health.
    [[nodiscard]] const BridgeHealth& health() const noexcept { return health_; }

    /// Process information from the operating system, to be given when health() is due.
    void set_health(Health health, Now now);

    /// Starts the shutdown: commands end, everything goes to offline. Messages still have to be pulled.
    void shutdown(Now now, Effects& effects);

    /// True if the broker has acknowledged all messages.
    [[nodiscard]] bool quiet() const;

    [[nodiscard]] bool broker_up() const noexcept { return broker_.open(); }

    /// Why there is no session with the broker, or what is wrong with it, for people; empty: nothing.
    [[nodiscard]] const std::string& broker_problem() const noexcept { return broker_.fault(); }

    /// Whether discovery messages still have to be sent.
    [[nodiscard]] bool announces() const { return publisher_.announces() || sessions_.announces(); }

    /// Counts an exception that was caught outside, for instance while an effect was executed.
    void count_internal_error(Now now);

    /// The state of a printer to be saved for restarts.
    [[nodiscard]] std::string saved(std::size_t index) const { return sessions_.saved(index); }

    [[nodiscard]] const PrinterSession& session(std::size_t index) const { return sessions_.at(index); }

    [[nodiscard]] std::size_t size() const noexcept { return settings_.printers.size(); }

  private:
    void handle_broker(const Event& event, Now now, Effects& effects);
    void on_message(const BrokerMessage& message, Now now, Effects& effects);
    void acknowledged(const Published& event, Now now, Effects& effects);
    void forget_former(Effects& effects);
    [[nodiscard]] std::vector<FormerPrinter> former_after(const BridgeSettings& next) const;

    BridgeSettings settings_;
    BridgeHealth health_;
    BridgePublisher publisher_;
    BrokerSession broker_;
    DeviceList devices_;
    GroupCommands groups_;
    PrinterSessions sessions_;
    BridgeClients clients_;
    SendWindow window_;
    OversizeLog oversize_log_;
};

} // namespace bambu2mqtt
