// One printer: its connection, its state, its commands, and what is published about it.
#pragma once

#include "gateway/connection_control.hpp"
#include "gateway/job_watch.hpp"
#include "gateway/session_clock.hpp"
#include "gateway/session_commands.hpp"
#include "gateway/session_context.hpp"
#include "gateway/session_features.hpp"
#include <bambu2mqtt/gateway/once_per_hour.hpp>
#include <bambu2mqtt/gateway/session_counters.hpp>
#include <bambu2mqtt/gateway/session_settings.hpp>
#include <bambu2mqtt/homeassistant/templates.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>
#include <bambu2mqtt/topic/topics.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bambu2mqtt {

/// A pure state machine: events and time in, effects out; messages are pulled with next(). Passes each event
/// to the parts it concerns, and publishes at its end what that changed.
class PrinterSession {
  public:
    /// `saved`: state of an earlier run (see save()); null or invalid content is ignored.
    PrinterSession(SessionSettings settings, const Templates& templates, const Json& saved);

    void start(Now now, Effects& effects);

    void handle(const ReportArrived& event, ReportParser& parser, Now now, Effects& effects);

    /// A message on one of this printer's command topics. Retained ones are cleared and otherwise ignored.
    void handle(const BrokerMessage& message, const CommandTopic& topic, Now now, Effects& effects);

    /// The part of a group command for this printer.
    void handle(CommandRequest command_request, Now now, Effects& effects);

    /// Its outcomes of group commands since the last call.
    [[nodiscard]] std::vector<GroupAnswer> take_group_answers() { return commands_.take_group_answers(); }

    void handle(const WorkProgress& event, Now now, Effects& effects);
    void handle(const WorkDone& event, Now now, Effects& effects);
    void handle(const TrustDone& event, Now now, Effects& effects);

    /// Other events at the link to the printer: PrinterUp, PrinterDown, PrinterAnnounced, ReportsLost.
    template <typename LinkEvent>
    void handle(const LinkEvent& event, Now now, Effects& effects) {
        count(event);
        connection_.handle(event, now, effects);
        finish(now, effects);
    }

    /// A new broker session begins; `found` are our retained messages found on it, including those below a
    /// former id of the printer, `retain_as_published` as in BrokerUp.
    void broker_up(std::vector<Message> found, bool retain_as_published);

    /// The broker session ended: nothing can be sent until the next broker_up().
    void broker_down() noexcept { context_.publisher.states().broker_down(); }

    /// Home Assistant has started: everything is published again after a short delay.
    void home_assistant_up(Now now) { context_.publisher.home_assistant_up(now.instant); }

    void tick(Now now, Effects& effects);

    /// When tick() is due.
    [[nodiscard]] Instant deadline() const;

    /// The next message, and when there may be one. For an event, event_delivered() must be called with its
    /// number when the broker has acknowledged it.
    [[nodiscard]] std::optional<Outgoing> next(Now now) {
        return context_.publisher.next(now.instant, context_.whole(now));
    }

    void event_delivered(std::uint64_t event, Now now);

    [[nodiscard]] std::optional<Instant> next_due() const { return context_.publisher.next_due(); }

    /// Starts the shutdown: commands end, availability goes to offline.
    void shutdown(Now now, Effects& effects);

    /// State to be saved for restarts.
    [[nodiscard]] std::string save() const;

    /// The state that was saved last, or loaded at the start.
    [[nodiscard]] const std::string& last_saved() const noexcept { return context_.persistent.content(); }

    /// After start(), instead of a session of the same printer that failed or had other settings: command
    /// numbers continue. `retained`: the printer's topics on the broker, if the broker session is open; this
    /// session publishes there from now on. `retain_as_published` as in BrokerUp. `former` must not be used
    /// afterwards.
    void take_over(PrinterSession& former, std::optional<std::vector<Message>> retained,
                   bool retain_as_published);

    /// Called afterwards: the commands of the former session end, and their outcomes are published. `why` is
    /// for people.
    void end_commands_of(PrinterSession& former, std::string_view why, Now now, Effects& effects);

    /// Other settings of the same printer, with the same id and the same connection.
    void reconfigure(SessionSettings settings, Now now, Effects& effects);

    /// The printer is configured no longer: its commands end. Returns their outcomes and what else is still
    /// to be sent once. Must not be used afterwards but for what it has published.
    [[nodiscard]] std::deque<Message> retire(std::string_view why, Now now, Effects& effects);

    /// What the printer has published.
    [[nodiscard]] const PrinterPublisher& publisher() const noexcept { return context_.publisher; }

    [[nodiscard]] const Printer& printer() const noexcept { return context_.printer; }

    [[nodiscard]] const Connection& connection() const noexcept { return context_.connection; }

    [[nodiscard]] const SessionSettings& settings() const noexcept { return context_.settings; }

    [[nodiscard]] const SessionCounters& counters() const noexcept { return context_.counters; }

    /// Whether discovery messages still have to be sent.
    [[nodiscard]] bool announces() const noexcept { return context_.publisher.announces(); }

  private:
    void finish(Now now, Effects& effects);

    void count(const PrinterUp& /*event*/) noexcept { ++context_.counters.connections; }

    void count(const ReportsLost& /*event*/) noexcept { ++context_.counters.losses; }

    template <typename LinkEvent>
    void count(const LinkEvent& /*event*/) noexcept {}

    SessionContext context_;
    JobWatch jobs_;
    ConnectionControl connection_;
    SessionFeatures features_;
    SessionCommands commands_;
    SessionClock clock_;
    OncePerHour drop_noted_; ///< log lines about reports that were dropped
};

} // namespace bambu2mqtt
