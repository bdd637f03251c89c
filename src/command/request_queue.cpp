#include <bambu2mqtt/command/request_queue.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

/// Gives each request its id.
std::vector<SentRequest> stamp_requests(std::vector<OrderedJson>& requests, Sequence& sequence) {
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

std::vector<SentRequest> RequestQueue::send(Ticket ticket, std::vector<OrderedJson> requests,
                                            std::int64_t job_id, Instant now, Effects& effects) {
    auto sent = stamp_requests(requests, sequence_);
    last_job_ = std::max(last_job_, job_id);
    ++sent_;
    effects.push_back(SendRequest{printer_, requests.front().dump()});
    for (std::size_t i = 1; i < requests.size(); ++i) {
        outgoing_.push_back(Outgoing{ticket, now + static_cast<int>(i) * spacing, std::move(requests[i])});
    }
    std::ranges::stable_sort(outgoing_, {}, &Outgoing::at);
    return sent;
}

void RequestQueue::tick(Instant now, Effects& effects) {
    while (!outgoing_.empty() && outgoing_.front().at <= now) {
        effects.push_back(SendRequest{printer_, outgoing_.front().request.dump()});
        outgoing_.pop_front();
    }
}

std::optional<Instant> RequestQueue::deadline() const {
    return outgoing_.empty() ? std::nullopt : std::optional{outgoing_.front().at};
}

void RequestQueue::drop(Ticket ticket) {
    std::erase_if(outgoing_, [&](const Outgoing& outgoing) { return outgoing.ticket == ticket; });
}

std::string RequestQueue::stamped(OrderedJson request) {
    sequence_.stamp(request);
    return request.dump();
}

std::int64_t RequestQueue::next_job(Now now) const {
    return job_id(now.wall.time_since_epoch().count(), last_job_);
}

} // namespace bambu2mqtt
