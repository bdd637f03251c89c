#include <bambu2mqtt/command/commander.hpp>

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

std::optional<Refusal> Commander::unreachable(const Command& command, Reach reach) const {
    if (reach.online || command.session) {
        return std::nullopt;
    }
    return Refusal{Code::offline, fmt::format("the printer's connection is {}", reach.state)};
}

/// A request id that was heard within ten minutes gets the first outcome again; one that still runs gets it
/// when it is there.
bool Commander::said_before(const Call& call, Now now) {
    if (call.request_id.empty()) {
        return false;
    }
    const auto* const known = memory_.find(call.request_id, now.instant);
    if (known == nullptr) {
        return false;
    }
    if (known->payload.is_null()) {
        if (const auto running = running_.find(known->ticket); running != running_.end()) {
            auto& senders = running->second.senders;
            if (senders.size() < most_senders && std::ranges::find(senders, call.sender) == senders.end()) {
                senders.push_back(call.sender);
            }
        }
        return true;
    }
    answers_.push_back(Answer{.payload = known->payload, .repeated = true, .senders = {call.sender}});
    return true;
}

Submitted Commander::take(Call call, const Situation& situation, Reach reach, Now now, Effects& effects) {
    if (said_before(call, now)) {
        return {};
    }
    const auto* const command = find_command(call.command);
    const Ticket ticket = ++last_ticket_;
    if (!call.request_id.empty()) {
        memory_.begin(call.request_id, ticket, now.instant);
    }
    auto& running = running_[ticket];
    running = Running{.command = command,
                      .name = call.command,
                      .request_id = std::move(call.request_id),
                      .entity = std::move(call.entity),
                      .supersedes = call.supersedes,
                      .senders = {std::move(call.sender)}};
    if (command == nullptr) {
        end(ticket, refusal_of(unknown_command(call.command)), {}, now);
        return {.ticket = ticket};
    }
    // What the configuration forbids, and what is no sense, is told also while the printer is away.
    auto prepared = prepare(*command, call.arguments, situation);
    if (auto* const refusal = std::get_if<Refusal>(&prepared)) {
        const bool by_state = refusal->code == Code::busy || refusal->code == Code::conflict;
        auto offline = unreachable(*command, reach);
        end(ticket, refusal_of(by_state && offline ? *std::move(offline) : std::move(*refusal)), {}, now);
        return {.ticket = ticket};
    }
    if (auto refusal = unreachable(*command, reach)) {
        end(ticket, refusal_of(*std::move(refusal)), {}, now);
        return {.ticket = ticket};
    }
    running.arguments = std::move(std::get<Prepared>(prepared).arguments);
    auto deed = begin(ticket, std::get<Prepared>(std::move(prepared)).plan, reach, now, situation, effects);
    const bool in_progress = !deed && running_.contains(ticket);
    return {.ticket = ticket, .in_progress = in_progress, .deed = std::move(deed)};
}

std::optional<DeedCall> Commander::begin(Ticket ticket, Plan plan, Reach reach, Now now,
                                         const Situation& situation, Effects& effects) {
    auto& running = running_.at(ticket);
    if (plan.deed == Deed::bind_list) {
        end(ticket, outcome_of(Status::done, Code::none, {}, std::move(plan.data)), {}, now);
        return std::nullopt;
    }
    if (plan.deed == Deed::cancel_transfer) {
        cancel_transfer(ticket, now, effects);
        return std::nullopt;
    }
    if (plan.deed != Deed::none) {
        return DeedCall{ticket, plan.deed, running.arguments};
    }
    running.note = std::move(plan.note);
    running.requests = std::move(plan.requests);
    if (plan.file) {
        start_file(ticket, plan, reach, now, effects);
    } else if (const auto earliest = supersede(ticket, now); earliest > now.instant) {
        running.held_until = earliest;
    } else {
        send(ticket, situation, now, effects);
    }
    return std::nullopt;
}

