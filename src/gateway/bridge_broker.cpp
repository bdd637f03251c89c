// The bridge's session with the user's broker: begins, becomes stable, or ends.
#include <bambu2mqtt/base/overloaded.hpp>
#include <bambu2mqtt/gateway/bridge.hpp>

#include <fmt/format.h>

#include <variant>

namespace bambu2mqtt {

/// A faulty message of the broker affects only this message.
void Bridge::handle_broker(const Event& event, Now now, Effects& effects) {
    const Overloaded take{
        [&](const BrokerUp& up) { broker_up_event(up, now, effects); },
        [&](const BrokerDown& down) { broker_down_event(down, now, effects); },
        [&](const BrokerMessage& message) { on_message(message, now, effects); },
        [&](const BrokerMessagesLost& lost) { messages_lost(lost, now, effects); },
        [&](const Published& published) { acknowledged(published, now, effects); },
        [](const auto&) {}, // a printer's
    };
    try {
        std::visit(take, event.body);
    } catch (const std::exception& error) {
        count_internal_error(now);
        effects.push_back(
            LogLine{Level::error, "broker",
                    fmt::format("internal error, a message from the broker is dropped: {}", error.what())});
    }
}

void Bridge::broker_up_event(const BrokerUp& event, Now now, Effects& effects) {
    watch_.up(now.instant);
    retry_at_.reset();
    phase_ = Phase::listening;
    retain_as_published_ = event.retain_as_published;
    window_.reset(event.window);
    link_has_room_ = true;
    refusal_noted_ = false;
    found_ = look_for_own();
    retained_wait_.begin(fmt::format("{:08x}-{}", settings_.seed, ++markers_), now.instant);
    marker_due_ = true;
    if (watch_.problem().empty()) { // otherwise only a session that lasts is logged
        effects.push_back(LogLine{Level::info, "broker", outage_noted_ ? "connected again" : "connected"});
        outage_noted_ = false;
    }
    listen(true, effects);
}

void Bridge::broker_down_event(const BrokerDown& event, Now now, Effects& effects) {
    phase_ = Phase::down;
    window_.reset(1);
    first_.clear();
    pending_clears_.clear();
    bridge_review_at_.reset();
    commands_from_.reset();
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        guarded(i, now, [](PrinterSession& session) { session.broker_down(); });
    }
    const auto problem = watch_.problem();
    retry_at_ = now.instant + watch_.down(event, now.instant);
    if (!outage_noted_) {
        outage_noted_ = true;
        effects.push_back(
            LogLine{Level::warning, "broker", fmt::format("not connected: {}; retrying", event.detail)});
    }
    if (watch_.problem() != problem) {
        health_at_ = now.instant;
        if (problem.empty()) {
            effects.push_back(LogLine{Level::warning, "broker", watch_.problem()});
        }
    }
}

/// A session that lasts is a success.
void Bridge::update_broker(Now now, Effects& effects) {
    const bool doubtful = !watch_.problem().empty();
    if (watch_.proven(now.instant) && doubtful) {
        health_at_ = now.instant;
        effects.push_back(LogLine{Level::info, "broker", "the connection is stable again"});
        outage_noted_ = false;
    }
}

} // namespace bambu2mqtt
