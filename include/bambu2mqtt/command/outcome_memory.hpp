// The outcomes of the last ten minutes by request id, so that a request that comes twice is carried out once.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace bambu2mqtt {

/// Bounded in number, beyond which the oldest are forgotten first, and in what was answered: of old answers
/// with much in them, and of any with more than 4 MiB, only the outcome itself is kept, which says so.
class OutcomeMemory {
  public:
    struct Entry {
        std::uint64_t ticket = 0;
        OrderedJson payload{};      ///< the outcome as it was said; null while the command runs
        std::size_t data_bytes = 0; ///< of them, in `data`
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
        const auto found = entries_.find(id);
        if (found == entries_.end()) {
            return;
        }
        auto& entry = found->second;
        entry.payload = std::move(payload);
        if (const auto data = entry.payload.find("data"); data != entry.payload.end()) {
            entry.data_bytes = data->dump(-1, ' ', false, OrderedJson::error_handler_t::replace).size();
            data_bytes_ += entry.data_bytes;
        }
        if (entry.data_bytes > most_data_bytes) {
            shed(entry); // the others need not go for it
        }
        for (auto old = order_.begin(); data_bytes_ > most_data_bytes && old != order_.end(); ++old) {
            if (const auto kept_one = entries_.find(old->id); kept_one != entries_.end()) {
                shed(kept_one->second);
            }
        }
    }

  private:
    struct Arrival {
        Instant at{};
        std::string id{};
    };

    static constexpr std::chrono::minutes kept{10};
    static constexpr std::size_t most = 1000;
    static constexpr std::size_t most_data_bytes = 4UL * 1024 * 1024;

    void forget_first() {
        if (const auto found = entries_.find(order_.front().id); found != entries_.end()) {
            data_bytes_ -= found->second.data_bytes;
            entries_.erase(found);
        }
        order_.pop_front();
    }

    void forget_old(Instant now) {
        while (!order_.empty() && now - order_.front().at >= kept) {
            forget_first();
        }
    }

    void shed(Entry& entry) {
        if (entry.data_bytes > 0) {
            data_bytes_ -= std::exchange(entry.data_bytes, 0);
            entry.payload.erase("data");
            entry.payload["message"] = "what this request was answered with is not kept any more";
        }
    }

    std::unordered_map<std::string, Entry> entries_;
    std::deque<Arrival> order_;
    std::size_t data_bytes_ = 0;
};

} // namespace bambu2mqtt