/// Printers serve one transfer at a time.
void Commander::start_file(Ticket ticket, const Plan& plan, Reach reach, Now now, Effects& effects) {
    if (transfer_) {
        end(ticket,
            outcome_of(Status::refused, Code::busy,
                       fmt::format("{} is being transferred; one file action at a time", transfer_->path)),
            {}, now);
        return;
    }
    transfer_ = Transfer{.ticket = ticket, .path = std::visit(PathOf{}, *plan.file)};
    effects.push_back(StartFileJob{printer_, ticket, *plan.file, std::string{reach.host}});
}

void Commander::cancel_transfer(Ticket ticket, Now now, Effects& effects) {
    if (!transfer_) {
        end(ticket, outcome_of(Status::refused, Code::conflict, "no transfer is running"), {}, now);
        return;
    }
    effects.push_back(CancelFileJob{printer_});
    end(ticket, outcome_of(Status::done, Code::none, {}, {{"path", transfer_->path}}), {}, now);
}

void Commander::send(Ticket ticket, const Situation& situation, Now now, Effects& effects) {
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

void Commander::finish(Ticket ticket, Outcome outcome, Now now) {
    end(ticket, std::move(outcome), {}, now);
}

void Commander::refuse(const Call& call, Refusal refusal, Now now) {
    const Ticket ticket = ++last_ticket_;
    running_[ticket] = Running{
        .name = call.command, .request_id = call.request_id, .entity = call.entity, .senders = {call.sender}};
    end(ticket, refusal_of(std::move(refusal)), {}, now);
}

void Commander::hear(const Reply& reply, const Situation& situation, Now now) {
    settle(pending_.hear(reply, situation), now);
}

void Commander::look(const Situation& situation, Now now) {
    if (!pending_.empty()) {
        settle(pending_.look(situation), now);
    }
}

void Commander::settle(std::vector<Settled> settled, Now now) {
    for (auto& one : settled) {
        const auto ticket = one.ticket;
        auto data = one.data.is_null() ? std::move(running_.at(ticket).data) : std::move(one.data);
        auto outcome = outcome_of(one.status, one.code, one.message, std::move(data));
        end(ticket, std::move(outcome), std::move(one), now);
    }
}

void Commander::handle(const FileProgress& event, Now now) {
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
    answers_.push_back(Answer{.ticket = event.job,
                              .outcome = std::move(outcome),
                              .payload = std::move(payload),
                              .final = false,
                              .senders = running.senders,
                              .entity = running.entity});
}

void Commander::handle(const FileDone& event, const Situation& situation, Reach reach, Now now,
                       Effects& effects) {
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
    auto refusal = unreachable(*running.command, reach);
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

void Commander::tick(const Situation& situation, Reach reach, Now now, Effects& effects) {
    while (!outgoing_.empty() && outgoing_.front().at <= now.instant) {
        effects.push_back(SendRequest{printer_, outgoing_.front().request.dump()});
        outgoing_.pop_front();
    }
    send_held(situation, reach, now, effects);
    settle(pending_.expire(now.instant), now);
}

std::optional<Instant> Commander::deadline() const {
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

void Commander::abandon(std::string_view why, Now now, Effects& effects) {
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

void Commander::end(Ticket ticket, Outcome outcome, Settled settled, Now now) {
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
    answers_.push_back(Answer{.ticket = ticket,
                              .outcome = std::move(outcome),
                              .payload = std::move(payload),
                              .senders = std::move(running.senders),
                              .entity = std::move(running.entity),
                              .settled = std::move(settled)});
    running_.erase(found);
}

std::string Commander::stamped(OrderedJson request) {
    sequence_.stamp(request);
    return request.dump();
}

std::int64_t Commander::next_job(Now now) const {
    return job_id(now.wall.time_since_epoch().count(), last_job_);
}

} // namespace bambu2mqtt
