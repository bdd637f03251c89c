#include <bambu2mqtt/command/command_runner.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

/// How many who sent the same request id get the outcome on a response topic of their own.
constexpr std::size_t most_senders = 16;

/// The path a file job is about, as transfer_file shows it.
struct PathOf {
    std::string operator()(const ListFiles& job) const { return job.path; }

    std::string operator()(const FileExists& job) const { return job.path; }

    std::string operator()(const UploadFile& job) const { return job.dest; }

    std::string operator()(const DownloadFile& job) const { return job.path; }

    std::string operator()(const DeleteFile& job) const { return job.path; }

    std::string operator()(const DeleteFolder& job) const { return job.path; }

    std::string operator()(const MakeFolder& job) const { return job.path; }

    std::string operator()(const RenameFile& job) const { return job.from; }
};

Outcome outcome_of(Status status, Code code, std::string message, OrderedJson data = {}) {
    return Outcome{.status = status, .code = code, .message = std::move(message), .data = std::move(data)};
}

Outcome refusal_of(Refusal refusal) {
    return outcome_of(Status::refused, refusal.code, std::move(refusal.message));
}

/// Whether a command ends only when somebody else has answered. The gateway carries out the other local
/// actions by itself; refreshing waits too, but not more often than the model's budget allows.
bool waits(const Plan& plan) {
    return plan.local_action == LocalAction::none || plan.local_action == LocalAction::trust;
}

std::vector<SentRequest> sent_requests(std::vector<OrderedJson>& requests, Sequence& sequence) {
    std::vector<SentRequest> sent;
    for (auto& request : requests) {
        const auto id = sequence.stamp(request);
        for (const auto& space : request.items()) {
            if (space.key() != "header" && space.value().is_object()) {
                const auto command = space.value().find("command");
                const bool named = command != space.value().end() && command->is_string();
                sent.push_back({space.key(), named ? command->get<std::string>() : std::string{}, id});
            }
        }
    }
    return sent;
}

} // namespace

std::optional<Refusal> CommandRunner::unreachable(const Command& command, Reachability reachability) const {
    if (reachability.online || command.session) {
        return std::nullopt;
    }
    return Refusal{Code::offline, fmt::format("the printer's connection is {}", reachability.state)};
}

/// Whether one more command may wait for the printer; the one that asks is among those that run.
bool CommandRunner::has_room() const {
    return running_.size() + pending_.muted() <= most_waiting;
}

/// A request id that was heard within ten minutes gets the first outcome again; one that still runs gets it
/// when it is there.
bool CommandRunner::is_repeated(const CommandRequest& command_request, Now now) {
    if (command_request.request_id.empty()) {
        return false;
    }
    const auto* const known = memory_.find(command_request.request_id, now.instant);
    if (known == nullptr) {
        return false;
    }
    if (known->payload.is_null()) {
        if (const auto running = running_.find(known->ticket); running != running_.end()) {
            auto& senders = running->second.senders;
            if (senders.size() < most_senders &&
                std::ranges::find(senders, command_request.sender) == senders.end()) {
                senders.push_back(command_request.sender);
            }
        }
        return true;
    }
    responses_.push_back(
        CommandResponse{.payload = known->payload, .repeated = true, .senders = {command_request.sender}});
    return true;
}

Submitted CommandRunner::take(CommandRequest command_request, const Situation& situation,
                              Reachability reachability, Now now, Effects& effects) {
    if (is_repeated(command_request, now)) {
        return {};
    }
    const auto* const command = find_command(command_request.command);
    const Ticket ticket = ++last_ticket_;
    if (!command_request.request_id.empty()) {
        memory_.begin(command_request.request_id, ticket, now.instant);
    }
    auto& running = running_[ticket];
    running = Running{.command = command,
                      .name = command_request.command,
                      .request_id = std::move(command_request.request_id),
                      .entity = std::move(command_request.entity),
                      .supersedes = command_request.supersedes,
                      .senders = {std::move(command_request.sender)}};
    if (command == nullptr) {
        end(ticket, refusal_of(unknown_command(command_request.command)), {}, now);
        return {.ticket = ticket};
    }
    // What the configuration forbids, and what is no sense, is told also while the printer is away.
    auto prepared = prepare(*command, command_request.arguments, situation);
    if (auto* const refusal = std::get_if<Refusal>(&prepared)) {
        const bool by_state = refusal->code == Code::busy || refusal->code == Code::conflict;
        auto offline = unreachable(*command, reachability);
        end(ticket, refusal_of(by_state && offline ? *std::move(offline) : std::move(*refusal)), {}, now);
        return {.ticket = ticket};
    }
    if (auto refusal = unreachable(*command, reachability)) {
        end(ticket, refusal_of(*std::move(refusal)), {}, now);
        return {.ticket = ticket};
    }
    running.arguments = std::move(std::get<Prepared>(prepared).arguments);
    auto local_action =
        begin(ticket, std::get<Prepared>(std::move(prepared)).plan, reachability, now, situation, effects);
    const bool in_progress = !local_action && running_.contains(ticket);
    return {.ticket = ticket, .in_progress = in_progress, .local_action = std::move(local_action)};
}

