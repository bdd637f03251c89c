#include "cli/own_topics.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <utility>
#include <variant>

namespace bambu2mqtt {

using namespace std::chrono_literals;

void OwnTopics::clear(BrokerLink& broker, EventQueue& events) {
    constexpr auto time_to_clear = 10s;
    constexpr std::size_t most_removals_in_flight = 10; // brokers may grant as few as these
    const auto deadline = std::chrono::steady_clock::now() + time_to_clear;
    std::map<int, std::string> in_flight; // by packet
    auto waiting = topics_;
    while (!topics_.empty() && std::chrono::steady_clock::now() < deadline) {
        while (!waiting.empty() && in_flight.size() < most_removals_in_flight) {
            const auto topic = *waiting.begin();
            const auto result = broker.publish(Message{.topic = topic});
            if (!result) {
                break;
            }
            waiting.erase(topic);
            in_flight.emplace(result.packet, topic);
        }
        const auto event = events.pop_until(std::min(deadline, std::chrono::steady_clock::now() + 100ms));
        const auto* const published = event ? std::get_if<Published>(&event->body) : nullptr;
        const auto found = published == nullptr ? in_flight.end() : in_flight.find(published->packet);
        if (found != in_flight.end()) {
            topics_.erase(found->second);
            in_flight.erase(found);
        }
        if (event && std::holds_alternative<BrokerDown>(event->body)) {
            break;
        }
    }
    if (!topics_.empty()) {
        spdlog::warn("{} retained messages could not be removed from the broker, for example '{}'",
                     topics_.size(), *topics_.begin());
    }
}

} // namespace bambu2mqtt
