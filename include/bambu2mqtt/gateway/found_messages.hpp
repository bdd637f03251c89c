// Retained messages of earlier runs, sorted while they arrive at the start of a broker session: whose each
// is. Keeps only what is ours, and only so much of it.
#pragma once

#include <bambu2mqtt/homeassistant/discovery.hpp>
#include <bambu2mqtt/port/events.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bambu2mqtt {

class FoundMessages {
  public:
    /// Bytes that are kept, topics and announcements together: so much, and so much more for each printer. A
    /// printer with four AMS units has some 200 topics and 80 kB of announcements.
    static constexpr std::size_t most_bytes = 2UL * 1024 * 1024;
    static constexpr std::size_t most_bytes_per_printer = 256UL * 1024;

    /// Bytes of an announcement of ours; a larger one is none. Theirs are below 100 kB.
    static constexpr std::size_t largest_announcement = 512UL * 1024;

    /// What was found, without payloads but for announcements.
    struct Found {
        std::vector<std::vector<Message>> of_printers{}; ///< by the index given to serves()
        std::vector<std::string> of_bridge{};            ///< topics of the bridge's own announcements
        std::vector<Message> of_former_announcements{};  ///< of printers that are no longer served
        std::vector<Message> of_former_states{};         ///< the same
        std::size_t left_out = 0;                        ///< messages of ours beyond the bounds
    };

    FoundMessages() = default;

    explicit FoundMessages(DiscoverySettings settings) : settings_(std::move(settings)) {}

    /// A printer that is served, with the ids under which earlier runs published it.
    void serves(const std::string& serial, const std::string& id, const std::vector<std::string>& former_ids);

    /// A printer that an earlier run served. After all that are served.
    void served(const std::string& serial, const std::string& id);

    /// A retained message with content, below our base topic or the discovery prefix.
    void take(const BrokerMessage& message);

    /// What was found since the last call.
    [[nodiscard]] Found found();

  private:
    void keep(std::string_view owner, Message message, bool is_state);
    [[nodiscard]] bool has_room(std::size_t bytes);

    DiscoverySettings settings_;
    std::unordered_map<std::string, std::size_t>
        owners_; ///< by id and by serial; former ones beyond the last
    std::vector<std::string> serials_;
    std::size_t printers_ = 0; ///< that are served
    std::size_t former_ = 0;
    std::size_t bytes_ = 0;
    Found found_;
};

} // namespace bambu2mqtt
