// One printer: its connection, its state, and what stands about it on the broker. The only place where these
// meet.
#pragma once

#include "gateway/changed_entities.hpp"
#include <bambu2mqtt/command/command_runner.hpp>
#include <bambu2mqtt/gateway/connection.hpp>
#include <bambu2mqtt/gateway/outbox.hpp>
#include <bambu2mqtt/homeassistant/discovery.hpp>
#include <bambu2mqtt/homeassistant/discovery_publisher.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/printer/job_state.hpp>
#include <bambu2mqtt/state/job_tracker.hpp>
#include <bambu2mqtt/state/printer.hpp>
#include <bambu2mqtt/topic/response_topic.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace bambu2mqtt {

/// What a session has to know of the configuration.
struct SessionSettings {
    std::size_t index = 0; ///< the printer's place in the configuration, target of its events
    PrinterNames names{};
    std::optional<Model> model{};
    std::string host{};         ///< name or address; empty: where it announces itself
    bool follows = true;        ///< whether announcements, and what was learned from them, count
    bool first_contact = false; ///< no certificate is pinned yet, and the first will be: see AddressBook
    double usage_hours = 0;
    std::string url_scheme{};              ///< "ftp", "sdcard", or empty for what the model takes
    bool announce = true;                  ///< home_assistant.enabled
    DiscoverySettings discovery{};         ///< its policy is what commands are held against
    ResponseTopics responses{};            ///< where senders of commands may have their answers
    std::vector<std::string> former_ids{}; ///< under which earlier runs may have published this printer
    unsigned seed = 1;                     ///< spreads retries and announcements of many printers
};

/// A pure state machine: events and time in, effects out; messages are pulled with next().
class PrinterSession {
  public:
    /// `saved`: what an earlier run remembered (see save()); null or strange content is as if there were
    /// none.
    PrinterSession(SessionSettings settings, const Templates& templates, const Json& saved);

    void start(Now now, Effects& effects);
    void handle(const PrinterUp& event, Now now, Effects& effects);
    void handle(const PrinterDown& event, Now now, Effects& effects);
    void handle(const ReportArrived& event, ReportParser& parser, Now now, Effects& effects);
    void handle(const ReportsLost& event, Now now, Effects& effects);

    /// A message on one of this printer's command topics, `topic` being what its topic says. Retained ones
    /// are cleared and otherwise ignored.
    void handle(const BrokerMessage& message, const CommandTopic& topic, Now now, Effects& effects);
    void handle(const FileProgress& event, Now now);
    void handle(const FileDone& event, Now now, Effects& effects);
    void handle(const TrustDone& event, Now now, Effects& effects);
    void handle(const PrinterAnnounced& event, Now now, Effects& effects);

    /// A new broker session begins; `found` are the retained messages of ours that were seen on it, also
    /// those below a former id of the printer, `tells_retained` as in BrokerUp.
    void broker_up(std::vector<Message> found, bool tells_retained);

    /// The broker session ended: nothing can be sent until the next broker_up().
    void broker_down() noexcept { broker_up_ = false; }

    /// Home Assistant has started: everything is announced again, a moment later.
    void home_assistant_up(Now now);

    void tick(Now now, Effects& effects);

    /// When tick() is due.
    [[nodiscard]] Instant deadline() const;

    /// A message for the broker.
    struct Outgoing {
        Message message{};
        std::optional<std::uint64_t> event{}; ///< number of the event it is; nothing for all else
    };

    /// The next message, and when there may be one. Where it is an event, event_delivered() has to be called
    /// with its number when the broker has acknowledged it.
    [[nodiscard]] std::optional<Outgoing> next(Now now);
    void event_delivered(std::uint64_t event, Now now);
    [[nodiscard]] std::optional<Instant> next_due() const;

    /// The gateway stops: commands end, availability goes to offline.
    void shutdown(Now now, Effects& effects);

    /// What is to be kept over restarts.
    [[nodiscard]] std::string save() const;

    /// What was last handed out to be kept, or what it began with.
    [[nodiscard]] const std::string& last_saved() const noexcept { return saved_; }

    /// After start(), in place of a session of the same printer that failed: the numbers of commands go on,
    /// and when the broker session stands (`broker_open`) this one knows what that one has on the broker.
    /// `tells_retained` as in BrokerUp. `former` is of no use afterwards.
    void take_over(PrinterSession& former, bool broker_open, bool tells_retained);

    /// The same, afterwards: the commands of the failed session end, and their outcomes are published.
    void end_commands_of(PrinterSession& former, Now now, Effects& effects);

    [[nodiscard]] const Printer& printer() const noexcept { return printer_; }

    [[nodiscard]] const Connection& connection() const noexcept { return connection_; }

    [[nodiscard]] const std::string& id() const noexcept { return settings_.names.id; }

    /// Ids under which earlier runs may have published this printer.
    [[nodiscard]] const std::vector<std::string>& former_ids() const noexcept { return settings_.former_ids; }

  private:
    /// An event on one of its topics that no broker has acknowledged.
    struct QueuedEvent {
        std::uint64_t number = 0;
        std::string topic{}; ///< below B/P/: "event", "event/print_started"
        std::string payload{};
        bool on_the_way = false;
    };