std::optional<LocalActionRequest> CommandRunner::begin(Ticket ticket, Plan plan, Reachability reachability,
                                                       Now now, const Situation& situation,
                                                       Effects& effects) {
    auto& running = running_.at(ticket);
    if (plan.local_action == LocalAction::bind_list) {
        end(ticket, outcome_of(Status::done, Code::none, {}, std::move(plan.data)), {}, now);
        return std::nullopt;
    }
    if (plan.local_action == LocalAction::cancel_transfer) {
        cancel_transfer(ticket, now, effects);
        return std::nullopt;
    }
    if (waits(plan) && !has_room()) {
        end(ticket,
            outcome_of(Status::refused, Code::busy,
                       fmt::format("{} commands wait for the printer already", most_waiting)),
            {}, now);
        return std::nullopt;
    }
    if (plan.local_action != LocalAction::none) {
        return LocalActionRequest{ticket, plan.local_action, running.arguments};
    }
    running.note = std::move(plan.note);
    running.requests = std::move(plan.requests);
    if (plan.file) {
        start_file(ticket, plan, reachability, now, effects);
    } else if (const auto earliest = supersede(ticket, now); earliest > now.instant) {
        running.held_until = earliest;
    } else {
        send(ticket, situation, now, effects);
    }
    return std::nullopt;
}

/// Printers serve one transfer at a time.
void CommandRunner::start_file(Ticket ticket, const Plan& plan, Reachability reachability, Now now,
                               Effects& effects) {
    if (transfer_) {
        end(ticket,
            outcome_of(Status::refused, Code::busy,
                       fmt::format("{} is being transferred; one file action at a time", transfer_->path)),
            {}, now);
        return;
    }
    transfer_ = Transfer{.ticket = ticket, .path = std::visit(PathOf{}, *plan.file)};
    effects.push_back(StartFileJob{printer_, ticket, *plan.file, std::string{reachability.host}});
}

void CommandRunner::cancel_transfer(Ticket ticket, Now now, Effects& effects) {
    if (!transfer_) {
        end(ticket, outcome_of(Status::refused, Code::conflict, "no transfer is running"), {}, now);
        return;
    }
    effects.push_back(CancelFileJob{printer_});
    end(ticket, outcome_of(Status::done, Code::none, {}, {{"path", transfer_->path}}), {}, now);
}

void CommandRunner::send(Ticket ticket, const Situation& situation, Now now, Effects& effects) {
    auto& running = running_.at(ticket);
    auto requests = std::exchange(running.requests, {});
    if (requests.empty()) {
        end(ticket, outcome_of(Status::done, Code::none, {}, std::move(running.data)), {}, now);
        return;
    }
    const bool shown_before =
        running.command->confirmed != nullptr && running.command->confirmed(situation, running.arguments);
    pending_.add(ticket, *running.command, running.arguments, sent_requests(requests, sequence_),
                 shown_before, now.instant);
    last_job_ = std::max(last_job_, situation.job_id);
    running.sent_at = now.instant;
    ++sent_;
    effects.push_back(SendRequest{printer_, requests.front().dump()});
    for (std::size_t i = 1; i < requests.size(); ++i) {
        const auto at = now.instant + static_cast<int>(i) * spacing;
        outgoing_.push_back(Outgoing{ticket, at, std::move(requests[i])});
    }
    std::ranges::stable_sort(outgoing_, {}, &Outgoing::at);
}

void CommandRunner::finish(Ticket ticket, Outcome outcome, Now now) {
    end(ticket, std::move(outcome), {}, now);
}

void CommandRunner::refuse(const CommandRequest& command_request, Refusal refusal, Now now) {
    const Ticket ticket = ++last_ticket_;
    running_[ticket] = Running{.name = command_request.command,
                               .request_id = command_request.request_id,
                               .entity = command_request.entity,
                               .senders = {command_request.sender}};
    end(ticket, refusal_of(std::move(refusal)), {}, now);
}

void CommandRunner::on_reply(const Reply& reply, const Situation& situation, Now now) {
    complete_requests(pending_.on_reply(reply, situation), now);
}

