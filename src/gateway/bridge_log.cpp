#include "gateway/bridge_log.hpp"

#include <bambu2mqtt/base/json.hpp>
#include <bambu2mqtt/topic/printer_id.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

void BridgeLog::broker_down() {
    state_ = State::closed;
    dropped_ += waiting_.size();
    waiting_.clear();
}

void BridgeLog::refused() {
    state_ = State::refused;
    dropped_ += waiting_.size();
    waiting_.clear();
}

void BridgeLog::add(LogWritten line) {
    dropped_ += line.lost;
    if (state_ == State::open && waiting_.size() < most_waiting) {
        waiting_.push_back(std::move(line));
    } else {
        ++dropped_;
    }
}

std::optional<Message> BridgeLog::next(Now now) {
    if (const auto when = due(); !when || *when > now.instant) {
        return std::nullopt;
    }
    LogWritten line{.time = now.wall, .level = Level::warning};
    if (waiting_.empty()) {
        line.text = fmt::format("{} lines are not here, as there was no session with the broker or more than "
                                "{} came in a second: see the log of the gateway",
                                std::exchange(dropped_, 0), most_per_second);
    } else {
        line = std::move(waiting_.front());
        waiting_.pop_front();
    }
    sent_.push_back(now.instant);
    if (sent_.size() > most_per_second) {
        sent_.pop_front();
    }
    return Message{topic_, log_payload(line), false};
}

std::optional<Instant> BridgeLog::due() const {
    if (state_ != State::open || (waiting_.empty() && dropped_ == 0)) {
        return std::nullopt;
    }
    return sent_.size() < most_per_second ? Instant{} : sent_.front() + 1s;
}

std::string log_payload(const LogWritten& line) {
    std::string_view text = line.text;
    std::string_view area = "gateway";
    if (const auto colon = text.find(": ");
        colon != std::string_view::npos && is_plain_level(text.substr(0, colon))) {
        area = text.substr(0, colon);
        text.remove_prefix(colon + 2);
    }
    return json_text(OrderedJson{{"time", rfc3339(line.time)},
                                 {"level", line.level == Level::error ? "error" : "warning"},
                                 {"area", area},
                                 {"text", text}});
}

} // namespace bambu2mqtt
