// What happens at the link to one printer: passed on to the connection, shown by entities, written to the
// log.
#pragma once

#include "gateway/connection_log.hpp"
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/port/effects.hpp>
#include <bambu2mqtt/port/events.hpp>

namespace bambu2mqtt {

class JobWatch;
struct SessionContext;

/// After every call that can change the state of the connection show() has to follow. Pure.
class ConnectionControl {
  public:
    /// Both outlive it.
    ConnectionControl(SessionContext& context, JobWatch& jobs);

    /// Begins to connect, unless the session was closed by a command in an earlier run.
    void start(Now now, Effects& effects);

    void handle(const PrinterUp& event, Now now, Effects& effects);
    void handle(const PrinterDown& event, Now now, Effects& effects);
    void handle(const PrinterAnnounced& event, Now now, Effects& effects);
    void handle(const ReportsLost& event, Now now, Effects& effects);

    /// `clock_was_set`: the clock of this machine was set since the last call.
    void tick(bool clock_was_set, Now now, Effects& effects);

    /// Publishes the state of the connection when it changed, and logs an outage once when it begins and once
    /// when it ends.
    void show(Now now, Effects& effects);

    /// Reconnects when a session no longer carries commands and nothing is disturbed by it.
    void reconnect_if_needed(Effects& effects);

  private:
    void follow_place(Now now, Effects& effects);

    SessionContext& context_;
    JobWatch& jobs_;
    ConnectionLog log_;
};

} // namespace bambu2mqtt
