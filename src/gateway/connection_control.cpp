#include "gateway/connection_control.hpp"

#include "gateway/job_watch.hpp"
#include "gateway/session_context.hpp"
#include <bambu2mqtt/printer/job_state.hpp>

#include <utility>

namespace bambu2mqtt {

namespace {

/// Where a printer is expected: that it is found there is nothing to log.
const std::string& expected_host(const AddressBook& places) {
    return places.learned().empty() ? places.configured() : places.learned();
}

} // namespace

ConnectionControl::ConnectionControl(SessionContext& context, JobWatch& jobs)
    : context_(context), jobs_(jobs),
      log_(context.settings.names.id, expected_host(context.connection.places())) {}

void ConnectionControl::start(Now now, Effects& effects) {
    const auto& connection = context_.connection;
    (void)context_.printer.set_connection({.state = name_of(connection.state()), .since = now.wall});
    if (!connection.closed()) {
        context_.with_connection(
            effects, [&](Connection& link, ConnectionActions& actions) { link.start(now.instant, actions); });
    }
}

void ConnectionControl::handle(const PrinterUp& /*event*/, Now now, Effects& effects) {
    jobs_.reconnected();
    context_.with_connection(effects, [&](Connection& link, ConnectionActions& actions) {
        link.up(now.instant, context_.family(), actions);
    });
    follow_place(now, effects);
}

void ConnectionControl::handle(const PrinterDown& event, Now now, Effects& /*effects*/) {
    // A certificate presented at an address that was only announced must not be taken for the printer's own.
    if (!event.fingerprint.empty() && !context_.connection.places().is_unverified()) {
        log_.untrusted(event.fingerprint);
    }
    context_.connection.down(event, now.instant);
}

void ConnectionControl::handle(const PrinterAnnounced& event, Now now, Effects& effects) {
    if (!context_.settings.follows) {
        return;
    }
    context_.with_connection(effects, [&](Connection& link, ConnectionActions& actions) {
        link.announced(event.address, now.instant, actions);
    });
}

void ConnectionControl::handle(const ReportsLost& /*event*/, Now now, Effects& effects) {
    context_.log(effects, log_.reports_lost(now.instant));
    context_.want_full_report(now, effects);
}

void ConnectionControl::tick(bool clock_was_set, Now now, Effects& effects) {
    context_.with_connection(effects, [&](Connection& link, ConnectionActions& actions) {
        if (clock_was_set) {
            link.clock_set(now.instant, actions);
        }
        link.tick(now.instant, context_.family(), actions);
    });
}

/// The printer was reached elsewhere than before: logged once, and remembered.
void ConnectionControl::follow_place(Now now, Effects& effects) {
    if (log_.moved(context_.connection)) {
        context_.log(effects, log_.place_line());
        context_.persistent.save_by(now.instant);
    }
}

void ConnectionControl::show(Now now, Effects& effects) {
    auto& printer = context_.printer;
    auto status = log_.follow(context_.connection, printer.gateway().connection.since, now.wall);
    if (!status) {
        return;
    }
    context_.publisher.add(printer.set_connection(*std::move(status)));
    context_.publisher.states().publish_availability();
    const auto state = context_.connection.state();
    if (state != ConnectionState::connecting && state != ConnectionState::paused) {
        jobs_.reachable(state == ConnectionState::connected, now);
    }
    context_.log(effects, log_.line());
}

void ConnectionControl::reconnect_if_needed(Effects& effects) {
    const auto why = context_.connection.reconnect_reason();
    const bool disturbs =
        why == ReconnectReason::command_budget && is_active(job_state(context_.printer.report_state()));
    if (why == ReconnectReason::no || disturbs || !context_.runner.is_idle()) {
        return;
    }
    context_.log(effects, Level::info,
                 why == ReconnectReason::command_budget
                     ? "reconnecting: such a printer stops answering after several commands in one session"
                     : "reconnecting: the printer sends reports, but does not answer");
    context_.with_connection(effects,
                             [](Connection& link, ConnectionActions& actions) { link.reconnect(actions); });
}

} // namespace bambu2mqtt
