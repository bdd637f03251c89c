// The whole gateway as a state machine: all printers and the user's broker. Events and time in, effects out;
// messages are pulled as fast as the broker acknowledges them.
#pragma once

#include <bambu2mqtt/announce/templates.hpp>
#include <bambu2mqtt/session/agenda.hpp>
#include <bambu2mqtt/session/delay_meter.hpp>
#include <bambu2mqtt/session/effects.hpp>
#include <bambu2mqtt/session/printer_session.hpp>
#include <bambu2mqtt/session/statements.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace bambu2mqtt {

/// A printer that an earlier run served, under the id it had then; what stands of it on the broker is ours to
/// clear. A printer that is still served, by its serial, is announced under its new id first.
struct FormerPrinter {
    std::string serial{};
    std::string id{};
};

struct BridgeSettings {
    DiscoverySettings discovery{};
    bool announce = true;
    std::string status_topic = "homeassistant/status";
    std::vector<std::string> response_topics{}; ///< filters, see ResponseTopics
    std::vector<SessionSettings> printers{};
    std::vector<FormerPrinter> former{}; ///< of earlier runs and not configured like that any more
    unsigned seed = 1;
};

class Bridge {
  public:
    /// `saved`: what earlier runs remembered, per printer in order; null where there is nothing.
    Bridge(BridgeSettings settings, const Templates& templates, const std::vector<Json>& saved);

    /// Begins to connect to everything.
    void start(Now now, Effects& effects);

    void handle(const Event& event, Now now, Effects& effects);

    /// Does what is due.
    void tick(Now now, Effects& effects);

    /// When tick() or next() is due.
    [[nodiscard]] Instant deadline() const;

    /// The next message for the broker; nothing while none is wanted, or the window is full.
    [[nodiscard]] std::optional<Message> next(Now now);

    /// What the operating system says of the process, for bridge/health; asked for when health_due().
    void set_health(Health health, Now now);
    [[nodiscard]] bool health_due(Now now) const;

    /// The gateway stops: commands end, everything goes to offline. Messages still have to be pulled.
    void say_goodbye(Now now, Effects& effects);

    /// Whether the broker has acknowledged everything that was wanted of it.
    [[nodiscard]] bool quiet() const;

    [[nodiscard]] bool broker_up() const noexcept { return phase_ == Phase::open; }

    [[nodiscard]] const PrinterSession& session(std::size_t index) const { return *sessions_[index]; }

    [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }

  private:
    enum class Phase {
        down,
        listening, ///< the retained messages of earlier runs come in
        open,
    };

    void broker_up_event(const BrokerUp& event, Now now, Effects& effects);
    void broker_down_event(const BrokerDown& event, Now now, Effects& effects);
    void hear(const BrokerMessage& message, Now now, Effects& effects);
    void hear_command(const BrokerMessage& message, Now now, Effects& effects);
    void listen_to_commands(Effects& effects) const;
    void open(Effects& effects);
    [[nodiscard]] std::vector<std::vector<Message>> share_out(std::vector<Message> heard,
                                                              std::vector<std::string>& own_topics);
    void listen(bool begin, Effects& effects) const;
    void acknowledged(Now now);
    void refresh(std::size_t index);
    void forget_former(Effects& effects);
    [[nodiscard]] bool serves(const std::string& serial) const;
    [[nodiscard]] std::optional<Message> next_own(Now now);
    void announce_bridge_device(const std::vector<std::string>& found);
    [[nodiscard]] std::vector<std::string> ids() const;

    BridgeSettings settings_;
    const Templates& templates_;
    BridgeTopics topics_;
    ReportParser parser_;
    std::vector<std::unique_ptr<PrinterSession>> sessions_;
    std::unordered_map<std::string, std::size_t> by_id_;
    Agenda duties_;                ///< when each session's tick() is due
    Agenda postings_;              ///< when each session's next() is due
    Outbox outbox_;                ///< the bridge's own topics
    std::deque<Message> first_;    ///< announcements of the bridge, and what clears leftover announcements
    std::deque<Message> clearing_; ///< what clears leftover states, after all of `first_`
    Instant clearing_from_{};      ///< not before that moment
    Backoff backoff_;

    Phase phase_ = Phase::down;
    bool outage_noted_ = false;
    std::optional<Instant> retry_at_;
    std::optional<Instant> last_heard_;
    std::optional<Instant> listening_since_;
    std::optional<Instant> bridge_review_at_;
    std::vector<Message> heard_;
    std::size_t window_ = 1;
    bool tells_retained_ = false;
    std::deque<std::optional<std::size_t>>
        in_flight_; ///< messages on the way; the session of each that is an event

    std::vector<std::optional<Instant>>
        reported_; ///< per printer: a report whose first message is still to come
    DelayMeter delays_;
    Health health_{};
    std::optional<Instant> health_at_;
    std::uint64_t messages_in_ = 0;
    std::uint64_t messages_out_ = 0;
};

} // namespace bambu2mqtt
