// What handlers of commands do to the session, and what their requests mean for the connection.
#include <bambu2mqtt/gateway/printer_session.hpp>
#include <bambu2mqtt/printer/job_state.hpp>

namespace bambu2mqtt {

using namespace std::chrono_literals;

/// Made for one command.
class PrinterSession::CommandPort final : public SessionPort {
  public:
    CommandPort(PrinterSession& session, Now now, Effects& effects)
        : session_(session), now_(now), effects_(effects) {}

    void resume() override {
        if (session_.connection_.state() == ConnectionState::paused) {
            session_.job_tracker_
                .reconnected(); // also when the connection stood all the time: nobody listened
        }
        ConnectionActions actions;
        session_.connection_.resume(now_.instant, session_.family(), actions);
        session_.save_by(now_.instant);
        carry_out(actions);
    }

    void pause() override {
        ConnectionActions actions;
        session_.connection_.pause(actions);
        carry_out(actions);
    }

    void quit() override {
        ConnectionActions actions;
        session_.connection_.quit(actions);
        session_.save_by(now_.instant); // it stays closed over a restart
        carry_out(actions);
    }

    [[nodiscard]] bool closed() const override { return session_.connection_.closed(); }

    std::chrono::seconds refresh() override {
        const auto wait = session_.connection_.full_report_in(now_.instant, session_.family());
        if (wait > 0s) {
            session_.publish_all();
            return wait;
        }
        ConnectionActions actions{ConnectionAction::get_version};
        session_.connection_.want_full(now_.instant, session_.family(), actions);
        session_.perform(actions, effects_);
        return 0s;
    }

    void forget_unit(const std::string& unit) override {
        session_.publish_changes(now_);
        if (session_.printer_.forget_unit(unit)) {
            session_.cleanup_pending_ = true;
            session_.announcer_.review(session_.printer_.layout(), false);
            session_.save_by(now_.instant);
            session_.remove_stale_topics(now_);
        }
    }

    void set_chamber_temperature(double degrees) override {
        session_.changed_.add(session_.printer_.give_chamber_temperature(degrees));
    }

    [[nodiscard]] const std::string& proven_host() const override {
        return session_.connection_.places().proven();
    }

  private:
    void carry_out(const ConnectionActions& actions) {
        session_.perform(actions, effects_);
        session_.show_connection(now_, effects_);
    }

    PrinterSession& session_;
    Now now_;
    Effects& effects_;
};

Submitted PrinterSession::take(CommandRequest command_request, const CommandPolicy& policy, Now now,
                               Effects& effects) {
    CommandPort port{*this, now, effects};
    const auto submitted = command_runner_.take(std::move(command_request), situation(policy, now),
                                                reachability(), port, now, effects);
    show_transfer(); // it may have begun one
    count_commands(now);
    return submitted;
}

void PrinterSession::handle(const TrustDone& event, Now now, Effects& effects) {
    command_runner_.handle(event, now);
    if (event.problem.empty()) {
        ConnectionActions actions;
        connection_.certificate_trusted(now.instant, actions);
        perform(actions, effects);
    }
    show_connection(now, effects);
    deliver(now);
    publish_changes(now);
}

/// Reconnects when a session does not carry commands any more and that disturbs nothing.
void PrinterSession::reconnect_if_needed(Now now, Effects& effects) {
    const auto why = connection_.reconnect_reason();
    const bool disturbs =
        why == ReconnectReason::command_budget && is_active(job_state(printer_.report_state()));
    if (why == ReconnectReason::no || disturbs || !command_runner_.is_idle()) {
        return;
    }
    note(effects, Level::info,
         why == ReconnectReason::command_budget ? "reconnecting: the session has carried enough commands"
                                                : "reconnecting: the printer reports, but does not answer");
    ConnectionActions actions;
    connection_.reconnect(now.instant, actions);
    perform(actions, effects);
}

void PrinterSession::count_commands(Now now) {
    if (command_runner_.requests().sent() != commands_sent_) {
        commands_sent_ = command_runner_.requests().sent();
        connection_.command_sent(now.instant, family());
    }
}

} // namespace bambu2mqtt
