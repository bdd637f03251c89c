#include "gateway/session_commands.hpp"

#include "gateway/command_port.hpp"
#include "gateway/connection_control.hpp"
#include "gateway/response_messages.hpp"
#include "gateway/session_context.hpp"
#include "gateway/session_features.hpp"
#include <bambu2mqtt/base/text_util.hpp>
#include <bambu2mqtt/command/command_request.hpp>
#include <bambu2mqtt/command/controls.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace bambu2mqtt {

ReturnAddress SessionCommands::sender_of(const BrokerMessage& message) const {
    return return_address(message, context_.settings.responses);
}

Situation SessionCommands::situation(Now now) const {
    return context_.situation(context_.settings.discovery.policy, now);
}

void SessionCommands::handle(const BrokerMessage& message, const CommandTopic& topic, Now now,
                             Effects& effects) {
    if (message.retained || retained_commands_.is_own_clear(message)) {
        clear_retained(message, effects);
        return;
    }
    switch (topic.kind) {
    case CommandKind::command:
    case CommandKind::named_command:
        take_command(message, topic.name, now, effects);
        break;
    case CommandKind::raw_request:
        take_raw(message, now, effects);
        break;
    case CommandKind::set:
        take_control(message, topic.name, now, effects);
        break;
    case CommandKind::bridge_request:
    case CommandKind::group_command:
    case CommandKind::named_group_command:
        break; // no printer's
    }
}

void SessionCommands::handle(CommandRequest command_request, Now now, Effects& effects) {
    (void)take(std::move(command_request), context_.settings.discovery.policy, now, effects);
}

/// A retained command would be executed again at every start of the gateway.
void SessionCommands::clear_retained(const BrokerMessage& message, Effects& effects) {
    if (message.payload.empty()) {
        return;
    }
    context_.log(effects, Level::warning, ignored_as_retained(message.topic));
    auto& outbox = context_.publisher.states().outbox();
    if (retained_commands_.begin_clearing(message.topic, outbox.size())) {
        outbox.clear(message.topic);
    }
}

Submitted SessionCommands::take(CommandRequest command_request, const CommandPolicy& policy, Now now,
                                Effects& effects) {
    CommandPort port{context_, jobs_, connection_, features_, now, effects};
    return context_.runner.take(std::move(command_request), context_.situation(policy, now),
                                context_.reachability(), port, now, effects);
}

void SessionCommands::take_command(const BrokerMessage& message, std::string_view name, Now now,
                                   Effects& effects) {
    auto read = command_request_of(message.payload, name);
    read.command_request.sender = sender_of(message);
    if (read.refusal) {
        context_.runner.refuse(read.command_request, *std::move(read.refusal), now);
        return;
    }
    (void)take(std::move(read.command_request), context_.settings.discovery.policy, now, effects);
}

void SessionCommands::take_control(const BrokerMessage& message, std::string_view entity, Now now,
                                   Effects& effects) {
    CommandRequest command_request{.command = sanitize_for_log(entity, longest_command_name) + "/set",
                                   .sender = sender_of(message),
                                   .entity = std::string{entity}};
    const auto& layout = context_.printer.layout();
    const auto index = layout.find(entity);
    if (!index) {
        context_.runner.refuse(
            command_request,
            Refusal{Code::not_found, fmt::format("this printer has no \"{}\"", sanitize_for_log(entity))},
            now);
        return;
    }
    auto control_request = parse_control_payload(layout.instances()[*index], message.payload, situation(now));
    if (!control_request) {
        context_.runner.refuse(command_request, std::move(control_request).error(), now);
        return;
    }
    auto& asked = *control_request;
    command_request.command = asked.command->name;
    command_request.arguments = std::move(asked.arguments);
    command_request.supersedes = known(asked.expected); // buttons have no value
    const auto submitted = take(std::move(command_request), context_.settings.discovery.policy, now, effects);
    if (submitted.in_progress) {
        context_.publisher.states().expect_value(std::string{entity}, std::move(asked.expected),
                                                 submitted.ticket, now.instant);
    }
}

/// A request in the printer's own format, under the rules of commands.
void SessionCommands::take_raw(const BrokerMessage& message, Now now, Effects& effects) {
    CommandRequest command_request{.command = "send_anything", .sender = sender_of(message)};
    auto policy = context_.settings.discovery.policy;
    if (!policy.raw_topics) {
        context_.runner.refuse(command_request, Refusal{Code::not_allowed, "control.raw_topics is not set"},
                               now);
        return;
    }
    policy.raw_commands = true;
    command_request.arguments["anything"] = message.payload;
    (void)take(std::move(command_request), policy, now, effects);
}

