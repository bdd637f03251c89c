#include "gateway/earliest_of.hpp"
#include <bambu2mqtt/gateway/connection.hpp>

#include <string>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Allowed silence after the subscription before the serial is suspected.
constexpr auto first_report_within = 30s;

/// A first report that is partial is shown as current if no full one follows within this time.
constexpr auto full_report_within = 10s;

constexpr auto job_start_grace = 180s;

/// While the state is incomplete a full report is requested again after this time.
constexpr auto retry_incomplete = 30s;

} // namespace

Timeouts timeouts_for(Family family) {
    const bool changes_only =
        family == Family::p1 || family == Family::a1 || family == Family::a2 || family == Family::unknown;
    if (changes_only) {
        return Timeouts{.stale = 90s, .nudge = 60s, .rebuild = 90s, .pushall_every = 300s};
    }
    return Timeouts{.stale = 30s, .nudge = 30s, .rebuild = 60s, .pushall_every = 30s};
}

/// The connection, while it is up and its reports are wanted.
Connection::Up* Connection::listening() {
    return hold_ == Hold::none ? std::get_if<Up>(&link_) : nullptr;
}

const Connection::Up* Connection::listening() const {
    return hold_ == Hold::none ? std::get_if<Up>(&link_) : nullptr;
}

void Connection::up(Instant now, Family family, ConnectionActions& actions) {
    if (hold_ != Hold::none) {
        link_ = Down{};
        actions.push_back(ConnectionAction::disconnect); // paused while connecting
        return;
    }
    places_.reached();
    link_ = Up{.since = now, .check_at = now + first_report_within};
    if (timeouts_for(family).pushall_every <= retry_incomplete) {
        last_pushall_.reset(); // such a printer tolerates one with each connection
    }
    actions.push_back(ConnectionAction::get_version);
    want_full(now, family, actions);
}

void Connection::report(Extent extent, Instant now, Family family, ConnectionActions& actions) {
    auto* const up = listening();
    if (up == nullptr) {
        return; // of an abandoned connection
    }
    if (!up->last_report) {
        backoff_.reset();
        up->check_at = now + full_report_within;
    }
    up->last_report = now;
    up->nudged = false;
    grace_until_.reset();
    if (extent == Extent::full) {
        up->trusted = true;
        up->full_at.reset();
    }
    if (up->trusted) {
        state_ = ConnectionState::connected;
        error_.clear();
        up->check_at = now + timeouts_for(family).nudge;
    } else if (!up->full_at) {
        want_full(now, family, actions);
    }
}

void Connection::alive(Instant now, Family family) {
    const auto timeouts = timeouts_for(family);
    auto* const up = listening();
    if (up == nullptr || !up->last_report || !up->trusted || timeouts.nudge >= timeouts.stale) {
        return;
    }
    up->last_report = now;
    up->nudged = false;
    up->check_at = now + timeouts.nudge;
}

void Connection::want_full(Instant now, Family family, ConnectionActions& actions) {
    auto* const up = listening();
    if (up == nullptr) {
        return;
    }
    const std::chrono::seconds gap = up->trusted ? timeouts_for(family).pushall_every : retry_incomplete;
    if (!last_pushall_ || now - *last_pushall_ >= gap) {
        last_pushall_ = now;
        actions.push_back(ConnectionAction::pushall);
    }
    up->full_at = *last_pushall_ + gap;
}

std::chrono::seconds Connection::full_report_in(Instant now, Family family) const {
    const auto every = timeouts_for(family).pushall_every;
    if (!last_pushall_ || now - *last_pushall_ >= every) {
        return 0s;
    }
    return std::chrono::ceil<std::chrono::seconds>(*last_pushall_ + every - now);
}

void Connection::pause(ConnectionActions& actions) {
    if (listening() != nullptr) {
        actions.push_back(ConnectionAction::ignore);
    }
    hold();
}

void Connection::quit(ConnectionActions& actions) {
    actions.push_back(ConnectionAction::disconnect);
    link_ = Down{};
    hold();
    hold_ = Hold::closed;
}

