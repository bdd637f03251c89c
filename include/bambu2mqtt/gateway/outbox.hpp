// The difference between what should stand on the broker and what was sent there: publishing is sending it.
// Keeps the latest payload per topic only, so an outage of any length needs no more memory.
#pragma once

#include <bambu2mqtt/base/qos.hpp>
#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace bambu2mqtt {

/// The retained topics of one printer, or of the bridge. Each topic has a token bucket: one message a second,
/// and after a second without one two at once. So at one change a second each goes out when it comes,
/// whatever the jitter, and of a burst the first two and then the latest payload, once a second.
class Outbox {
  public:
    /// States go out before availability, and `online` only when every state has been sent once, so that
    /// nothing old is shown as fresh.
    enum class Rank : std::uint8_t { state, availability };

    /// TOPIC should hold PAYLOAD. Nothing is to be sent where that is what was sent last. `hold`: the change
    /// is small and waits until this long after the last message, also where the bucket would let it go.
    /// What is sent with Qos::at_most_once may be lost when the connection breaks: forget() has to follow.
    void want(const std::string& topic, std::string payload, Rank rank = Rank::state,
              std::chrono::milliseconds hold = {}, Qos qos = Qos::at_least_once);

    /// TOPIC should be gone: one empty retained message.
    void clear(const std::string& topic);

    /// What was sent last on a topic, if anything was.
    [[nodiscard]] const std::string* sent(const std::string& topic) const;

    /// Whether a topic is wanted.
    [[nodiscard]] bool wants(const std::string& topic) const {
        const auto found = entries_.find(topic);
        return found != entries_.end() && !found->second.leaving;
    }

    /// Every topic that is wanted or was sent, in no order.
    [[nodiscard]] std::vector<std::string> topics() const;

    /// Clears every topic that is not among `topics`.
    void keep_only(const std::unordered_set<std::string>& topics);

    /// Topics that are to be gone are not cleared before that moment: Home Assistant has to drop the entities
    /// first, as it warns of an empty state. Wanted states are not held up.
    void hold_clears(Instant until) noexcept { clears_from_ = until; }

    /// Sends a topic again, at `earliest` or later.
    void repeat(const std::string& topic, Instant earliest);

    /// The broker may have lost everything: all of it is to be sent again.
    void forget();

    /// Nothing of what waits is sent any more; what is wanted from now on is, at once.
    void cancel();

    /// The next message that may go out now.
    [[nodiscard]] std::optional<Message> next(Instant now);

    /// When next() may have something; nothing while all is sent.
    [[nodiscard]] std::optional<Instant> due() const;

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  private:
    struct Entry {
        std::string payload{};
        std::optional<std::string> sent{};
        Instant full_at{};    ///< when the bucket holds two tokens again
        Instant not_before{}; ///< the next message waits for this moment, whatever the bucket holds
        Instant sent_at{};
        Rank rank = Rank::state;
        Qos qos = Qos::at_least_once;
        bool pending = false;
        bool leaving = false;
    };

    using Entries = std::unordered_map<std::string, Entry>;

    void put_off(Entries::value_type& entry);
    [[nodiscard]] Instant earliest(const Entry& entry) const;

    Entries entries_;
    Instant clears_from_{};
    std::vector<Entries::value_type*> pending_; ///< in the order they came
};

} // namespace bambu2mqtt
