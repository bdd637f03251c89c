// Shared by the parts of one printer's session: the printer's state, its connection, its commands, and what
// is published about it.
#pragma once

#include "gateway/connection_log.hpp"
#include "gateway/persistent_state.hpp"
#include "gateway/printer_publisher.hpp"
#include <bambu2mqtt/command/command_runner.hpp>
#include <bambu2mqtt/gateway/connection.hpp>
#include <bambu2mqtt/gateway/session_counters.hpp>
#include <bambu2mqtt/gateway/session_settings.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/state/printer.hpp>

#include <optional>
#include <string>

namespace bambu2mqtt {

/// Its parts refer to each other: it stays where it is.
struct SessionContext {
    /// `saved`: what an earlier run remembered; null or anything else counts as nothing.
    SessionContext(SessionSettings configured, const Templates& templates, const Json& saved);
    SessionContext(const SessionContext&) = delete;
    SessionContext& operator=(const SessionContext&) = delete;
    ~SessionContext() = default;

    /// Performs `step` on the connection and carries out the resulting actions.
    template <typename Step>
    void with_connection(Effects& effects, const Step& step) {
        ConnectionActions actions;
        step(connection, actions);
        perform(actions, effects);
    }

    /// Requests a full report from the printer, now or as soon as the model's budget allows.
    void want_full_report(Now now, Effects& effects);

    /// Publishes what was added to the publisher, each entity once. Called at the end of each message.
    void publish_changes(Now now);

    void log(Effects& effects, Level level, std::string text) const;
    void log(Effects& effects, std::optional<ConnectionLog::Line> line) const;

    /// What commands are judged by.
    [[nodiscard]] Situation situation(const CommandPolicy& policy, Now now) const;

    [[nodiscard]] Reachability reachability() const;

    /// True if all features of the printer are known: only then is absence meaningful. Firmware that never
    /// answers get_version is waited for half a minute.
    [[nodiscard]] bool whole(Now now) const;

    [[nodiscard]] Family family() const { return printer.facts().traits().family; }

    SessionSettings settings;
    Printer printer;
    Connection connection;
    CommandRunner runner;
    PrinterPublisher publisher;
    PersistentState persistent;
    SessionCounters counters{};

  private:
    void perform(const ConnectionActions& actions, Effects& effects);
};

} // namespace bambu2mqtt
