#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/command/command_runner.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

Handled send_plan(CommandContext& context) {
    return context.runner.start(context);
}

expected<void, Refusal> check_reachable(const Command& command, Reachability reachability) {
    if (reachability.online || command.session) {
        return {};
    }
    return unexpected(
        Refusal{Code::offline, fmt::format("the printer's connection is {}", reachability.state)});
}

Refusal too_many_waiting() {
    return Refusal{Code::busy, fmt::format("{} commands are already waiting for the printer",
                                           CommandRunner::most_waiting)};
}

Submitted CommandRunner::take(CommandRequest request, const Situation& situation, Reachability reachability,
                              SessionPort& session, Now now, Effects& effects) {
    if (responses_.repeat(request, now.instant)) {
        return {};
    }
    const auto* const command = find_command(request.command);
    const Ticket ticket = ++last_ticket_;
    responses_.begin(ticket, std::move(request.sender));
    responses_.remember(request.request_id, ticket, now.instant);
    auto& running = running_[ticket];
    running = Running{.command = command,
                      .name = request.command,
                      .request_id = std::move(request.request_id),
                      .entity = std::move(request.entity),
                      .supersedes = request.supersedes};
    if (command == nullptr) {
        end(ticket, refused({}, unknown_command(request.command)), {}, now);
        return {.ticket = ticket};
    }
    // Forbidden and invalid requests are refused as such, also while the printer is offline.
    auto prepared = prepare(*command, request.arguments, situation);
    auto reachable = check_reachable(*command, reachability);
    const bool by_state =
        !prepared && (prepared.error().code == Code::busy || prepared.error().code == Code::conflict);
    if (!reachable && (prepared || by_state)) {
        end(ticket, refused({}, std::move(reachable).error()), {}, now);
        return {.ticket = ticket};
    }
    if (!prepared) {
        end(ticket, refused({}, std::move(prepared).error()), {}, now);
        return {.ticket = ticket};
    }
    running.arguments = std::move(prepared->arguments);
    CommandContext context{.ticket = ticket,
                           .printer = printer_,
                           .situation = situation,
                           .arguments = running.arguments,
                           .plan = std::move(prepared->plan),
                           .reachability = reachability,
                           .now = now,
                           .has_room = running_.size() + pending_.muted() <= most_waiting,
                           .runner = *this,
                           .session = session,
                           .effects = effects};
    const Overloaded finish{
        [&](Outcome& outcome) { end(ticket, std::move(outcome), {}, now); },
        [&](WaitsFor what) {
            if (what == WaitsFor::full_report) {
                running.full_report_until = now.instant + command->within;
            }
        },
    };
    auto handled = command->run(context);
    std::visit(finish, handled);
    return {.ticket = ticket, .in_progress = running_.contains(ticket)};
}

Handled CommandRunner::start(CommandContext& context) {
    auto& plan = context.plan;
    if (plan.requests.empty() && !plan.work) {
        return Outcome{.status = Status::done, .data = std::move(plan.data)};
    }
    if (!context.has_room) {
        return refused({}, too_many_waiting());
    }
    auto& running = running_.at(context.ticket);
    running.note = std::move(plan.note);
    running.requests = std::move(plan.requests);
    if (plan.work) {
        running.works = true;
        return context.session.run_feature(*plan.work, context.ticket);
    }
    if (const auto earliest = supersede(context.ticket, context.now); earliest > context.now.instant) {
        running.held_until = earliest;
    } else {
        send(context.ticket, context.situation, context.now, context.effects);
    }
    return WaitsFor::printer;
}

void CommandRunner::send(Ticket ticket, const Situation& situation, Now now, Effects& effects) {
    auto& running = running_.at(ticket);
    const bool shown_before =
        running.command->confirmed != nullptr && running.command->confirmed(situation, running.arguments);
    auto sent =
        requests_.send(ticket, std::exchange(running.requests, {}), situation.job_id, now.instant, effects);
    pending_.add(ticket, *running.command, running.arguments, std::move(sent), shown_before, now.instant);
    running.sent_at = now.instant;
}

void CommandRunner::refuse(const CommandRequest& request, Refusal refusal, Now now) {
    const Ticket ticket = ++last_ticket_;
    responses_.begin(ticket, request.sender);
    running_[ticket] =
        Running{.name = request.command, .request_id = request.request_id, .entity = request.entity};
    end(ticket, refused({}, std::move(refusal)), {}, now);
}

void CommandRunner::on_reply(const Reply& reply, const Situation& situation, Now now) {
    complete_requests(pending_.on_reply(reply, situation), now);
}

