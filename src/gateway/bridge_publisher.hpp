// The gateway's own messages, which are sent before those of its printers: its discovery, bridge/state, info,
// health, devices and log, responses, and clears of what former printers left on the broker.
#pragma once

#include "gateway/bridge_log.hpp"
#include "gateway/transient_messages.hpp"
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/gateway/bridge_settings.hpp>
#include <bambu2mqtt/gateway/found_messages.hpp>
#include <bambu2mqtt/gateway/outbox.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bambu2mqtt {

class BridgePublisher {
  public:
    /// Both outlive it.
    BridgePublisher(const BridgeSettings& settings, const Templates& templates);

    /// A broker session begins to publish: everything is sent again, and topics of earlier runs that are no
    /// longer used are cleared. Takes its part of `found`.
    void broker_up(FoundMessages::Found& found);

    /// The broker session has ended: what was not sent is found again at the next one.
    void broker_down();

    /// Home Assistant has started: everything is published again after a second.
    void home_assistant_up(Instant now);

    /// The settings of discovery have changed.
    void announce_again() { announce({}); }

    /// Messages to be sent before all others.
    void send_first(std::vector<Message> messages);

    /// Clears these topics after everything that was to be cleared before: those of `announcements`, and
    /// `states` when Home Assistant has dropped the entities. As at the start of a broker session.
    void clear(std::vector<Message> announcements, std::vector<Message> states);

    /// The clears of states that were not sent yet; they are not sent any more.
    [[nodiscard]] std::vector<Message> take_pending_clears();

    /// `printers`: their ids.
    void publish(const std::vector<std::string>& printers, const Health& health);

    /// `devices`: as bridge/devices should show them.
    void publish_devices(std::string devices) { outbox_.want(topics_.devices(), std::move(devices)); }

    /// A response to a client: sent once, not retained. Dropped when the session with the broker ends before.
    void send(Message message) { transient_messages_.add(std::move(message)); }

    /// The retained topics, for messages that have to be cleared.
    [[nodiscard]] Outbox& outbox() noexcept { return outbox_; }

    /// The lines for bridge/log.
    [[nodiscard]] BridgeLog& log() noexcept { return log_; }

    /// The session of a printer has failed; it is unavailable until the session is rebuilt.
    void printer_failed(const std::string& id);

    /// Nothing but bridge/state `offline` is left to send, and what is already in the first queue.
    void shutdown();

    void tick(Instant now);

    /// When tick() is due.
    [[nodiscard]] std::optional<Instant> deadline() const { return review_at_; }

    /// `others`: when messages of printers are due. Responses take turns with them.
    [[nodiscard]] std::optional<Message> next(Now now, std::optional<Instant> others);

    /// When next() may have a message that is not possible now.
    [[nodiscard]] std::optional<Instant> next_due() const;

    /// Whether discovery messages, or messages sent with them, still have to be sent.
    [[nodiscard]] bool announces() const { return !first_.empty(); }

    /// True if all topics of former printers have been cleared.
    [[nodiscard]] bool cleared() const { return first_.empty() && pending_clears_.empty(); }

    /// True if nothing is left to send but clears of stale states.
    [[nodiscard]] bool quiet() const {
        return first_.empty() && !transient_messages_.due() && !outbox_.due();
    }

  private:
    void announce(const std::vector<std::string>& found);

    const BridgeSettings& settings_;
    const Templates& templates_;
    BridgeTopics topics_;
    Outbox outbox_;             ///< bridge/...
    std::deque<Message> first_; ///< discovery of the gateway, and clears of stale discovery messages
    TransientMessages transient_messages_;
    std::deque<Message> pending_clears_; ///< clears of stale states, after all of `first_`
    BridgeLog log_;
    Instant clears_from_{};            ///< not before that time
    std::optional<Instant> review_at_; ///< when everything is published again
};

} // namespace bambu2mqtt
