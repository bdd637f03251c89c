#include "simulator/behaviour.hpp"

#include <algorithm>
#include <utility>

namespace bambu2mqtt::simulator {

bool matches(std::string_view pattern, std::string_view request) {
    if (!pattern.ends_with('*'))
        return pattern == request;
    pattern.remove_suffix(1);
    return request.starts_with(pattern);
}

void BehaviourRules::add(BehaviourRule rule) {
    rules_.erase(std::remove_if(rules_.begin(), rules_.end(),
                                [&rule](const BehaviourRule& old) { return old.requests == rule.requests; }),
                 rules_.end());
    rules_.push_back(std::move(rule));
}

const BehaviourRule* BehaviourRules::of(std::string_view request) const {
    const auto found = std::find_if(rules_.rbegin(), rules_.rend(), [request](const BehaviourRule& rule) {
        return matches(rule.requests, request);
    });
    return found == rules_.rend() ? nullptr : &*found;
}

void shorten(nlohmann::json& body, Shortened shortened) {
    if (shortened == Shortened::without_sequence_id)
        body.erase("sequence_id");
    if (shortened == Shortened::without_command)
        body.erase("command");
    if (shortened != Shortened::only_command_and_id)
        return;
    auto whole = std::exchange(body, nlohmann::json::object());
    for (const auto* const key : {"command", "sequence_id"}) {
        if (whole.contains(key))
            body[key] = std::move(whole[key]);
    }
}

} // namespace bambu2mqtt::simulator
