// The difference between the wanted retained messages and the sent ones: publishing means sending it. Stores
// only the latest payload per topic, so an outage of any length needs no more memory.
#pragma once

#include <bambu2mqtt/base/qos.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace bambu2mqtt {

/// The retained topics of one printer, or of the bridge. Each topic has a token bucket with one message per
/// second and a capacity of two. At one change per second each change is published immediately, despite
/// jitter; of a burst the first two are published, then the latest payload once per second.
class Outbox {
  public:
    /// States are sent before availability, and `online` only when every state has been sent once, so that
    /// outdated states are not shown as current.
    enum class Rank : std::uint8_t { state, availability };

    /// TOPIC should hold PAYLOAD. Nothing is sent if that was the last payload sent. `hold`: the change is
    /// small and waits until this long after the last message, even if the bucket has a token. A message with
    /// Qos::at_most_once may be lost when the connection breaks: forget() has to follow.
    void want(const std::string& topic, std::string payload, Rank rank = Rank::state,
              std::chrono::milliseconds hold = {}, Qos qos = Qos::at_least_once);

    /// Removes a topic: one empty retained message.
    void clear(const std::string& topic);

    /// The last sent payload of a topic, if any.
    [[nodiscard]] const std::string* sent(const std::string& topic) const;

    /// True if a topic is wanted.
    [[nodiscard]] bool wants(const std::string& topic) const {
        const auto found = entries_.find(topic);
        return found != entries_.end() && !found->second.leaving;
    }

    /// Every topic that is wanted or was sent, unordered.
    [[nodiscard]] std::vector<std::string> topics() const;

    /// Clears every topic that is not among `topics`.
    void keep_only(const std::unordered_set<std::string>& topics);

    /// Removed topics are not cleared before that time: Home Assistant must drop the entities first, as it
    /// warns of an empty state. Wanted states are not delayed.
    void hold_clears(Instant until) noexcept { clears_from_ = until; }

    /// Sends a topic again, at `earliest` or later.
    void repeat(const std::string& topic, Instant earliest);

    /// The broker may have lost everything: all topics are sent again.
    void forget();

    /// Drops all queued messages; topics set from now on are published immediately.
    void cancel();

    /// The next message that may be sent now.
    [[nodiscard]] std::optional<Message> next(Instant now);

    /// When next() may have a message; nothing when all is sent.
    [[nodiscard]] std::optional<Instant> due() const;

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  private:
    struct Entry {
        std::string payload{};                     ///< wanted
        std::unique_ptr<std::string> sent_other{}; ///< what was sent last, if that is not `payload`
        Instant full_at{};                         ///< when the bucket holds two tokens again
        Instant not_before{}; ///< the next message waits for this moment, whatever the bucket holds
        Instant sent_at{};
        Rank rank = Rank::state;
        Qos qos = Qos::at_least_once;
        bool was_sent = false;
        bool only_change = false; ///< wanted once since the last message
        bool waited = false;      ///< pending, and was not yet due when next() looked
        bool pending = false;
        bool leaving = false;

        /// The last sent payload, if any.
        [[nodiscard]] const std::string* sent() const {
            return sent_other != nullptr ? sent_other.get() : was_sent ? &payload : nullptr;
        }

        /// Changes `payload` and keeps what was sent.
        void set_payload(std::string next);
        void forget_sent();
    };

    using Entries = std::unordered_map<std::string, Entry>;

    void put_off(Entries::value_type& entry);
    [[nodiscard]] Instant earliest(const Entry& entry) const;

    Entries entries_;
    Instant clears_from_{};
    std::vector<Entries::value_type*> pending_; ///< in order of arrival
};

} // namespace bambu2mqtt
