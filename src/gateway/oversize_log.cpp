#include "gateway/oversize_log.hpp"

#include <fmt/format.h>

#include <bit>
#include <utility>

namespace bambu2mqtt {

std::optional<LogLine> OversizeLog::note(std::string_view topic, OversizedPacket packet,
                                         std::string_view advice) {
    if (packet.limit != limit_) {
        limit_ = packet.limit;
        topics_.clear();
        full_noted_ = false;
    }
    const int bits = static_cast<int>(std::bit_width(packet.bytes));
    const auto known = topics_.find(topic);
    if (known != topics_.end() && known->second >= bits) {
        return std::nullopt;
    }
    const bool full = known == topics_.end() && topics_.size() >= most_topics;
    if (full && std::exchange(full_noted_, true)) {
        return std::nullopt;
    }
    if (!full) {
        topics_.insert_or_assign(std::string{topic}, bits);
    }
    return LogLine{
        Level::warning, "broker",
        fmt::format("a message on '{}' is not sent: its packet of {} bytes is larger than the {} "
                    "bytes that the broker accepts; raise that limit (Mosquitto: max_packet_size){}{}",
                    topic.substr(0, 256), packet.bytes, packet.limit, advice,
                    full ? "; further topics are not logged" : "")};
}

} // namespace bambu2mqtt
