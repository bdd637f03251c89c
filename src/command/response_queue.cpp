#include <bambu2mqtt/command/response_queue.hpp>

#include <algorithm>

namespace bambu2mqtt {

namespace {

/// Maximum number of senders of the same request id that get the outcome on their own response topic.
constexpr std::size_t most_senders = 16;

} // namespace

/// The sender, without its response topic if there is no room for that.
ReturnAddress ResponseQueue::within_limit(ReturnAddress sender) const {
    const auto size_of = [](const ReturnAddress& one) {
        return one.topic.size() + one.correlation.size() + one.problem.size();
    };
    std::size_t bytes = size_of(sender);
    for (const auto& [ticket, waiting] : senders_) {
        for (const auto& one : waiting) {
            bytes += size_of(one);
        }
    }
    if (bytes > most_sender_bytes && !sender.topic.empty()) {
        return {.problem =
                    "not published on the response topic: too many commands with much correlation data "
                    "are running"};
    }
    return sender;
}

void ResponseQueue::remember(const std::string& request_id, Ticket ticket, Instant now) {
    if (!request_id.empty()) {
        memory_.begin(request_id, ticket, now);
    }
}

bool ResponseQueue::repeat(const CommandRequest& request, Instant now) {
    const auto* const known = request.request_id.empty() ? nullptr : memory_.find(request.request_id, now);
    if (known == nullptr) {
        return false;
    }
    if (!known->payload.is_null()) {
        responses_.push_back(
            CommandResponse{.payload = known->payload, .repeated = true, .senders = {request.sender}});
    } else if (const auto running = senders_.find(known->ticket); running != senders_.end()) {
        auto& senders = running->second;
        if (senders.size() < most_senders && std::ranges::find(senders, request.sender) == senders.end()) {
            senders.push_back(within_limit(request.sender));
        }
    }
    return true;
}

void ResponseQueue::add_final(CommandResponse response, WallTime time) {
    response.outcome = bounded(std::move(response.outcome));
    response.payload = to_json(response.outcome, time);
    if (const auto found = senders_.find(response.ticket); found != senders_.end()) {
        response.senders = std::move(found->second);
        senders_.erase(found);
    }
    if (!response.outcome.request_id.empty()) {
        memory_.end(response.outcome.request_id, response.payload);
    }
    responses_.push_back(std::move(response));
}

void ResponseQueue::add_progress(CommandResponse response, std::uint64_t bytes, std::uint64_t total,
                                 WallTime time) {
    response.outcome = bounded(std::move(response.outcome));
    response.payload = to_json(response.outcome, time);
    response.senders = senders_[response.ticket];
    response.payload["status"] = "progress";
    response.payload["data"] = {{"bytes", bytes}, {"total", total}};
    response.final = false;
    responses_.push_back(std::move(response));
}

} // namespace bambu2mqtt