void SessionCommands::on_message(const Update& update, Now now) {
    const auto seen = situation(now);
    if (update.reply) {
        context_.connection.answered();
        context_.runner.on_reply(*update.reply, seen, now);
        context_.publisher.states().show_acknowledged(
            [this](Ticket ticket) { return context_.runner.is_acknowledged(ticket); }, now.instant);
    }
    if (update.kind == ReportKind::status || update.kind == ReportKind::led) {
        context_.runner.check_reports(update.full, seen, now);
    }
}

void SessionCommands::tick(Now now, Effects& effects) {
    context_.runner.tick(situation(now), context_.reachability(), now, effects);
    deliver(now);
    if (std::exchange(unanswered_, false)) {
        context_.with_connection(effects, [&](Connection& link, ConnectionActions& actions) {
            link.command_unanswered(now.instant, actions);
        });
    }
    connection_.reconnect_if_needed(effects);
}

std::optional<Instant> SessionCommands::deadline() const {
    return context_.runner.deadline();
}

void SessionCommands::count_commands(Now now) {
    if (context_.runner.requests().sent() != sent_) {
        sent_ = context_.runner.requests().sent();
        context_.connection.command_sent(now.instant, context_.family());
    }
}

void SessionCommands::count_outcome(Status status) {
    const bool succeeded =
        status == Status::effective || status == Status::accepted || status == Status::done;
    auto& counters = context_.counters;
    ++(succeeded ? counters.commands_succeeded : counters.commands_failed);
}

void SessionCommands::take_over(const SessionCommands& former, bool broker_open) {
    context_.runner.continue_after(former.context_.runner);
    if (broker_open) {
        retained_commands_ = former.retained_commands_;
    }
}

void SessionCommands::handle(const TrustDone& event, Now now, Effects& effects) {
    context_.runner.handle(event, now);
    if (event.problem.empty()) {
        context_.with_connection(effects, [&](Connection& link, ConnectionActions& actions) {
            link.certificate_trusted(now.instant, actions);
        });
    }
}

void SessionCommands::deliver(Now now) {
    count_commands(now);
    auto& publisher = context_.publisher;
    for (auto& response : context_.runner.responses()) {
        publisher.respond(response);
        answer_groups(response);
        if (!response.final || response.repeated) {
            continue;
        }
        count_outcome(response.outcome.status);
        publisher.states().finish_control(response);
        learn_from(response.result);
        unanswered_ = unanswered_ || response.result.unanswered;
        if (response.outcome.code == Code::superseded) {
            continue; // the last command is the newer one
        }
        publisher.add(context_.printer.set_last_command(last_command_of(response.outcome, now.wall)));
    }
}

/// Group commands wait for the outcome, also for one that is repeated because of its request id.
void SessionCommands::answer_groups(const CommandResponse& response) {
    for (const auto& sender : response.senders) {
        if (response.final && sender.group != 0) {
            const auto& payload = response.payload;
            group_answers_.push_back({sender.group,
                                      {{"status", payload.at("status")},
                                       {"code", payload.at("code")},
                                       {"message", payload.at("message")}}});
        }
    }
}

/// A refusal for lack of a signature, or an accepted unsigned command, is a fact to be saved if the firmware
/// does not report it.
void SessionCommands::learn_from(const RequestResult& result) {
    const auto& facts = context_.printer.facts();
    const auto signature = signature_after(facts, result.wants_signature, result.signature_free);
    if (signature != facts.signature) {
        context_.publisher.add(context_.printer.learn_signature(signature));
    }
}

void SessionCommands::abandon(std::string_view why, Now now, Effects& effects) {
    features_.stop(now, effects);
    context_.runner.abandon(why, now);
    deliver(now);
}

void SessionCommands::end_commands_of(SessionCommands& former, std::string_view why, Now now,
                                      Effects& effects) {
    former.abandon(why, now, effects);
    context_.runner.remember_outcomes_of(former.context_.runner);
    group_answers_ = former.take_group_answers();
    context_.publisher.transient_messages().take_over(former.context_.publisher.transient_messages());
}

} // namespace bambu2mqtt
