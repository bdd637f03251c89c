#include "gateway/state_publisher.hpp"

#include <bambu2mqtt/base/json_access.hpp>
#include <bambu2mqtt/command/controls.hpp>
#include <bambu2mqtt/gateway/state_messages.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

constexpr auto slow_change_waits = 60s;

/// The first default id is looked for at each start anyway.
std::vector<std::string> former_ids_to_clear(const SessionSettings& settings) {
    auto ids = settings.former_ids;
    std::erase(ids, former_default_printer_id(settings.names.serial));
    return ids;
}

} // namespace

StatePublisher::StatePublisher(const SessionSettings& settings, const Printer& printer,
                               const Connection& connection)
    : settings_(settings), printer_(printer), connection_(connection),
      topics_(settings.discovery.base_topic, settings.names.id),
      stale_topics_(settings.discovery.base_topic, settings.names.id, former_ids_to_clear(settings)) {}

std::vector<Message> StatePublisher::broker_up(std::vector<Message> found) {
    broker_up_ = true;
    outbox_ = Outbox{}; // topics to be cleared are determined from the broker's retained messages
    auto announcements = stale_topics_.found(std::move(found));
    for (const auto& id : settings_.former_ids) {
        const auto former = PrinterTopics{settings_.discovery.base_topic, id}.availability();
        if (stale_topics_.holds_moved(former)) {
            // Until its discovery message is replaced, Home Assistant uses this topic.
            outbox_.want(former, "offline", Outbox::Rank::availability);
        }
    }
    publish_all();
    return announcements;
}

std::vector<Message> StatePublisher::published() const {
    std::vector<Message> all;
    for (auto& topic : outbox_.topics()) {
        all.push_back(Message{std::move(topic), ""});
    }
    for (auto& topic : stale_topics_.topics()) {
        all.push_back(Message{std::move(topic), ""});
    }
    return all;
}

bool StatePublisher::remove_stale_topics(bool whole) {
    if (!stale_topics_.cleanup_pending() || !broker_up_ || !whole) {
        return false;
    }
    const auto wanted = topics_of_layout();
    outbox_.keep_only(wanted);
    // Nothing newer is known of a unit that is not plugged in.
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < printer_.layout().instances().size(); ++i) {
        for (auto& message :
             printer_.present(i) ? std::vector<Message>{} : state_messages(printer_, i, topics_)) {
            kept.push_back(std::move(message.topic));
        }
    }
    for (const auto& topic : stale_topics_.clean_up(wanted, kept)) {
        outbox_.clear(topic);
    }
    return true;
}

void StatePublisher::publish(std::size_t index) {
    if (!broker_up_) {
        return; // everything is published when a broker session begins
    }
    const bool present = printer_.present(index);
    auto messages = state_messages(printer_, index, topics_);
    const auto* const optimistic = optimistic_.find(printer_.layout().instances()[index].id);
    if (optimistic != nullptr && !messages.empty()) {
        messages.front().payload = payload_of(*optimistic);
    }
    for (auto& message : messages) {
        // What an earlier run published stays until the printer has reported something else, and the values
        // of a unit that is not plugged in stay as they were.
        const bool nothing_new = !printer_.report_state().complete() && !known(printer_.value(index));
        const bool has_value =
            stale_topics_.holds(message.topic) || (!present && outbox_.wants(message.topic));
        if ((nothing_new || !present) && has_value) {
            continue;
        }
        const auto hold = hold_of(index, message.topic);
        outbox_.want(message.topic, std::move(message.payload), Outbox::Rank::state, hold, message.qos);
    }
}

/// How long a change waits after the last message: not at all but where it is small and the entity changes
/// slowly.
std::chrono::milliseconds StatePublisher::hold_of(std::size_t index, const std::string& topic) const {
    const auto slow_change = printer_.layout().instances()[index].entity->slow_change;
    if (slow_change <= 0) {
        return {};
    }
    const auto* const before = outbox_.sent(topic);
    const Json old(before != nullptr ? *before : std::string{});
    const auto shown = read::number(&old);
    const auto* const next = std::get_if<std::int64_t>(&printer_.value(index));
    const bool small =
        shown && next != nullptr && std::abs(static_cast<double>(*next) - *shown) < slow_change;
    return small ? slow_change_waits : std::chrono::milliseconds{};
}

