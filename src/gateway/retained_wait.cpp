#include <bambu2mqtt/gateway/retained_wait.hpp>

#include <algorithm>
#include <utility>

namespace bambu2mqtt {

namespace {

using namespace std::chrono_literals;

constexpr auto silent_for = 500ms;
constexpr auto longest = 30s;
constexpr auto after_marker = 20ms;

} // namespace

void RetainedWait::begin(std::string marker, Instant now) {
    *this = {};
    marker_ = std::move(marker);
    begun_ = now;
    last_ = now;
}

void RetainedWait::retained_arrived(Instant now) {
    any_ = true;
    last_ = now;
    marker_at_.reset(); // this broker does not keep the order
}

void RetainedWait::marker_arrived(std::string_view payload, Instant now) {
    if (any_ && payload == marker_) {
        marker_at_ = now;
    }
}

Instant RetainedWait::deadline() const {
    const auto by_silence = std::min<Instant>(last_ + silent_for, begun_ + longest);
    return marker_at_ ? std::min<Instant>(*marker_at_ + after_marker, by_silence) : by_silence;
}

} // namespace bambu2mqtt
