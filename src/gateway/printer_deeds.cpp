// Commands that are about the session or the gateway itself: nothing of them reaches the printer as a
// request.
#include <bambu2mqtt/base/letters.hpp>
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

/// The commander knows of which command.
Outcome refused(Code code, std::string message) {
    return bambu2mqtt::refused({}, Refusal{code, std::move(message)});
}

} // namespace

void PrinterSession::do_deed(const DeedCall& call, Now now, Effects& effects) {
    Outcome done{.status = Status::done};
    Asks asks;
    switch (call.deed) {
    case Deed::refresh:
        refresh(call.ticket, now, effects);
        return;
    case Deed::resume_session:
        if (connection_.closed()) {
            commander_.finish(
                call.ticket,
                refused(Code::conflict, "the session was closed with quit; start_session opens it"), now);
            return;
        }
        [[fallthrough]];
    case Deed::start_session:
        if (connection_.state() == ConnectionState::paused) {
            journal_.reconnected(); // also when the connection stood all the time: nobody listened
        }
        connection_.resume(now.instant, family(), asks);
        save_by(now.instant);
        break;
    case Deed::pause_session:
        connection_.pause(asks);
        break;
    case Deed::quit:
        connection_.quit(asks);
        save_by(now.instant); // it stays closed over a restart
        break;
    case Deed::get_state:
        done.data = whole_state();
        break;
    case Deed::forget:
        if (printer_.forget_unit(call.arguments["unit"].get<std::string>())) {
            unsettled_ = true;
            announcer_.review(printer_.layout(), false);
            save_by(now.instant);
            settle(now);
        }
        break;
    case Deed::chamber_value:
        apply(printer_.give_chamber_temperature(call.arguments["value"].get<double>()), now);
        break;
    case Deed::trust:
        trust(call, now, effects);
        return;
    case Deed::none:
    case Deed::bind_list:
    case Deed::cancel_transfer:
        break;
    }
    perform(asks, effects);
    show_connection(now, effects);
    commander_.finish(call.ticket, std::move(done), now);
}

/// The certificate is looked at again where the printer is configured or was reached: whoever announces its
/// serial must not get his own certificate trusted.
void PrinterSession::trust(const DeedCall& call, Now now, Effects& effects) {
    const auto& place = connection_.places().proven();
    if (place.empty()) {
        commander_.finish(call.ticket,
                          connection_.host().empty()
                              ? refused(Code::offline, "no address of the printer is known yet")
                              : refused(Code::conflict,
                                        "the printer was only announced so far; a certificate is trusted "
                                        "at the configured host or where the printer was reached before"),
                          now);
        return;
    }
    effects.push_back(TrustCertificate{settings_.index, call.ticket,
                                       fingerprint_of(call.arguments["fingerprint"].get<std::string>()),
                                       place});
}

/// Asks when the model's budget allows it; else what is known is the answer.
void PrinterSession::refresh(Ticket ticket, Now now, Effects& effects) {
    const auto wait = connection_.full_report_in(now.instant, family());
    if (wait > 0s) {
        commander_.finish(
            ticket,
            Outcome{.status = Status::done,
                    .message = fmt::format("what is known is current; the printer may be asked for a full "
                                           "report again in {} s",
                                           wait.count())},
            now);
        publish_all();
        return;
    }
    Asks asks{Ask::get_version};
    connection_.want_full(now.instant, family(), asks);
    perform(asks, effects);
    refreshes_.push_back({ticket, now.instant + refresh_within});
}

void PrinterSession::handle(const TrustDone& event, Now now, Effects& effects) {
    const bool trusted = event.problem.empty();
    commander_.finish(event.ticket,
                      trusted ? Outcome{.status = Status::done} : refused(Code::conflict, event.problem),
                      now);
    if (trusted) {
        Asks asks;
        connection_.certificate_trusted(now.instant, asks);
        perform(asks, effects);
    }
    show_connection(now, effects);
    deliver(now);
}

OrderedJson PrinterSession::whole_state() const {
    Json report = printer_.report().as_reported();
    auto entities = OrderedJson::object();
    const auto& instances = printer_.layout().instances();
    for (std::size_t i = 0; i < instances.size(); ++i) {
        if (instances[i].entity->decode != nullptr) {
            entities[instances[i].id] = json_of(printer_.value(i));
        }
    }
    return OrderedJson{
        {"report", std::move(report)}, {"entities", std::move(entities)}, {"files", commander_.listing()}};
}

/// A session that does not carry commands any more is made anew, when that disturbs nothing.
void PrinterSession::recycle_connection(Now now, Effects& effects) {
    const auto why = connection_.wants_recycling();
    const bool disturbs = why == Recycling::tired && decode::job_is_active(printer_.report());
    if (why == Recycling::no || disturbs || !commander_.is_idle()) {
        return;
    }
    note(effects, Level::info,
         why == Recycling::tired ? "the connection is made anew: it has carried enough commands"
                                 : "the connection is made anew: the printer reports, but does not answer");
    Asks asks;
    connection_.recycle(now.instant, asks);
    perform(asks, effects);
}

void PrinterSession::count_commands(Now now) {
    if (commander_.sent() != commands_sent_) {
        commands_sent_ = commander_.sent();
        connection_.command_sent(now.instant, family());
    }
}

} // namespace bambu2mqtt
