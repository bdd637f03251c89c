#include "gateway/stale_topics.hpp"

#include <bambu2mqtt/topic/topics.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace bambu2mqtt {

StaleTopics::StaleTopics(std::string base, std::string_view id, std::vector<std::string> former_ids)
    : base_(std::move(base)), root_(PrinterTopics{base_, id}.root() + "/"),
      former_ids_(std::move(former_ids)) {}

std::vector<Message> StaleTopics::found(std::vector<Message> messages) {
    states_.clear();
    moved_.clear();
    pending_ = true;
    std::vector<Message> others;
    for (auto& message : messages) {
        if (message.topic.starts_with(root_)) {
            states_.insert(std::move(message.topic));
        } else if (message.topic.starts_with(base_ + "/")) {
            moved_.insert(std::move(message.topic));
        } else {
            others.push_back(std::move(message));
        }
    }
    return others;
}

bool StaleTopics::drop_empty_former_ids() {
    return std::erase_if(former_ids_, [this](const std::string& id) {
               const auto root = PrinterTopics{base_, id}.root() + "/";
               return std::ranges::none_of(
                   moved_, [&root](const std::string& topic) { return topic.starts_with(root); });
           }) > 0;
}

std::vector<std::string> StaleTopics::clean_up(const std::unordered_set<std::string>& wanted,
                                               const std::vector<std::string>& kept) {
    pending_ = false;
    std::vector<std::string> stale{moved_.begin(), moved_.end()};
    std::ranges::copy_if(states_, std::back_inserter(stale),
                         [&](const auto& topic) { return !wanted.contains(topic); });
    moved_.clear();
    std::ranges::sort(stale);
    std::unordered_set<std::string> left;
    std::ranges::copy_if(kept, std::inserter(left, left.end()),
                         [this](const auto& topic) { return holds(topic); });
    states_ = std::move(left);
    return stale;
}

std::vector<std::string> StaleTopics::topics() const {
    std::vector<std::string> all{states_.begin(), states_.end()};
    all.insert(all.end(), moved_.begin(), moved_.end());
    return all;
}

} // namespace bambu2mqtt
