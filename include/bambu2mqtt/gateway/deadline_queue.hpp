// Deadlines of many members, ordered by time.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <cstddef>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// At most one deadline per member; finding the first and moving one takes logarithmic time.
class DeadlineQueue {
  public:
    explicit DeadlineQueue(std::size_t members) : moments_(members) {}

    /// Sets the deadline of `member`; nothing: none.
    void set(std::size_t member, std::optional<Instant> moment) {
        auto& current = moments_[member];
        if (current == moment) {
            return;
        }
        if (current) {
            order_.erase({*current, member});
        }
        if (moment) {
            order_.insert({*moment, member});
        }
        current = moment;
    }

    /// The member with the earliest deadline.
    [[nodiscard]] std::optional<std::pair<Instant, std::size_t>> first() const {
        return order_.empty() ? std::nullopt : std::optional{*order_.begin()};
    }

  private:
    std::vector<std::optional<Instant>> moments_;
    std::set<std::pair<Instant, std::size_t>> order_;
};

} // namespace bambu2mqtt