void CommandRunner::check_reports(const Situation& situation, Now now) {
    if (!pending_.empty()) {
        complete_requests(pending_.check_reports(situation), now);
    }
}

void CommandRunner::complete_requests(std::vector<RequestResult> result, Now now) {
    for (auto& one : result) {
        const auto ticket = one.ticket;
        auto data = one.data.is_null() ? std::move(running_.at(ticket).data) : std::move(one.data);
        auto outcome = outcome_of(one.status, one.code, one.message, std::move(data));
        end(ticket, std::move(outcome), std::move(one), now);
    }
}

void CommandRunner::handle(const FileProgress& event, Now now) {
    if (!transfer_ || transfer_->ticket != event.job) {
        return;
    }
    transfer_->bytes = event.bytes;
    transfer_->total = event.total;
    const auto& running = running_.at(event.job);
    Outcome outcome{.request_id = running.request_id, .command = running.name};
    auto payload = to_json(outcome, now.wall);
    payload["status"] = "progress";
    payload["data"] = {{"bytes", event.bytes}, {"total", event.total}};
    responses_.push_back(CommandResponse{.ticket = event.job,
                                         .outcome = std::move(outcome),
                                         .payload = std::move(payload),
                                         .final = false,
                                         .senders = running.senders,
                                         .entity = running.entity});
}

void CommandRunner::handle(const FileDone& event, const Situation& situation, Reachability reachability,
                           Now now, Effects& effects) {
    if (!transfer_ || transfer_->ticket != event.job) {
        return;
    }
    transfer_.reset();
    auto& running = running_.at(event.job);
    if (running.command->name.starts_with("get_sdcard_") && event.end.status == Status::done) {
        listing_ = {{"listed_at", rfc3339(now.wall)}, {"files", event.end.data}};
    }
    if (event.end.status != Status::done || running.requests.empty()) {
        end(event.job, outcome_of(event.end.status, event.end.code, event.end.message, event.end.data), {},
            now);
        return;
    }
    // The print that was to follow: much may have happened since it was asked for.
    running.data = event.end.data;
    auto refusal = unreachable(*running.command, reachability);
    if (!refusal) {
        refusal = refused_by_job(When::can_start, situation.report);
    }
    if (refusal) {
        refusal->message = "the file is on the printer, but is not printed: " + refusal->message;
        auto outcome = refusal_of(*std::move(refusal));
        outcome.data = running.data;
        end(event.job, std::move(outcome), {}, now);
        return;
    }
    send(event.job, situation, now, effects);
}

void CommandRunner::tick(const Situation& situation, Reachability reachability, Now now, Effects& effects) {
    while (!outgoing_.empty() && outgoing_.front().at <= now.instant) {
        effects.push_back(SendRequest{printer_, outgoing_.front().request.dump()});
        outgoing_.pop_front();
    }
    send_held(situation, reachability, now, effects);
    complete_requests(pending_.expire(now.instant), now);
}

std::optional<Instant> CommandRunner::deadline() const {
    auto first = pending_.deadline();
    const auto sooner = [&](Instant moment) { first = first ? std::min(*first, moment) : moment; };
    if (!outgoing_.empty()) {
        sooner(outgoing_.front().at);
    }
    for (const auto& [ticket, running] : running_) {
        if (running.held_until) {
            sooner(*running.held_until);
        }
    }
    return first;
}

void CommandRunner::abandon(std::string_view why, Now now, Effects& effects) {
    outgoing_.clear();
    if (transfer_) {
        effects.push_back(CancelFileJob{printer_});
    }
    while (!running_.empty()) {
        const bool file = transfer_ && transfer_->ticket == running_.begin()->first;
        end(running_.begin()->first,
            outcome_of(file ? Status::failed : Status::unconfirmed, Code::none, std::string{why}), {}, now);
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
    auto payload = to_json(outcome, now.wall);
    if (!running.request_id.empty()) {
        memory_.end(running.request_id, payload);
    }
    responses_.push_back(CommandResponse{.ticket = ticket,
                                         .outcome = std::move(outcome),
                                         .payload = std::move(payload),
                                         .senders = std::move(running.senders),
                                         .entity = std::move(running.entity),
                                         .result = std::move(result)});
    running_.erase(found);
}

std::string CommandRunner::stamped(OrderedJson request) {
    sequence_.stamp(request);
    return request.dump();
}

std::int64_t CommandRunner::next_job(Now now) const {
    return job_id(now.wall.time_since_epoch().count(), last_job_);
}

} // namespace bambu2mqtt
