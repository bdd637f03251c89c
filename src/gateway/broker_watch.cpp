#include <bambu2mqtt/gateway/broker_watch.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

namespace {

constexpr int packet_too_large = 0x95; // MQTT 5, 3.14.2.1

} // namespace

std::chrono::milliseconds BrokerWatch::down(const BrokerDown& event, Instant now) {
    (void)proven(now);
    const bool had_session = up_since_.has_value();
    const bool too_short = had_session && !proven_;
    up_since_.reset();
    proven_ = false;
    if (!event.refused_filter.empty()) {
        short_in_a_row_ = 0;
        problem_ = event.detail;
    } else if (had_session && event.reason == packet_too_large) {
        short_in_a_row_ = 0;
        problem_ =
            "the broker ended the session because one of the gateway's messages is larger than it accepts "
            "(MQTT reason 0x95, packet too large): raise the broker's limit (Mosquitto: max_packet_size)";
    } else if (too_short) {
        ++short_in_a_row_;
        if (short_in_a_row_ >= short_sessions) {
            problem_ = fmt::format("{} sessions in a row ended within {} s: another client seems to use the "
                                   "same client id '{}' (broker.client_id); the last one ended so: {}",
                                   short_in_a_row_, success_after.count(), client_id_, event.detail);
        }
    } else if (!had_session && short_in_a_row_ > 0) {
        // If the broker cannot be reached at all, no other client ends the sessions.
        short_in_a_row_ = 0;
        problem_.clear();
    }
    if (++failed_in_round_ < nodes_) {
        return backoff_.next_node();
    }
    failed_in_round_ = 0;
    return backoff_.next();
}

bool BrokerWatch::proven(Instant now) {
    if (proven_ || !has_lasted(now)) {
        return false;
    }
    proven_ = true;
    backoff_.reset();
    failed_in_round_ = 0;
    short_in_a_row_ = 0;
    problem_.clear();
    return true;
}

std::optional<Instant> BrokerWatch::deadline() const {
    return up_since_ && !proven_ ? std::optional{*up_since_ + success_after} : std::nullopt;
}

} // namespace bambu2mqtt
