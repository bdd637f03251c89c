#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/command/catalogue.hpp>
#include <bambu2mqtt/command/pending.hpp>
#include <bambu2mqtt/printer/facts.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace bambu2mqtt {

namespace {

bool all_answered(const std::vector<SentRequest>& requests) {
    return std::ranges::all_of(requests, &SentRequest::answered);
}

bool none_answered(const std::vector<SentRequest>& requests) {
    return std::ranges::none_of(requests, &SentRequest::answered);
}

bool has_print(const std::vector<SentRequest>& requests) {
    return std::ranges::find(requests, std::string{"print"}, &SentRequest::space) != requests.end();
}

/// An answer to another client: slicers count from 20000 to 29999.
bool is_a_slicers(const Reply& reply) {
    const Json text(reply.sequence);
    const auto number = read::integer(&text);
    return number && *number >= 20000 && *number <= 29999;
}

} // namespace

void Pending::add(Ticket ticket, const Command& command, Json arguments, std::vector<SentRequest> requests,
                  bool shown_before, Instant now) {
    waiting_.push_back(Waiting{.ticket = ticket,
                               .command = &command,
                               .arguments = std::move(arguments),
                               .requests = std::move(requests),
                               .shown_before = shown_before,
                               .deadline = now + command.within});
}

Pending::Match Pending::match(const Reply& reply) {
    const auto search = [&](auto&& fits) {
        for (auto& waiting : waiting_) {
            for (auto& request : waiting.requests) {
                if (request.space == reply.space && !request.answered && fits(request)) {
                    return Match{&waiting, &request};
                }
            }
        }
        return Match{};
    };
    const auto same_command = [&](const SentRequest& request) {
        return reply.command.empty() || request.command.empty() || request.command == reply.command;
    };
    const auto exact = search([&](const SentRequest& request) {
        return !reply.sequence.empty() && request.sequence == reply.sequence && same_command(request);
    });
    if (exact.request != nullptr || is_a_slicers(reply)) {
        return exact;
    }
    return search(same_command);
}

std::vector<RequestResult> Pending::on_reply(const Reply& reply, const Situation& situation) {
    const auto found = match(reply);
    if (found.request == nullptr) {
        return {};
    }
    found.request->answered = true;
    auto& waiting = *found.waiting;
    if (waiting.muted) {
        if (all_answered(waiting.requests)) {
            drop(waiting.ticket);
        }
        return {};
    }
    RequestResult result{.ticket = waiting.ticket};
    if (reply.verdict == Verdict::refused) {
        result.status = Status::refused;
        result.code = reply.wants_signature ? Code::developer_mode_required : Code::printer_refused;
        result.message = words_of(reply);
        result.wants_signature = reply.wants_signature;
        if (waiting.command->raw) {
            result.data = whole_of(reply);
        }
        drop(result.ticket);
        return {std::move(result)};
    }
    if (!all_answered(waiting.requests)) {
        return {};
    }
    if (waiting.command->confirmed == nullptr) {
        result.status = Status::accepted;
        result.data = waiting.command->raw ? whole_of(reply) : reply.data;
        result.signature_free = has_print(waiting.requests);
        drop(result.ticket);
        return {std::move(result)};
    }
    if (auto judged = judge(waiting, situation)) {
        drop(waiting.ticket);
        return {*std::move(judged)};
    }
    return {};
}

/// Firmware without signature errors in its answers may report them instead.
std::optional<RequestResult> Pending::judge_signature(const Waiting& waiting, const Situation& situation) {
    if (situation.facts.signature != Signature::needed || !has_print(waiting.requests) ||
        all_answered(waiting.requests)) {
        return std::nullopt;
    }
    auto refusal = unsigned_refusal();
    return RequestResult{.ticket = waiting.ticket,
                         .status = Status::refused,
                         .code = refusal.code,
                         .message = std::move(refusal.message)};
}

/// Effective when the reports show it: by this command, or already before and acknowledged.
std::optional<RequestResult> Pending::judge(const Waiting& waiting, const Situation& situation) const {
    if (waiting.muted || waiting.command->confirmed == nullptr ||
        !waiting.command->confirmed(situation, waiting.arguments)) {
        return std::nullopt;
    }
    if (waiting.shown_before && !all_answered(waiting.requests)) {
        return std::nullopt;
    }
    return RequestResult{
        .ticket = waiting.ticket, .status = Status::effective, .signature_free = has_print(waiting.requests)};
}

std::vector<RequestResult> Pending::check_reports(const Situation& situation) {
    std::vector<RequestResult> ended;
    for (const auto& waiting : waiting_) {
        auto result = judge(waiting, situation);
        if (!result) {
            result = judge_signature(waiting, situation);
        }
        if (result) {
            ended.push_back(*std::move(result));
        }
    }
    for (const auto& result : ended) {
        drop(result.ticket);
    }
    return ended;
}

void Pending::mute(Ticket ticket) {
    const auto found = std::ranges::find(waiting_, ticket, &Waiting::ticket);
    if (found != waiting_.end()) {
        found->muted = true;
    }
}

bool Pending::is_acknowledged(Ticket ticket) const {
    const auto found = std::ranges::find(waiting_, ticket, &Waiting::ticket);
    return found != waiting_.end() && !found->muted && all_answered(found->requests);
}

std::size_t Pending::muted() const {
    return static_cast<std::size_t>(std::ranges::count_if(waiting_, &Waiting::muted));
}

std::vector<RequestResult> Pending::expire(Instant now) {
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.muted && now >= waiting.deadline; });
    std::vector<RequestResult> ended;
    for (const auto& waiting : waiting_) {
        if (now < waiting.deadline) {
            continue;
        }
        const bool unanswered = none_answered(waiting.requests);
        const bool answered = all_answered(waiting.requests);
        ended.push_back(
            RequestResult{.ticket = waiting.ticket,
                          .status = Status::unconfirmed,
                          .message = answered ? "the printer acknowledged it, but its reports do not show it"
                                              : "the printer did not answer, and its reports do not show it",
                          .unanswered = unanswered});
    }
    for (const auto& result : ended) {
        drop(result.ticket);
    }
    return ended;
}

std::optional<Instant> Pending::deadline() const {
    const auto first = std::ranges::min_element(waiting_, {}, &Waiting::deadline);
    return first == waiting_.end() ? std::nullopt : std::optional{first->deadline};
}

void Pending::drop(Ticket ticket) {
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.ticket == ticket; });
}

} // namespace bambu2mqtt
