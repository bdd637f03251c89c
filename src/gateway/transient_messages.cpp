#include "gateway/transient_messages.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bambu2mqtt {

void TransientMessages::add(Message message) {
    const auto size_of = [](const Message& one) {
        return one.topic.size() + one.payload.size() + one.correlation.size() + one.shorter.size();
    };
    auto bytes = size_of(message);
    std::ranges::for_each(queue_, [&](const Message& waiting) { bytes += size_of(waiting); });
    while (!queue_.empty() && (queue_.size() >= most_messages || bytes > most_bytes_)) {
        bytes -= size_of(queue_.front());
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