void CommandRunner::check_reports(bool full, const Situation& situation, Now now) {
    if (!pending_.empty()) {
        complete_requests(pending_.check_reports(situation), now);
    }
    if (!full) {
        return;
    }
    std::vector<Ticket> waiting;
    for (const auto& [ticket, running] : running_) {
        if (running.full_report_until) {
            waiting.push_back(ticket);
        }
    }
    for (const auto ticket : waiting) {
        end(ticket, Outcome{.status = Status::effective}, {}, now);
    }
}

void CommandRunner::complete_requests(std::vector<RequestResult> results, Now now) {
    for (auto& result : results) {
        const auto ticket = result.ticket;
        Outcome outcome{.status = result.status, .code = result.code, .message = result.message};
        outcome.data = result.data.is_null() ? std::move(running_.at(ticket).data) : std::move(result.data);
        end(ticket, std::move(outcome), std::move(result), now);
    }
}

void CommandRunner::report_progress(Ticket ticket, std::uint64_t bytes, std::uint64_t total, Now now) {
    const auto found = running_.find(ticket);
    if (found == running_.end() || !found->second.works) {
        return;
    }
    const auto& running = found->second;
    responses_.add_progress(
        CommandResponse{.ticket = ticket,
                        .outcome = {.request_id = running.request_id, .command = running.name},
                        .entity = running.entity},
        bytes, total, now.wall);
}

void CommandRunner::finish_work(Ticket ticket, Outcome outcome, const Situation& situation,
                                Reachability reachability, Now now, Effects& effects) {
    const auto found = running_.find(ticket);
    if (found == running_.end() || !found->second.works) {
        return;
    }
    auto& running = found->second;
    running.works = false;
    if (outcome.status != Status::done || running.requests.empty()) {
        end(ticket, std::move(outcome), {}, now);
        return;
    }
    // The print after the upload: the state may have changed since the request.
    running.data = std::move(outcome.data);
    const auto checked = check_reachable(*running.command, reachability).and_then([&] {
        return check_job_state(When::can_start, situation.report);
    });
    if (!checked) {
        const auto& [code, message] = checked.error();
        auto refused_outcome =
            refused({}, Refusal{code, "the file is on the printer, but is not printed: " + message});
        refused_outcome.data = running.data;
        end(ticket, std::move(refused_outcome), {}, now);
        return;
    }
    send(ticket, situation, now, effects);
}

void CommandRunner::handle(const TrustDone& event, Now now) {
    end(event.ticket,
        event.problem.empty() ? Outcome{.status = Status::done}
                              : refused({}, Refusal{Code::conflict, event.problem}),
        {}, now);
}

void CommandRunner::tick(const Situation& situation, Reachability reachability, Now now, Effects& effects) {
    requests_.tick(now.instant, effects);
    send_held(situation, reachability, now, effects);
    complete_requests(pending_.expire(now.instant), now);
    std::vector<Ticket> over;
    for (const auto& [ticket, running] : running_) {
        if (running.full_report_until && now.instant >= *running.full_report_until) {
            over.push_back(ticket);
        }
    }
    for (const auto ticket : over) {
        end(ticket, Outcome{.status = Status::unconfirmed, .message = "no full report received"}, {}, now);
    }
}

std::optional<Instant> CommandRunner::deadline() const {
    auto first = pending_.deadline();
    const auto sooner = [&](std::optional<Instant> moment) {
        if (moment) {
            first = first ? std::min(*first, *moment) : *moment;
        }
    };
    sooner(requests_.deadline());
    for (const auto& [ticket, running] : running_) {
        sooner(running.held_until);
        sooner(running.full_report_until);
    }
    return first;
}

void CommandRunner::abandon(std::string_view why, Now now) {
    requests_.clear();
    while (!running_.empty()) {
        const auto& [ticket, running] = *running_.begin();
        end(ticket,
            Outcome{.status = running.works ? Status::failed : Status::unconfirmed,
                    .message = std::string{why}},
            {}, now);
    }
}

void CommandRunner::end(Ticket ticket, Outcome outcome, RequestResult result, Now now) {
    const auto found = running_.find(ticket);
    if (found == running_.end()) {
        return;
    }
    auto& running = found->second;
    outcome.command = running.name;
    outcome.request_id = running.request_id;
    if (outcome.note.empty()) {
        outcome.note = std::move(running.note);
    }
    responses_.add_final(CommandResponse{.ticket = ticket,
                                         .outcome = std::move(outcome),
                                         .entity = std::move(running.entity),
                                         .result = std::move(result)},
                         now.wall);
    running_.erase(found);
}

} // namespace bambu2mqtt
