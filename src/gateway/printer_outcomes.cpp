// What becomes of commands for one printer: said to who asked, shown by entities, learned from.
#include <bambu2mqtt/entity/decode.hpp>
#include <bambu2mqtt/gateway/printer_session.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// As long as this a control shows what was asked for before the printer has said so.
constexpr auto optimism_lasts = 3s;

constexpr auto listing_saved_within = 5s;

} // namespace

/// What a message of the printer means for commands.
void PrinterSession::watch_commands(const Update& update, Now now) {
    const auto seen = situation(settings_.discovery.policy, now);
    if (update.reply) {
        connection_.answered();
        commander_.hear(*update.reply, seen, now);
    }
    if (update.kind == ReportKind::status || update.kind == ReportKind::led) {
        commander_.look(seen, now);
    }
    if (update.full) {
        for (const auto& call : std::exchange(refreshes_, {})) {
            commander_.finish(call.ticket, Outcome{.status = Status::effective}, now);
        }
    }
    if (const auto state = decode::print_status(printer_.report()); state != job_state_) {
        job_state_ = state;
        if (broker_up_) {
            publish_controls();
        }
    }
    deliver(now);
}

void PrinterSession::handle(const FileProgress& event, Now now) {
    commander_.handle(event, now);
    show_transfer(now);
    deliver(now);
}

void PrinterSession::handle(const FileDone& event, Now now, Effects& effects) {
    commander_.handle(event, situation(settings_.discovery.policy, now), reach(), now, effects);
    save_by(now.instant + listing_saved_within);
    show_transfer(now);
    count_commands(now);
    deliver(now);
}

/// To everybody, and to who asked. Everybody is told where somebody who asked could not be answered.
void PrinterSession::publish_answer(const Answer& answer) {
    const auto text = [](const OrderedJson& payload) {
        return payload.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    };
    const auto told = text(answer.payload);
    const auto problem =
        std::ranges::find_if(answer.senders, [](const auto& sender) { return !sender.problem.empty(); });
    if (problem == answer.senders.end()) {
        pass_on(Message{topics_.response(), told});
    } else {
        auto noted = answer.payload;
        const auto& own = answer.outcome.note;
        noted["note"] = own.empty() ? problem->problem : own + "; " + problem->problem;
        pass_on(Message{topics_.response(), text(noted)});
    }
    for (const auto& sender : answer.senders) {
        if (!sender.topic.empty()) {
            pass_on(Message{.topic = sender.topic, .payload = told, .correlation = sender.correlation});
        }
    }
}

void PrinterSession::end_commands_of(PrinterSession& former, Now now, Effects& effects) {
    former.commander_.abandon("the printer's session failed and is rebuilt", now, effects);
    commander_.remember_outcomes_of(former.commander_);
    former.deliver(now);
    std::ranges::move(former.passing_, std::back_inserter(passing_));
}

/// Says what has become of commands.
void PrinterSession::deliver(Now now) {
    for (auto& answer : commander_.answers()) {
        publish_answer(answer);
        if (!answer.final || answer.repeated) {
            continue;
        }
        settle_control(answer);
        learn_from(answer.settled, now);
        unanswered_ = unanswered_ || answer.settled.unanswered;
        if (answer.outcome.code == Code::superseded) {
            continue; // the last command is the newer one
        }
        answer.payload.erase("data");
        answer.payload.erase("note");
        apply(printer_.know("last_command", name_of(answer.outcome.status)), now);
        apply(printer_.know("last_command_detail", Json(answer.payload)), now);
    }
}

/// A refusal for want of a signature, or a command that went through without one, is a fact worth keeping
/// where the firmware does not report it.
void PrinterSession::learn_from(const Settled& settled, Now now) {
    const auto& facts = printer_.facts();
    const auto signature = signature_after(facts, settled.wants_signature, settled.signature_free);
    if (signature != facts.signature) {
        apply(printer_.learn_signature(signature), now);
    }
}

/// Shows what was asked for at once, so that a switch does not jump back before the printer has spoken.
void PrinterSession::expect(const std::string& entity, Value value, Ticket command, Now now) {
    const auto index = printer_.layout().find(entity);
    if (!known(value) || !index) {
        return;
    }
    optimism_[entity] = Optimism{std::move(value), now.instant + optimism_lasts, command};
    publish(*index);
}

/// A command for a control has ended. What another one has asked for meanwhile is still shown, and said again
/// to who had a value refused.
void PrinterSession::settle_control(const Answer& answer) {
    const auto hoped = optimism_.find(answer.entity);
    if (hoped == optimism_.end() || hoped->second.command == answer.ticket) {
        end_optimism(answer.entity);
    } else if (answer.outcome.code != Code::superseded) {
        outbox_.repeat(topics_.state(answer.entity), Instant{});
    }
}

/// From now on the printer's word counts; it is said again even where it has not changed.
void PrinterSession::end_optimism(const std::string& entity) {
    optimism_.erase(entity);
    const auto index = printer_.layout().find(entity);
    if (index && printer_.layout().instances()[*index].entity->decode != nullptr) {
        publish(*index);
        outbox_.repeat(topics_.state(entity), Instant{});
    }
}

void PrinterSession::show_transfer(Now now) {
    const auto& transfer = commander_.transfer();
    const auto percent = !transfer              ? Json(100)
                         : transfer->total == 0 ? Json(0)
                                                : Json(transfer->bytes * 100 / transfer->total);
    apply(printer_.know("transfer_progress", percent), now);
    apply(printer_.know("transfer_file", transfer ? Json(transfer->path) : Json(nullptr)), now);
}

/// The printer's own message; answers with an access code in them are nobody's business.
void PrinterSession::pass_on_report(const std::string& payload, const Update& update) {
    if (!update.reply || update.reply->command != "get_access_code") {
        pass_on(Message{topics_.raw_report(), payload});
    }
}

} // namespace bambu2mqtt
