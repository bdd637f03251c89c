// The whole gateway as a state machine: all printers and the user's broker. Events and time in, effects out;
// messages are pulled as fast as the broker acknowledges them.
#pragma once

#include <bambu2mqtt/gateway/broker_watch.hpp>
#include <bambu2mqtt/gateway/deadline_queue.hpp>
#include <bambu2mqtt/gateway/delay_meter.hpp>
#include <bambu2mqtt/gateway/found_messages.hpp>
#include <bambu2mqtt/gateway/once_per_hour.hpp>
#include <bambu2mqtt/gateway/printer_session.hpp>
#include <bambu2mqtt/gateway/retained_wait.hpp>
#include <bambu2mqtt/gateway/send_window.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/port/effects.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bambu2mqtt {

/// A printer of an earlier run, with its former id; its topics on the broker are ours to clear. A printer
/// that is still configured, by its serial, is first published under its new id.
struct FormerPrinter {
    std::string serial{};
    std::string id{};
};

struct BridgeSettings {
    DiscoverySettings discovery{};
    bool announce = true;
    std::string status_topic = "homeassistant/status";
    std::vector<std::string> response_topics{}; ///< filters, see ResponseTopics
    std::string client_id = "bambu2mqtt";       ///< the gateway's client id at the broker
    std::vector<SessionSettings> printers{};
    std::vector<FeatureEntry> features{}; ///< of every session
    std::vector<FormerPrinter> former{};  ///< of earlier runs, no longer configured in this way
    unsigned seed = 1;
};

/// Why the link rejected a message.
enum class NotTaken {
    for_now,  ///< no free place, or the connection has just broken
    for_ever, ///< no connection can ever carry it
};

/// An exception that escapes while a printer is handled affects only this printer's session: the event is
/// dropped, the fault is logged and counted, and the session is rebuilt from its saved state, immediately or,
/// if it also failed less than a minute ago, after a growing delay.
class Bridge {
  public:
    /// `saved`: saved states of earlier runs, per printer in order; null if there is none.
    Bridge(BridgeSettings settings, const Templates& templates, const std::vector<Json>& saved);

    /// Starts connecting to the broker and all printers.
    void start(Now now, Effects& effects);

    void handle(const Event& event, Now now, Effects& effects);

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

    /// Whether the link takes more messages at the moment: without room next() gives none. It has room when a
    /// broker session begins.
    void set_link_room(bool has_room) noexcept { link_has_room_ = has_room; }

    /// The link rejected it. Retried after a second, or dropped with a log line.
    void not_taken(Message message, NotTaken why, Now now, Effects& effects);

    /// Whether a message waits for an acknowledgement, so that events should be handled immediately.
    [[nodiscard]] bool awaits_acknowledgements() const {
        return window_.full() || window_.carries_event() || !settings_.former.empty();
    }

    /// Process information from the operating system, for bridge/health; requested by health_due().
    void set_health(Health health, Now now);
    [[nodiscard]] bool health_due(Now now) const;

    /// Starts the shutdown: commands end, everything goes to offline. Messages still have to be pulled.
    void shutdown(Now now, Effects& effects);

    /// True if the broker has acknowledged all messages.
    [[nodiscard]] bool quiet() const;

    [[nodiscard]] bool broker_up() const noexcept { return phase_ == Phase::open; }

    /// Why sessions with the broker end early, for people; empty: no problem.
    [[nodiscard]] const std::string& broker_problem() const noexcept { return watch_.problem(); }

    /// Number of exceptions since the start.
    [[nodiscard]] std::uint64_t internal_errors() const noexcept { return internal_errors_; }

    /// Messages from the user's broker since the start, and those it took.
    [[nodiscard]] std::uint64_t messages_in() const noexcept { return messages_in_; }

    [[nodiscard]] std::uint64_t messages_out() const noexcept { return messages_out_; }

    /// Median time from a report to its first message, of the last 127; 0 before the first.
    [[nodiscard]] double publish_delay_ms() const { return delays_.median_ms(); }

    /// Whether discovery messages still have to be sent.
    [[nodiscard]] bool announces() const;

    /// Counts an exception that was caught while an effect was executed.
    void count_internal_error(Now now);

    /// An exception has escaped while this effect was carried out, and it was undone: counts that, and
    /// handles the event with which such an effect fails otherwise, where its sender waits for one:
    /// PrinterDown, WorkDone, TrustDone, BrokerDown. `why` is for people.
    void effect_failed(const Effect& effect, std::string_view why, Now now, Effects& effects);

    /// The state of a printer to be saved for restarts.
    [[nodiscard]] std::string saved(std::size_t index) const;

