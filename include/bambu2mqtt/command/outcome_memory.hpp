// The outcomes of the last ten minutes by request id, so that a repeated request is executed once.
#pragma once

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/base/time.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace bambu2mqtt {

/// Limited in number (the oldest are dropped first) and in memory: of large old responses, and of a response
/// that exceeds the limit of all, only the outcome itself is kept, with a note about that.
class OutcomeMemory {
  public:
    /// `sharers`: printers that share the memory for all answers, 20 MiB. One has at most 4 MiB.
    explicit OutcomeMemory(std::size_t sharers = 1)
        : most_data_bytes_(std::min<std::size_t>(4UL * 1024 * 1024,
                                                 20UL * 1024 * 1024 / std::max<std::size_t>(sharers, 1))) {}

    struct Entry {
        std::uint64_t ticket = 0;
        OrderedJson payload{};      ///< the published outcome; null while the command runs
        std::size_t data_bytes = 0; ///< of memory that its `data` takes
    };

    /// The entry of a request id; nullptr if unknown, or older than ten minutes.
    [[nodiscard]] const Entry* find(const std::string& id, Instant now) {
        forget_old(now);
        const auto found = entries_.find(id);
        return found == entries_.end() ? nullptr : &found->second;
    }

    /// A command with this id starts.
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
            entry.data_bytes = memory_of(*data);
            data_bytes_ += entry.data_bytes;
        }
        if (entry.data_bytes > most_data_bytes_) {
            shed(entry); // no need to shed others for it
        }
        for (auto old = order_.begin(); data_bytes_ > most_data_bytes_ && old != order_.end(); ++old) {
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

    /// About as much as the libraries take for it, many times its text where it has many small values.
    static std::size_t memory_of(const OrderedJson& value) {
        constexpr std::size_t small_value = 48; // one that needs more than its place in a list or an object
        constexpr std::size_t member = 64;      // name and value
        std::size_t sum = value.is_structured() || value.is_string() ? small_value : 0;
        if (value.is_string()) {
            sum += value.get_ref<const std::string&>().size();
        } else if (value.is_structured()) {
            for (const auto& item : value.items()) {
                sum += member + (value.is_object() ? item.key().size() : 0) + memory_of(item.value());
            }
        }
        return sum;
    }

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
            entry.payload["message"] = "the data of the first response is no longer kept";
        }
    }

    std::unordered_map<std::string, Entry> entries_;
    std::deque<Arrival> order_;
    std::size_t data_bytes_ = 0;
    std::size_t most_data_bytes_;
};

} // namespace bambu2mqtt
