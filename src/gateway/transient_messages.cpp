#include "gateway/transient_messages.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bambu2mqtt {

void TransientMessages::add(Message message) {
    auto bytes = message.payload.size();
    std::ranges::for_each(queue_, [&](const Message& waiting) { bytes += waiting.payload.size(); });
    while (!queue_.empty() && (queue_.size() >= most_messages || bytes > most_bytes)) {
        bytes -= queue_.front().payload.size();
        queue_.pop_front();
    }
    message.retain = false;
    queue_.push_back(std::move(message));
}

std::optional<Message> TransientMessages::next(Instant now) {
    if (queue_.empty()) {
        return std::nullopt;
    }
    std::optional<Message> message{std::move(queue_.front())};
    queue_.pop_front();
    last_sent_ = now;
    return message;
}

void TransientMessages::take_over(TransientMessages& former) {
    std::ranges::move(former.queue_, std::back_inserter(queue_));
    former.queue_.clear();
}

} // namespace bambu2mqtt