    [[nodiscard]] const PrinterSession& session(std::size_t index) const { return *sessions_[index]; }

    [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }

  private:
    enum class Phase {
        down,
        listening, ///< receiving the retained messages of earlier runs
        open,
    };

    /// Whether and when a session is to be rebuilt.
    struct Fault {
        bool broken = false; ///< the session receives nothing until it is rebuilt
        bool noted = false;
        std::string what{};
        Instant rebuild_at{};
        std::optional<Instant> rebuilt_at{};
        std::optional<Backoff> backoff{};
    };

    /// Calls a function on a session that is not broken. False if it is, or if an exception escapes.
    template <typename Step>
    bool guarded(std::size_t index, Now now, Step step) {
        if (faults_[index].broken) {
            return false;
        }
        try {
            step(*sessions_[index]);
            refresh(index);
            return true;
        } catch (const std::exception& error) {
            break_off(index, error.what(), now);
        } catch (...) {
            break_off(index, "an exception of unknown type", now);
        }
        return false;
    }

    [[nodiscard]] std::unique_ptr<PrinterSession> make_session(std::size_t index, const Json& saved);
    void break_off(std::size_t index, std::string what, Now now);
    void mend(std::size_t index, Now now, Effects& effects);
    void rebuild(std::size_t index, Now now, Effects& effects);
    void handle_printer(const Event& event, Now now, Effects& effects);
    void handle_broker(const Event& event, Now now, Effects& effects);
    void update_broker(Now now, Effects& effects);
    void broker_up_event(const BrokerUp& event, Now now, Effects& effects);
    void broker_down_event(const BrokerDown& event, Now now, Effects& effects);
    void on_message(const BrokerMessage& message, Now now, Effects& effects);
    void on_command_message(const BrokerMessage& message, Now now, Effects& effects);
    void listen_to_commands(Effects& effects) const;
    void open(Now now, Effects& effects);
    [[nodiscard]] FoundMessages look_for_own() const;
    void messages_lost(const BrokerMessagesLost& event, Now now, Effects& effects);
    void listen(bool begin, Effects& effects) const;
    void acknowledged(const Published& event, Now now, Effects& effects);
    void delivered(const Sending& sending, Now now);
    [[nodiscard]] std::optional<Message> next_of_printers(Now now, Sending& sending);
    void refresh(std::size_t index);
    void forget_former(Effects& effects);
    [[nodiscard]] bool serves(const std::string& serial) const;
    [[nodiscard]] std::optional<Message> next_own(Now now);
    [[nodiscard]] std::optional<Message> next_marker();
    void announce_bridge_device(const std::vector<std::string>& found);
    [[nodiscard]] std::vector<std::string> ids() const;

    BridgeSettings settings_;
    const Templates& templates_;
    BridgeTopics topics_;
    ReportParser parser_;
    std::vector<std::unique_ptr<PrinterSession>> sessions_;
    std::unordered_map<std::string, std::size_t> by_id_;
    DeadlineQueue tick_deadlines_;       ///< when each session's tick() is due
    DeadlineQueue publish_deadlines_;    ///< when each session's next() is due
    Outbox outbox_;                      ///< the gateway's own topics
    std::deque<Message> first_;          ///< discovery of the gateway, and clears of stale discovery messages
    std::deque<Message> pending_clears_; ///< clears of stale states, after all of `first_`
    Instant clears_from_{};              ///< not before that time
    BrokerWatch watch_;
    std::vector<Fault> faults_; ///< per printer

    Phase phase_ = Phase::down;
    bool outage_noted_ = false;
    std::optional<Instant> retry_at_;
    RetainedWait retained_wait_;
    bool marker_due_ = false;
    unsigned markers_ = 0; ///< sent, by sessions
    std::optional<Instant> bridge_review_at_;
    std::optional<Instant> commands_from_; ///< when to subscribe to commands; empty: done, or not yet open
    FoundMessages found_;                  ///< while listening
    std::uint64_t messages_lost_ = 0;      ///< since the loss was noted
    OncePerHour loss_noted_;
    bool retain_as_published_ = false;
    SendWindow window_;
    bool link_has_room_ = true;
    bool refusal_noted_ = false; ///< of a message, in this broker session

    std::vector<std::optional<Instant>>
        reported_; ///< per printer: a report whose first message is still to be sent
    DelayMeter delays_;
    Health health_{};
    std::optional<Instant> health_at_;
    std::uint64_t messages_in_ = 0;
    std::uint64_t messages_out_ = 0;
    std::uint64_t internal_errors_ = 0;
    std::vector<LogLine> log_lines_; ///< of sessions that could not be created from their saved state
};

} // namespace bambu2mqtt
