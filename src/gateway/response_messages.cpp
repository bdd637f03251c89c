#include "gateway/response_messages.hpp"

#include <bambu2mqtt/base/json.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

/// Responses below this size, in bytes, have no shorter form.
constexpr std::size_t worth_shortening = 4096;

void add_note(OrderedJson& outcome, const std::string& note) {
    const auto own = outcome.find("note");
    outcome["note"] = own == outcome.end() ? note : own->get<std::string>() + "; " + note;
}

/// A response with its shorter form, which has no data.
Message with_shorter(Message message, const OrderedJson& outcome) {
    if (message.payload.size() < worth_shortening || !outcome.contains("data") || outcome["data"].is_null()) {
        return message;
    }
    OrderedJson shorter;
    for (const auto& [key, value] : outcome.items()) {
        shorter[key] = key == "data" ? OrderedJson() : value;
    }
    add_note(shorter, "the data is left out: the broker does not accept a message of that size");
    message.shorter = json_text(shorter);
    return message;
}

} // namespace

ReturnAddress return_address(const BrokerMessage& message, const ResponseTopics& settings) {
    if (message.response_topic.empty()) {
        return {};
    }
    if (auto problem = response_topic_problem(message.response_topic, settings)) {
        return {.problem = *std::move(problem)};
    }
    return {.topic = message.response_topic, .correlation = message.correlation};
}

ResponseTopics response_topics_of(const BridgeSettings& settings) {
    return {.base_topic = settings.discovery.base_topic,
            .discovery_prefix = settings.discovery.prefix,
            .status_topic = settings.status_topic,
            .filters = settings.response_topics};
}

std::vector<Message> response_messages(const CommandResponse& response, const std::string& topic) {
    std::vector<Message> messages;
    const auto common = with_shorter(
        {.topic = topic, .payload = json_text(response.payload), .retain = false}, response.payload);
    const auto problem =
        std::ranges::find_if(response.senders, [](const auto& sender) { return !sender.problem.empty(); });
    if (problem == response.senders.end()) {
        messages.push_back(common);
    } else {
        auto noted = response.payload;
        add_note(noted, problem->problem);
        messages.push_back(
            with_shorter({.topic = topic, .payload = json_text(noted), .retain = false}, noted));
    }
    if (topic.empty()) {
        messages.clear();
    }
    for (const auto& sender : response.senders) {
        if (!sender.topic.empty()) {
            auto own = common;
            own.topic = sender.topic;
            own.correlation = sender.correlation;
            messages.push_back(std::move(own));
        }
    }
    return messages;
}

} // namespace bambu2mqtt