/// Neither pause() nor quit() leaves a deadline.
void Connection::hold() {
    if (hold_ == Hold::none) {
        hold_ = Hold::paused;
    }
    state_ = ConnectionState::paused;
    error_.clear();
    if (std::holds_alternative<Down>(link_)) {
        link_ = Down{};
    }
}

void Connection::resume(Instant now, Family family, ConnectionActions& actions) {
    if (hold_ == Hold::none) {
        return;
    }
    hold_ = Hold::none;
    state_ = ConnectionState::connecting;
    if (std::holds_alternative<Up>(link_)) {
        actions.push_back(ConnectionAction::listen);
        up(now, family, actions);
    } else if (std::holds_alternative<Down>(link_)) { // an attempt that has already started continues
        start(now, actions);
    }
}

void Connection::command_sent(Instant now, Family family) {
    if (auto* const up = std::get_if<Up>(&link_)) {
        up->commands.sent(now, family);
    }
}

void Connection::command_unanswered(Instant now, ConnectionActions& actions) {
    if (auto* const up = listening(); up != nullptr && up->commands.unanswered(now)) {
        actions.push_back(ConnectionAction::get_version);
    }
}

void Connection::answered() {
    if (auto* const up = std::get_if<Up>(&link_)) {
        up->commands.answered();
    }
}

ReconnectReason Connection::reconnect_reason() const {
    const auto* const up = listening();
    return up != nullptr ? up->commands.reconnect_reason() : ReconnectReason::no;
}

void Connection::job_started(Instant now, Family family) {
    if (family == Family::p1 || family == Family::a1) {
        grace_until_ = now + job_start_grace;
    }
}

void Connection::tick(Instant now, Family family, ConnectionActions& actions) {
    check_clock(now);
    if (const auto due = retry_at(); due && now >= *due) {
        start(now, actions);
        return;
    }
    auto* const up = listening();
    if (up == nullptr) {
        return;
    }
    up->commands.tick(now, up->last_report);
    if (up->full_at && now >= *up->full_at) {
        want_full(now, family, actions);
    }
    if (up->check_at && now >= *up->check_at) {
        check_silence(*up, now, family, actions);
    }
}

/// `up` is gone afterwards where the connection was lost.
void Connection::check_silence(Up& up, Instant now, Family family, ConnectionActions& actions) {
    if (!up.last_report) {
        state_ = ConnectionState::no_reports;
        error_ = "logged in, but no report received";
        up.check_at = now + first_report_within;
        if (now - up.since > 2 * first_report_within) {
            lose(now, actions, error_);
        }
        return;
    }
    if (!up.trusted) { // only partial reports arrived; they must suffice
        up.trusted = true;
        state_ = ConnectionState::connected;
        error_.clear();
    }
    const auto timeouts = timeouts_for(family);
    const auto silence = now - *up.last_report;
    if (grace_until_ && now < *grace_until_) {
        up.check_at = *grace_until_;
        return;
    }
    if (silence >= timeouts.stale) {
        state_ = ConnectionState::stale;
        error_ = "no report for " +
                 std::to_string(std::chrono::duration_cast<std::chrono::seconds>(silence).count()) + " s";
        if (places_.has_news(now)) {
            move(now, actions);
            return;
        }
    }
    if (silence >= timeouts.rebuild) {
        lose(now, actions, error_);
        return;
    }
    if (silence >= timeouts.nudge && !up.nudged) {
        up.nudged = true;
        actions.push_back(ConnectionAction::get_version);
    }
    up.check_at = *up.last_report + (silence >= timeouts.nudge ? timeouts.rebuild : timeouts.nudge);
}

std::optional<Instant> Connection::deadline() const {
    const auto* const down = std::get_if<Down>(&link_);
    if (down != nullptr) {
        return earliest_of(
            {down->retry_at, waits_for_clock() ? down->clock_check_at : std::optional<Instant>{}});
    }
    const auto* const up = listening();
    return up != nullptr ? earliest_of({up->full_at, up->check_at, up->commands.deadline()}) : std::nullopt;
}

} // namespace bambu2mqtt
