// Commands that are about the session or the gateway itself: nothing of them reaches the printer as a
// request.
#include <bambu2mqtt/base/ascii.hpp>
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/gateway/printer_session.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

constexpr auto refresh_within = 10s;

/// 64 hexadecimal digits in the form certificates are shown in: "AA:BB:...".
std::string fingerprint_of(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == ':') {
            continue;
        }
        if (result.size() % 3 == 2) {
            result += ':';
        }
        result += upper(c);
    }
    return result;
}

/// The command runner knows of which command.
Outcome refused(Code code, std::string message) {
    return bambu2mqtt::refused({}, Refusal{code, std::move(message)});
}

} // namespace

void PrinterSession::run_local_action(const LocalActionRequest& command_request, Now now, Effects& effects) {
    Outcome done{.status = Status::done};
    ConnectionActions actions;
    switch (command_request.local_action) {
    case LocalAction::refresh:
        refresh(command_request.ticket, now, effects);
        return;
    case LocalAction::resume_session:
        if (connection_.closed()) {
            command_runner_.finish(
                command_request.ticket,
                refused(Code::conflict, "the session was closed with quit; start_session opens it"), now);
            return;
        }
        [[fallthrough]];
    case LocalAction::start_session:
        if (connection_.state() == ConnectionState::paused) {
            job_tracker_.reconnected(); // also when the connection stood all the time: nobody listened
        }
        connection_.resume(now.instant, family(), actions);
        save_by(now.instant);
        break;
    case LocalAction::pause_session:
        connection_.pause(actions);
        break;
    case LocalAction::quit:
        connection_.quit(actions);
        save_by(now.instant); // it stays closed over a restart
        break;
    case LocalAction::get_state:
        done.data = whole_state();
        break;
    case LocalAction::forget:
        publish_changes(now);
        if (printer_.forget_unit(command_request.arguments["unit"].get<std::string>())) {
            cleanup_pending_ = true;
            announcer_.review(printer_.layout(), false);
            save_by(now.instant);
            remove_stale_topics(now);
        }
        break;
    case LocalAction::chamber_value:
        changed_.add(printer_.give_chamber_temperature(command_request.arguments["value"].get<double>()));
        break;
    case LocalAction::trust:
        trust(command_request, now, effects);
        return;
    case LocalAction::none:
    case LocalAction::bind_list:
    case LocalAction::cancel_transfer:
        break;
    }
    perform(actions, effects);
    show_connection(now, effects);
    command_runner_.finish(command_request.ticket, std::move(done), now);
}

/// The certificate is looked at again where the printer is configured or was reached: whoever announces its
/// serial must not get his own certificate trusted.
void PrinterSession::trust(const LocalActionRequest& command_request, Now now, Effects& effects) {
    const auto& place = connection_.places().proven();
    if (place.empty()) {
        command_runner_.finish(
            command_request.ticket,
            connection_.host().empty()
                ? refused(Code::offline, "no address of the printer is known yet")
                : refused(Code::conflict, "the printer was only announced so far; a certificate is trusted "
                                          "at the configured host or where the printer was reached before"),
            now);
        return;
    }
    effects.push_back(
        TrustCertificate{settings_.index, command_request.ticket,
                         fingerprint_of(command_request.arguments["fingerprint"].get<std::string>()), place});
}

/// Asks when the model's budget allows it; else what is known is the answer.
void PrinterSession::refresh(Ticket ticket, Now now, Effects& effects) {
    const auto wait = connection_.full_report_in(now.instant, family());
    if (wait > 0s) {
        command_runner_.finish(
            ticket,
            Outcome{.status = Status::done,
                    .message = fmt::format("what is known is current; the printer may be asked for a full "
                                           "report again in {} s",
                                           wait.count())},
            now);
        publish_all();
        return;
    }
    ConnectionActions actions{ConnectionAction::get_version};
    connection_.want_full(now.instant, family(), actions);
    perform(actions, effects);
    refreshes_.push_back({ticket, now.instant + refresh_within});
}

void PrinterSession::handle(const TrustDone& event, Now now, Effects& effects) {
    const bool trusted = event.problem.empty();
    command_runner_.finish(event.ticket,
                           trusted ? Outcome{.status = Status::done} : refused(Code::conflict, event.problem),
                           now);
    if (trusted) {
        ConnectionActions actions;
        connection_.certificate_trusted(now.instant, actions);
        perform(actions, effects);
    }
    show_connection(now, effects);
    deliver(now);
    publish_changes(now);
}

OrderedJson PrinterSession::whole_state() const {
    Json report = printer_.report_state().as_reported();
    auto entities = OrderedJson::object();
    const auto& instances = printer_.layout().instances();
    for (std::size_t i = 0; i < instances.size(); ++i) {
        if (instances[i].entity->decode != nullptr) {
            entities[instances[i].id] = json_of(printer_.value(i));
        }
    }
    return OrderedJson{{"report", std::move(report)},
                       {"entities", std::move(entities)},
                       {"files", command_runner_.listing()}};
}

/// Reconnects when a session does not carry commands any more and that disturbs nothing.
void PrinterSession::reconnect_if_needed(Now now, Effects& effects) {
    const auto why = connection_.reconnect_reason();
    const bool disturbs =
        why == ReconnectReason::command_budget && decode::job_is_active(printer_.report_state());
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
    if (command_runner_.sent() != commands_sent_) {
        commands_sent_ = command_runner_.sent();
        connection_.command_sent(now.instant, family());
    }
}

} // namespace bambu2mqtt
