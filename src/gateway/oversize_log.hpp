// Log lines about messages that are larger than the user's broker accepts.
#pragma once

#include <bambu2mqtt/port/effects.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bambu2mqtt {

/// A packet that is larger than the broker accepts, in bytes.
struct OversizedPacket {
    std::size_t bytes = 0;
    std::size_t limit = 0; ///< of the broker (MQTT 5: Maximum Packet Size)
};

/// One warning for each topic, until the broker's limit is another one or the size has passed the next power
/// of two. Topics and sizes of responses are chosen by clients, so both are limited: the topics that are not
/// remembered share one warning.
class OversizeLog {
  public:
    static constexpr std::size_t most_topics = 256;

    /// The warning about a message that is not sent; nothing if its topic has had it. `advice`: what else
    /// than a higher limit helps, for people; may be empty.
    [[nodiscard]] std::optional<LogLine> note(std::string_view topic, OversizedPacket packet,
                                              std::string_view advice);

  private:
    std::size_t limit_ = 0;                          ///< that the rest applies to
    std::map<std::string, int, std::less<>> topics_; ///< the most bits of a size that was logged
    bool full_noted_ = false;
};

} // namespace bambu2mqtt
