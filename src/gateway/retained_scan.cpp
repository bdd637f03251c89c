#include "gateway/retained_scan.hpp"

#include <bambu2mqtt/topic/topics.hpp>

#include <fmt/format.h>

#include <utility>

namespace bambu2mqtt {

FoundMessages look_for_own(const BridgeSettings& settings) {
    FoundMessages found{settings.discovery};
    for (const auto& printer : settings.printers) {
        const auto& names = printer.names;
        found.serves(names.serial, names.id, printer.former_ids);
    }
    for (const auto& printer : settings.former) {
        found.served(printer.serial, printer.id);
    }
    return found;
}

RetainedScan::RetainedScan(const BridgeSettings& settings)
    : settings_(settings), marker_topic_(BridgeTopics{settings.discovery.base_topic}.marker()) {}

void RetainedScan::begin(Instant now) {
    found_ = look_for_own(settings_);
    wait_.begin(fmt::format("{:08x}-{}", settings_.seed, ++markers_), now);
    marker_due_ = true;
}

std::optional<Message> RetainedScan::next_marker() {
    if (!std::exchange(marker_due_, false)) {
        return std::nullopt;
    }
    return Message{
        .topic = marker_topic_, .payload = wait_.marker(), .retain = false, .qos = Qos::at_most_once};
}

void RetainedScan::take(const BrokerMessage& message, Instant now) {
    if (message.topic == marker_topic_) {
        wait_.marker_arrived(message.payload, now);
    } else if (message.retained && !message.payload.empty()) {
        wait_.retained_arrived(now);
        found_.take(message);
    }
}

} // namespace bambu2mqtt
