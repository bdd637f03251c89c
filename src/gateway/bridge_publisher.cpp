#include "gateway/bridge_publisher.hpp"

#include "gateway/earliest_of.hpp"
#include <bambu2mqtt/homeassistant/retained_cleanup.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Home Assistant warns of empty states of entities it has not dropped yet.
constexpr auto clearing_waits = 1s;

/// Home Assistant is ready for discovery this long after its birth message.
constexpr auto review_waits = 1s;

} // namespace

BridgePublisher::BridgePublisher(const BridgeSettings& settings, const Templates& templates)
    : settings_(settings), templates_(templates), topics_(settings.discovery.base_topic),
      log_(topics_.log()) {}

void BridgePublisher::broker_up(FoundMessages::Found& found) {
    transient_messages_.clear(); // their clients are no longer connected
    log_.broker_up();
    clear(std::move(found.of_former_announcements), std::move(found.of_former_states));
    announce(found.of_bridge);
    outbox_.forget();
}

void BridgePublisher::send_first(std::vector<Message> messages) {
    std::ranges::move(messages, std::back_inserter(first_));
}

void BridgePublisher::clear(std::vector<Message> announcements, std::vector<Message> states) {
    send_first(std::move(announcements));
    std::ranges::move(states, std::back_inserter(pending_clears_));
}

std::vector<Message> BridgePublisher::take_pending_clears() {
    auto taken = std::exchange(pending_clears_, {});
    return {std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end())};
}

void BridgePublisher::broker_down() {
    first_.clear();
    pending_clears_.clear();
    log_.broker_down();
    review_at_.reset();
}

void BridgePublisher::home_assistant_up(Instant now) {
    review_at_ = now + review_waits;
}

void BridgePublisher::publish(const std::vector<std::string>& printers, const Health& health) {
    for (auto& message : bridge_state_messages(topics_, printers, health)) {
        const bool availability = message.topic == topics_.state();
        outbox_.want(message.topic, std::move(message.payload),
                     availability ? Outbox::Rank::availability : Outbox::Rank::state, {}, message.qos);
    }
}

void BridgePublisher::printer_failed(const std::string& id) {
    first_.push_back(Message{PrinterTopics{topics_.base(), id}.availability(), "offline"});
}

void BridgePublisher::shutdown() {
    outbox_.cancel();
    pending_clears_.clear(); // found again at the next start, which still knows them
    outbox_.want(topics_.state(), "offline", Outbox::Rank::state, 0ms);
}

void BridgePublisher::tick(Instant now) {
    if (review_at_ && now >= *review_at_) {
        review_at_.reset();
        announce({});
        outbox_.forget();
    }
}

std::optional<Message> BridgePublisher::next(Now now, std::optional<Instant> others) {
    const auto take = [](std::deque<Message>& from) {
        auto message = std::move(from.front());
        from.pop_front();
        return message;
    };
    if (!first_.empty()) {
        clears_from_ = now.instant + clearing_waits;
        return take(first_);
    }
    if (auto line = log_.next(now)) {
        return line;
    }
    if (const auto due = transient_messages_.due();
        due && (!others || *others > now.instant || *due <= *others)) {
        return transient_messages_.next(now.instant);
    }
    if (!pending_clears_.empty() && now.instant >= clears_from_) {
        return take(pending_clears_);
    }
    return outbox_.next(now.instant);
}

std::optional<Instant> BridgePublisher::next_due() const {
    return earliest_of({log_.due(), transient_messages_.due(), outbox_.due(),
                        pending_clears_.empty() ? std::nullopt : std::optional{clears_from_}});
}

/// `found`: retained topics of the gateway's discovery messages. Those of the other discovery form are
/// migrated, obsolete ones are cleared.
void BridgePublisher::announce(const std::vector<std::string>& found) {
    if (!settings_.announce) {
        return;
    }
    auto announcement = announce_bridge(templates_, settings_.discovery);
    std::vector<Message> finish;
    for (const auto& topic : found) {
        const auto parts = parse_discovery_topic(topic, settings_.discovery.prefix);
        if (std::ranges::find(announcement.messages, topic, &Message::topic) != announcement.messages.end() ||
            !parts) {
            continue;
        }
        auto steps = migration(topic);
        if (parts->is_device_form() == settings_.discovery.per_component) {
            first_.push_back(std::move(steps.start));
        }
        finish.push_back(std::move(steps.finish));
    }
    std::ranges::move(announcement.messages, std::back_inserter(first_));
    std::ranges::move(finish, std::back_inserter(first_));
}

} // namespace bambu2mqtt
