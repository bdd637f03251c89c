#include <bambu2mqtt/gateway/outbox.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

constexpr std::chrono::seconds per_message{1};
constexpr int capacity = 2; // capacity of a full bucket, in messages

/// What a message costs that had to wait although nothing else had changed since the one before: a little
/// less, so that at one change a second the wait that a burst has caused becomes shorter each time, instead
/// of staying for ever.
constexpr std::chrono::milliseconds per_late_message{950};

} // namespace

void Outbox::Entry::set_payload(std::string next) {
    if (was_sent && sent_other == nullptr) {
        sent_other = std::make_unique<std::string>(std::move(payload));
    }
    payload = std::move(next);
}

void Outbox::Entry::forget_sent() {
    was_sent = false;
    sent_other.reset();
}

void Outbox::want(const std::string& topic, std::string payload, Rank rank, std::chrono::milliseconds hold,
                  Qos qos) {
    auto& item = *entries_.try_emplace(topic).first;
    auto& entry = item.second;
    entry.leaving = false;
    entry.rank = rank;
    entry.qos = qos;
    const auto* const sent = entry.sent();
    if (sent != nullptr && *sent == payload) {
        entry.payload = std::move(payload);
        entry.sent_other.reset();
        entry.waited = false;
        if (entry.pending) {
            entry.pending = false;
            std::erase(pending_, &item);
        }
        return;
    }
    entry.only_change = !entry.pending;
    entry.set_payload(std::move(payload));
    if (entry.was_sent) { // otherwise it waits for nothing, or for the time of its repetition
        entry.not_before = hold.count() > 0 ? entry.sent_at + hold : Instant{};
    }
    put_off(item);
}

void Outbox::clear(const std::string& topic) {
    auto& item = *entries_.try_emplace(topic).first;
    item.second.set_payload({});
    item.second.leaving = true;
    item.second.not_before = {};
    put_off(item);
}

void Outbox::keep_only(const std::unordered_set<std::string>& topics) {
    std::vector<std::string> gone;
    for (const auto& [topic, entry] : entries_) {
        if (!entry.leaving && !topics.contains(topic)) {
            gone.push_back(topic);
        }
    }
    std::ranges::sort(gone);
    for (const auto& topic : gone) {
        clear(topic);
    }
}

std::vector<std::string> Outbox::topics() const {
    std::vector<std::string> result;
    for (const auto& [topic, entry] : entries_) {
        result.push_back(topic);
    }
    return result;
}

const std::string* Outbox::sent(const std::string& topic) const {
    const auto found = entries_.find(topic);
    return found != entries_.end() ? found->second.sent() : nullptr;
}

void Outbox::repeat(const std::string& topic, Instant earliest) {
    const auto found = entries_.find(topic);
    if (found != entries_.end() && !found->second.leaving) {
        found->second.forget_sent();
        found->second.not_before = std::max(found->second.not_before, earliest);
        put_off(*found);
    }
}

void Outbox::forget() {
    for (auto& item : entries_) {
        item.second.forget_sent();
        item.second.full_at = {};
        item.second.not_before = {};
        put_off(item);
    }
}

void Outbox::cancel() {
    for (auto* const item : pending_) {
        item->second.pending = false;
    }
    pending_.clear();
    for (auto& item : entries_) {
        item.second.full_at = {};
        item.second.not_before = {};
    }
}

std::optional<Message> Outbox::next(Instant now) {
    // `online` waits for every state that was never sent, also for delayed ones.
    const auto unsent_state = [](const auto* item) {
        return item->second.rank == Rank::state && !item->second.was_sent && !item->second.leaving;
    };
    const auto too_early = [&](const Entry& entry) {
        return entry.rank == Rank::availability && entry.payload == "online" &&
               std::ranges::any_of(pending_, unsent_state);
    };
    Entries::value_type* best = nullptr;
    for (auto* const item : pending_) {
        auto& entry = item->second;
        const bool early = earliest(entry) > now;
        entry.waited = entry.waited || early;
        if (early || (best != nullptr && entry.rank == Rank::availability) || too_early(entry)) {
            continue;
        }
        best = item;
        if (entry.rank == Rank::state) {
            break;
        }
    }
    if (best == nullptr) {
        return std::nullopt;
    }
    std::erase(pending_, best);
    auto& entry = best->second;
    entry.pending = false;
    Message message{best->first, entry.payload};
    if (entry.leaving) {
        entries_.erase(best->first);
        return message;
    }
    message.qos = entry.qos;
    entry.was_sent = true;
    entry.sent_other.reset();
    entry.sent_at = now;
    const bool late = std::exchange(entry.waited, false) && entry.only_change;
    entry.full_at =
        std::max(entry.full_at, now) + (late ? per_late_message : std::chrono::milliseconds{per_message});
    entry.not_before = {};
    return message;
}

std::optional<Instant> Outbox::due() const {
    const auto first =
        std::ranges::min_element(pending_, {}, [this](const auto* item) { return earliest(item->second); });
    return first == pending_.end() ? std::nullopt : std::optional{earliest((*first)->second)};
}

Instant Outbox::earliest(const Entry& entry) const {
    const auto allowed = std::max(entry.full_at - (capacity - 1) * per_message, entry.not_before);
    return entry.leaving ? std::max(entry.not_before, clears_from_) : allowed;
}

void Outbox::put_off(Entries::value_type& item) {
    if (!item.second.pending) {
        item.second.pending = true;
        pending_.push_back(&item);
    }
}

} // namespace bambu2mqtt
