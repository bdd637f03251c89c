// The outcomes of the last ten minutes by request id, so that a request that comes twice is carried out once.
#pragma once

#include <bambu2mqtt/core/json.hpp>
#include <bambu2mqtt/core/time.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

namespace bambu2mqtt {

/// Bounded: beyond the limit the oldest are forgotten first.
class OutcomeMemory {
  public:
    struct Entry {
        std::uint64_t ticket = 0;
        OrderedJson payload{}; ///< the outcome as it was said; null while the command runs
    };

    /// What is known of a request id; nullptr for one that is new, or older than ten minutes.
    [[nodiscard]] const Entry* find(const std::string& id, Instant now) {
        forget_old(now);
        const auto found = entries_.find(id);
        return found == entries_.end() ? nullptr : &found->second;
    }

    /// A command with this id begins.
    void begin(const std::string& id, std::uint64_t ticket, Instant now) {
        entries_[id] = Entry{.ticket = ticket};
        order_.push_back({now, id});
        if (order_.size() > most) {
            forget_first();
        }
    }

    /// It has ended.
    void end(const std::string& id, OrderedJson payload) {
        if (const auto found = entries_.find(id); found != entries_.end()) {
            found->second.payload = std::move(payload);
        }
    }

  private:
    struct Arrival {
        Instant at{};
        std::string id{};
    };

    static constexpr std::chrono::minutes kept{10};
    static constexpr std::size_t most = 1000;

    void forget_first() {
        entries_.erase(order_.front().id);
        order_.pop_front();
    }

    void forget_old(Instant now) {
        while (!order_.empty() && now - order_.front().at >= kept) {
            forget_first();
        }
    }

    std::unordered_map<std::string, Entry> entries_;
    std::deque<Arrival> order_;
};

} // namespace bambu2mqtt
