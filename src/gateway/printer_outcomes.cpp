// What becomes of commands for one printer: said to who asked, shown by entities, learned from.
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/gateway/printer_session.hpp>
#include <bambu2mqtt/printer/job_state.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// As long as this a control shows an acknowledged value that the reports do not show.
constexpr auto optimistic_state_timeout = 3s;

constexpr auto listing_saved_within = 5s;

} // namespace

/// What a message of the printer means for commands.
void PrinterSession::watch_commands(const Update& update, Now now) {
    const auto seen = situation(settings_.discovery.policy, now);
    if (update.reply) {
        connection_.answered();
        command_runner_.on_reply(*update.reply, seen, now);
        show_acknowledged(now);
    }
    if (update.kind == ReportKind::status || update.kind == ReportKind::led) {
        command_runner_.check_reports(update.full, seen, now);
    }
    if (const auto state = job_state(printer_.report_state()); state != job_state_) {
        job_state_ = state;
        if (broker_up_) {
            publish_controls();
        }
    }
    deliver(now);
}

void PrinterSession::handle(const FileProgress& event, Now now) {
    command_runner_.handle(event, now);
    show_transfer();
    deliver(now);
    publish_changes(now);
}

void PrinterSession::handle(const FileDone& event, Now now, Effects& effects) {
    command_runner_.handle(event, situation(settings_.discovery.policy, now), reachability(), now, effects);
    save_by(now.instant + listing_saved_within);
    show_transfer();
    count_commands(now);
    deliver(now);
    publish_changes(now);
}

/// To everybody, and to who asked. Everybody is told where somebody who asked could not be answered.
void PrinterSession::publish_response(const CommandResponse& response) {
    const auto text = [](const OrderedJson& payload) {
        return payload.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    };
    const auto told = text(response.payload);
    const auto problem =
        std::ranges::find_if(response.senders, [](const auto& sender) { return !sender.problem.empty(); });
    if (problem == response.senders.end()) {
        enqueue_transient(Message{topics_.response(), told});
    } else {
        auto noted = response.payload;
        const auto& own = response.outcome.note;
        noted["note"] = own.empty() ? problem->problem : own + "; " + problem->problem;
        enqueue_transient(Message{topics_.response(), text(noted)});
    }
    for (const auto& sender : response.senders) {
        if (!sender.topic.empty()) {
            enqueue_transient(
                Message{.topic = sender.topic, .payload = told, .correlation = sender.correlation});
        }
    }
}

void PrinterSession::end_commands_of(PrinterSession& former, Now now, Effects& effects) {
    former.command_runner_.abandon("the printer's session failed and is rebuilt", now, effects);
    command_runner_.remember_outcomes_of(former.command_runner_);
    former.deliver(now);
    std::ranges::move(former.transient_messages_, std::back_inserter(transient_messages_));
}

/// Says what has become of commands.
void PrinterSession::deliver(Now now) {
    for (auto& response : command_runner_.responses()) {
        publish_response(response);
        if (!response.final || response.repeated) {
            continue;
        }
        finish_control(response);
        learn_from(response.result);
        unanswered_ = unanswered_ || response.result.unanswered;
        if (response.outcome.code == Code::superseded) {
            continue; // the last command is the newer one
        }
        changed_.add(printer_.set_last_command(last_command_of(response.outcome, now.wall)));
    }
}

/// A refusal for want of a signature, or a command that went through without one, is a fact worth keeping
/// where the firmware does not report it.
void PrinterSession::learn_from(const RequestResult& result) {
    const auto& facts = printer_.facts();
    const auto signature = signature_after(facts, result.wants_signature, result.signature_free);
    if (signature != facts.signature) {
        changed_.add(printer_.learn_signature(signature));
    }
}

/// A value shown for an earlier command stays until the printer has acknowledged this one.
void PrinterSession::expect_value(const std::string& entity, Value value, Ticket command, Now now) {
    if (!known(value) || !printer_.layout().find(entity)) {
        return;
    }
    auto& state = optimistic_[entity];
    state.requested = std::move(value);
    state.until = now.instant + optimistic_state_timeout;
    state.command = command;
}

/// Shows the values of commands that the printer has acknowledged, so that a switch does not jump back before
/// its reports show them.
void PrinterSession::show_acknowledged(Now now) {
    for (auto& [entity, state] : optimistic_) {
        const auto index = printer_.layout().find(entity);
        if (!index || state.shown == state.requested || !command_runner_.is_acknowledged(state.command)) {
            continue;
        }
        state.shown = state.requested;
        state.until = now.instant + optimistic_state_timeout;
        publish(*index);
    }
}

/// A command for a control has ended. What another one has asked for meanwhile is still shown, and said again
/// to who had a value refused.
void PrinterSession::finish_control(const CommandResponse& response) {
    const auto hoped = optimistic_.find(response.entity);
    if (hoped == optimistic_.end() || hoped->second.command == response.ticket) {
        end_optimistic_state(response.entity);
    } else if (response.outcome.code != Code::superseded) {
        outbox_.repeat(topics_.state(response.entity), Instant{});
    }
}

/// From now on the printer's word counts; it is said again even where it has not changed.
void PrinterSession::end_optimistic_state(const std::string& entity) {
    optimistic_.erase(entity);
    const auto index = printer_.layout().find(entity);
    if (index && printer_.layout().instances()[*index].entity->decode != nullptr) {
        publish(*index);
        outbox_.repeat(topics_.state(entity), Instant{});
    }
}

void PrinterSession::show_transfer() {
    const auto& transfer = command_runner_.files().running();
    TransferStatus shown;
    if (transfer) {
        shown.percent =
            transfer->total == 0 ? 0 : static_cast<std::int64_t>(transfer->bytes * 100 / transfer->total);
        shown.file = transfer->path;
    }
    changed_.add(printer_.set_transfer(std::move(shown)));
}

/// The printer's own message; answers with an access code in them are nobody's business.
void PrinterSession::enqueue_raw_report(const std::string& payload, const Update& update) {
    if (!update.reply || update.reply->command != "get_access_code") {
        enqueue_transient(Message{topics_.raw_report(), payload});
    }
}

} // namespace bambu2mqtt