void StatePublisher::publish_own(const std::string& topic, std::string payload) {
    const auto whole_topic = topics_.root() + "/" + topic;
    if (payload.empty()) {
        own_.erase(whole_topic);
        outbox_.clear(whole_topic);
        return;
    }
    own_[whole_topic] = payload;
    if (broker_up_) {
        outbox_.want(whole_topic, std::move(payload));
    }
}

void StatePublisher::publish_all() {
    for (std::size_t i = 0; i < printer_.layout().instances().size(); ++i) {
        publish(i);
    }
    for (const auto& [topic, payload] : own_) {
        if (broker_up_) {
            outbox_.want(topic, payload);
        }
    }
    publish_availability();
}

void StatePublisher::publish_availability() {
    if (!broker_up_) {
        return;
    }
    const auto reachable = connection_.state() == ConnectionState::connected ? Reachable::yes : Reachable::no;
    for (auto& message : availability_messages(printer_, topics_, reachable)) {
        outbox_.want(message.topic, std::move(message.payload), Outbox::Rank::availability);
    }
    publish_controls();
}

void StatePublisher::publish_controls() {
    if (!broker_up_) {
        return;
    }
    for (auto& message : control_availability_messages(printer_, topics_, settings_.discovery.policy)) {
        if (printer_.report_state().complete() || !stale_topics_.holds(message.topic)) {
            outbox_.want(message.topic, std::move(message.payload), Outbox::Rank::availability);
        }
    }
}

void StatePublisher::expect_value(const std::string& entity, Value value, Ticket command, Instant now) {
    if (known(value) && printer_.layout().find(entity)) {
        optimistic_.expect(entity, std::move(value), command, now);
    }
}

void StatePublisher::show_acknowledged(const std::function<bool(Ticket)>& is_acknowledged, Instant now) {
    for (const auto& entity : optimistic_.show(is_acknowledged, now)) {
        if (const auto index = printer_.layout().find(entity)) {
            publish(*index);
        }
    }
}

void StatePublisher::finish_control(const CommandResponse& response) {
    if (!optimistic_.is_of_another(response.entity, response.ticket)) {
        end_optimistic(response.entity);
    } else if (response.outcome.code != Code::superseded) {
        outbox_.repeat(topics_.state(response.entity), Instant{});
    }
}

void StatePublisher::end_optimistic(const std::string& entity) {
    optimistic_.end(entity);
    const auto index = printer_.layout().find(entity);
    if (index && printer_.layout().instances()[*index].entity->decode != nullptr) {
        publish(*index);
        outbox_.repeat(topics_.state(entity), Instant{});
    }
}

void StatePublisher::repeat_all(Instant earliest) {
    for (const auto& topic : topics_of_layout()) {
        outbox_.repeat(topic, earliest);
    }
}

void StatePublisher::tick(Instant now) {
    for (const auto& entity : optimistic_.expired(now)) {
        end_optimistic(entity);
    }
}

std::unordered_set<std::string> StatePublisher::topics_of_layout() const {
    std::unordered_set<std::string> topics;
    for (std::size_t i = 0; i < printer_.layout().instances().size(); ++i) {
        for (auto& message : state_messages(printer_, i, topics_)) {
            topics.insert(std::move(message.topic));
        }
    }
    for (auto& message : availability_messages(printer_, topics_, Reachable::no)) {
        topics.insert(std::move(message.topic));
    }
    for (auto& message : control_availability_messages(printer_, topics_, settings_.discovery.policy)) {
        topics.insert(std::move(message.topic));
    }
    for (const auto& [topic, payload] : own_) {
        topics.insert(topic);
    }
    return topics;
}

void StatePublisher::shutdown() {
    outbox_.cancel();
    for (auto& message : availability_messages(printer_, topics_, Reachable::no)) {
        outbox_.want(message.topic, std::move(message.payload), Outbox::Rank::state, 0ms);
    }
}

} // namespace bambu2mqtt