    /// A control with a command under way. The requested value is shown once the printer has acknowledged the
    /// command, until its reports show a value: a value that it refuses is never shown.
    struct OptimisticState {
        Value requested{};
        std::optional<Value> shown{}; ///< nothing: the reported value
        Instant until{};
        Ticket command = 0; ///< the one that requested the value
    };

    /// What handlers of commands do to this session.
    class CommandPort;

    void perform(const ConnectionActions& actions, Effects& effects);
    void publish_changes(Now now);
    void publish(std::size_t index);
    void publish_all();
    void publish_availability();
    void show_connection(Now now, Effects& effects);
    void keep(Now now, Effects& effects);
    void save_by(Instant moment);
    void follow_job(Now now);
    void ask_for_job_values(Now now, Effects& effects);
    void queue_events(const std::vector<PrinterEvent>& printer_events, Now now);
    void add_event(std::string topic, std::string payload);
    void restore_events(const Json& saved);
    [[nodiscard]] Json saved_events() const;
    void note(Effects& effects, Level level, std::string text) const;
    void remove_stale_topics(Now now);
    [[nodiscard]] bool whole(Now now) const;
    [[nodiscard]] bool is_own_clear(const BrokerMessage& message);
    void clear_retained(const BrokerMessage& message, Effects& effects);
    [[nodiscard]] ReturnAddress sender_of(const BrokerMessage& message) const;
    Submitted take(CommandRequest command_request, const CommandPolicy& policy, Now now, Effects& effects);
    void take_command(const BrokerMessage& message, std::string_view name, Now now, Effects& effects);
    void on_control_message(const BrokerMessage& message, std::string_view entity, Now now, Effects& effects);
    void take_raw(const BrokerMessage& message, Now now, Effects& effects);
    void follow_place(Now now, Effects& effects);
    void watch_clock(Now now, ConnectionActions& actions);
    void watch_commands(const Update& update, Now now);
    void tick_commands(Now now, Effects& effects);
    void deliver(Now now);
    void publish_response(const CommandResponse& response);
    void finish_control(const CommandResponse& response);
    void learn_from(const RequestResult& result);
    void expect_value(const std::string& entity, Value value, Ticket command, Now now);
    void show_acknowledged(Now now);
    void end_optimistic_state(const std::string& entity);
    void show_transfer();
    void count_commands(Now now);
    void reconnect_if_needed(Now now, Effects& effects);
    void enqueue_transient(Message message);
    void enqueue_raw_report(const std::string& payload, const Update& update);
    [[nodiscard]] std::optional<Instant> commands_deadline() const;
    [[nodiscard]] bool may_tell_event() const;
    void publish_controls();
    void take_found(std::vector<Message> found);
    [[nodiscard]] Situation situation(const CommandPolicy& policy, Now now) const;
    [[nodiscard]] Reachability reachability() const;
    [[nodiscard]] std::unordered_set<std::string> topics_of_layout() const;
    [[nodiscard]] Family family() const;

    SessionSettings settings_;
    PrinterTopics topics_;
    Printer printer_;
    Connection connection_;
    Announcer announcer_;
    Outbox outbox_;
    ChangedEntities changed_; ///< by the message at hand
    ConnectionState shown_state_ = ConnectionState::connecting;
    std::string shown_error_;
    std::string_view shown_hint_;
    std::optional<std::chrono::seconds> clock_lead_; ///< of the wall clock before the steady one
    std::string logged_host_;                        ///< where the log says the printer is
    std::string place_note_;  ///< another place, to be named in the line that says it is connected
    std::string fingerprint_; ///< of the certificate that was not trusted last
    bool outage_noted_ = false;
    bool broker_up_ = false;
    std::unordered_set<std::string>
        found_states_; ///< retained topics of earlier runs, until something newer is known
    std::unordered_set<std::string> found_moved_; ///< the same below former ids of this printer
    std::vector<std::string> former_ids_;         ///< former ids below which something may still stand
    bool cleanup_pending_ =
        true; ///< stale topics of earlier runs, and of what the printer no longer has, are not yet cleared
    CommandRunner command_runner_;
    std::deque<Message> transient_messages_; ///< not retained: outcomes, the printer's own messages
    Instant raw_report_at_{};                ///< when the last of them went
    std::map<std::string, OptimisticState> optimistic_; ///< by entity
    std::uint64_t commands_sent_ = 0;
    bool unanswered_ = false; ///< a command ended without any answer
    std::vector<std::string>
        pending_clears_; ///< topics whose retained command was cleared: our own message comes back
    bool tells_retained_ = false;
    JobTracker job_tracker_;
    std::deque<QueuedEvent> events_; ///< the oldest first
    std::uint64_t last_event_ = 0;
    JobState job_state_ = JobState::unknown; ///< as the availability of controls was last published
    Instant last_minute_{};
    std::string saved_;
    std::optional<Instant> save_at_;
    std::optional<Instant> loss_noted_at_; ///< when a loss of reports was last written to the log
    std::optional<bool> job_was_active_;
    std::optional<Instant>
        job_values_due_; ///< when a full report is asked for, for what is not known of a job
};

} // namespace bambu2mqtt
