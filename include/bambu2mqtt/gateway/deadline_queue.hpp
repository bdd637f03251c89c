// Deadlines of many members, ordered by time.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace bambu2mqtt {

/// At most one deadline per member; finding the first and moving one takes logarithmic time. Members that
/// take turns (served()) are due in the order in which they were served: a member that is always due does not
/// keep others from being first.
class DeadlineQueue {
  public:
    explicit DeadlineQueue(std::size_t members) : members_(members) {}

    /// Sets the deadline of `member`; nothing: none. It counts from the last time the member was served.
    void set(std::size_t member, std::optional<Instant> moment) {
        auto& current = members_[member];
        const auto effective = moment ? std::optional{std::max(*moment, current.served_at)} : std::nullopt;
        if (current.moment == effective) {
            return;
        }
        remove(member);
        current.moment = effective;
        insert(member);
    }

    /// `member` had its turn: it comes after all others that are due at `now`, whatever deadline it has or is
    /// given later.
    void served(std::size_t member, Instant now) {
        remove(member);
        auto& current = members_[member];
        current.served_at = now;
        current.turn = ++turns_;
        if (current.moment) {
            current.moment = std::max(*current.moment, now);
        }
        insert(member);
    }

    /// The member with the earliest deadline; of several, the one that was served longest ago.
    [[nodiscard]] std::optional<std::pair<Instant, std::size_t>> first() const {
        if (order_.empty()) {
            return std::nullopt;
        }
        const auto& [moment, turn, member] = *order_.begin();
        return std::pair{moment, member};
    }

  private:
    struct Member {
        std::optional<Instant> moment{};
        Instant served_at{}; ///< the last time
        std::uint64_t turn = 0;
    };

    void insert(std::size_t member) {
        if (const auto& [moment, served_at, turn] = members_[member]; moment) {
            order_.emplace(*moment, turn, member);
        }
    }

    void remove(std::size_t member) {
        if (const auto& [moment, served_at, turn] = members_[member]; moment) {
            order_.erase({*moment, turn, member});
        }
    }

    std::vector<Member> members_;
    std::set<std::tuple<Instant, std::uint64_t, std::size_t>> order_;
    std::uint64_t turns_ = 0; ///< of all members
};

} // namespace bambu2mqtt
