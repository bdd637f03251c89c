// Retained states of earlier runs that are still on the user's broker, and which of them have to go.
#pragma once

#include <bambu2mqtt/port/events.hpp>

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace bambu2mqtt {

/// The topics of one printer that were found on the broker, below its id and below its former ids. Pure.
class StaleTopics {
  public:
    /// Topics of the printer are BASE/ID/...; `former_ids`: ids below which earlier runs may have published
    /// it.
    StaleTopics(std::string base, std::string_view id, std::vector<std::string> former_ids);

    /// A new broker session, which delivered these retained messages: replaces those of the previous session
    /// and requests a cleanup. Returns the messages that are not states: announcements.
    [[nodiscard]] std::vector<Message> found(std::vector<Message> messages);

    /// Drops former ids below which nothing is left; whether there were any.
    bool drop_empty_former_ids();

    /// Former ids below which something may be left; kept over restarts.
    [[nodiscard]] const std::vector<std::string>& former_ids() const noexcept { return former_ids_; }

    /// Whether an earlier run's state is on this topic, and nothing newer is known.
    [[nodiscard]] bool holds(const std::string& topic) const { return states_.contains(topic); }

    /// The same for topics below a former id.
    [[nodiscard]] bool holds_moved(const std::string& topic) const { return moved_.contains(topic); }

    /// Requests a cleanup: entities were removed, or a broker session began.
    void request_cleanup() noexcept { pending_ = true; }

    [[nodiscard]] bool cleanup_pending() const noexcept { return pending_; }

    /// The cleanup: topics that have to be cleared, sorted: all below former ids, and those that are not
    /// `wanted`. `kept`: topics of units that are not plugged in, which have nothing newer; the others count
    /// as not found from now on.
    [[nodiscard]] std::vector<std::string> clean_up(const std::unordered_set<std::string>& wanted,
                                                    const std::vector<std::string>& kept);

    /// All topics, below the id and below former ids, in no order.
    [[nodiscard]] std::vector<std::string> topics() const;

  private:
    std::string base_;
    std::string root_; ///< BASE/ID/
    std::vector<std::string> former_ids_;
    std::unordered_set<std::string> states_;
    std::unordered_set<std::string> moved_; ///< below former ids
    bool pending_ = true;
};

} // namespace bambu2mqtt
