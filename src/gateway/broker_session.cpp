#include "gateway/broker_session.hpp"

#include "gateway/earliest_of.hpp"
#include <bambu2mqtt/topic/topics.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Time for publishing bridge/health before something is done that may end the session again.
constexpr auto problem_published_within = 1s;

/// What to do about a refused message, by its reason code (MQTT 5, 3.4.2.1).
std::string_view refusal_advice(int reason) {
    switch (reason) {
    case 0x87:
        return ", not authorized: check the rights of broker.username";
    case 0x95:
        return ", packet too large: raise the broker's limit (Mosquitto: message_size_limit)";
    default:
        return "";
    }
}

LogLine broker_line(Level level, std::string text) {
    return LogLine{level, "broker", std::move(text)};
}

} // namespace

BrokerSession::BrokerSession(const BridgeSettings& settings, BridgeHealth& health)
    : settings_(settings), health_(health), watch_(settings.seed, settings.client_id, settings.broker_nodes),
      scan_(settings) {}

void BrokerSession::handle(const BrokerUp& event, Now now, Effects& effects) {
    watch_.up(now.instant);
    retry_at_.reset();
    phase_ = Phase::listening;
    retain_as_published_ = event.retain_as_published;
    scan_.begin(now.instant);
    fault_.clear();
    if (problem().empty()) { // otherwise only a session that lasts is logged
        effects.push_back(
            broker_line(Level::info, noted_ == Noted::outage ? "connected again" : "connected"));
        noted_ = Noted::connected;
    }
    listen_to_own(true, effects);
}

void BrokerSession::handle(const BrokerDown& event, Now now, Effects& effects) {
    phase_ = Phase::down;
    commands_from_.reset();
    const auto former_problem = problem();
    retry_at_ = now.instant + watch_.down(event, now.instant);
    fault_ = event.detail;
    if (noted_ == Noted::nothing || noted_ == Noted::connected) {
        noted_ = noted_ == Noted::connected ? Noted::outage : Noted::outage_at_start;
        effects.push_back(
            broker_line(Level::warning, fmt::format("not connected: {}; retrying", event.detail)));
    }
    if (problem() != former_problem) {
        health_.request(now.instant);
        if (former_problem.empty()) {
            effects.push_back(broker_line(Level::warning, problem()));
        }
    }
}

void BrokerSession::refused(std::string_view topic, int reason, Now now, Effects& effects) {
    if (!fault_.empty()) {
        return; // not the first of this session
    }
    fault_ = fmt::format("the broker refused a message on '{}' (MQTT reason 0x{:02x}{})", topic, reason,
                         refusal_advice(reason));
    effects.push_back(
        broker_line(Level::warning, fault_ + "; further refusals in this session are not logged"));
    health_.request(now.instant);
}

/// The queue was full.
void BrokerSession::handle(const BrokerMessagesLost& event, Now now, Effects& effects) {
    messages_lost_ += event.count;
    if (loss_noted_.take(now.instant)) {
        effects.push_back(broker_line(
            Level::warning,
            fmt::format("{} messages arrived faster than they could be processed and were dropped",
                        std::exchange(messages_lost_, 0))));
    }
}

void BrokerSession::handle_retained(const BrokerMessage& message, Instant now) {
    if (phase_ == Phase::listening) {
        scan_.take(message, now);
    }
}

std::optional<FoundMessages::Found> BrokerSession::tick(Now now, Effects& effects) {
    std::optional<FoundMessages::Found> found;
    if (retry_at_ && now.instant >= *retry_at_) {
        retry_at_.reset();
        effects.push_back(ConnectBroker{});
    }
    if (phase_ == Phase::listening && scan_.over(now.instant)) {
        found = open_now(now, effects);
    }
    if (commands_from_ && now.instant >= *commands_from_) {
        commands_from_.reset();
        listen_to_commands(effects);
    }
    // A session that lasts is a success.
    const bool doubtful = !problem().empty();
    if (watch_.proven(now.instant) && doubtful) {
        health_.request(now.instant);
        effects.push_back(broker_line(Level::info, "the connection is stable again"));
        noted_ = Noted::connected;
    }
    return found;
}

std::optional<Instant> BrokerSession::deadline() const {
    return earliest_of({retry_at_, commands_from_, watch_.deadline(),
                        phase_ == Phase::listening ? std::optional{scan_.deadline()} : std::nullopt});
}

std::optional<Message> BrokerSession::next_marker() {
    return phase_ == Phase::listening ? scan_.next_marker() : std::nullopt;
}

/// Commands are subscribed to after the wide subscription has ended, so that no message is received twice.
/// While there is a problem with the broker bridge/health is published first: a refused subscription ends
/// the session.
FoundMessages::Found BrokerSession::open_now(Now now, Effects& effects) {
    phase_ = Phase::open;
    listen_to_own(false, effects);
    if (problem().empty()) {
        listen_to_commands(effects);
    } else {
        commands_from_ = now.instant + problem_published_within;
    }
    auto found = scan_.found();
    if (found.left_out > 0) {
        effects.push_back(broker_line(
            Level::warning,
            fmt::format("{} retained messages of earlier runs are left as they are: more are on the "
                        "broker than an earlier run can have published",
                        found.left_out)));
    }
    return found;
}

/// Filters that match all our topics.
void BrokerSession::listen_to_own(bool begin, Effects& effects) const {
    const auto& discovery = settings_.discovery;
    for (const auto& filter : {discovery.base_topic + "/#", discovery.prefix + "/+/+/config"}) {
        effects.push_back(ListenTo{filter, begin});
    }
}

/// Subscribes to the command topics of all printers.
void BrokerSession::listen_to_commands(Effects& effects) const {
    for (auto& filter : command_topic_filters(settings_.discovery.base_topic)) {
        effects.push_back(ListenTo{std::move(filter), true, Interest::commands});
    }
}

} // namespace bambu2mqtt
