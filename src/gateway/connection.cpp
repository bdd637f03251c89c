#include <bambu2mqtt/gateway/connection.hpp>

#include <algorithm>
#include <array>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// After the subscription: as long as this a printer may be silent before the serial is doubted.
constexpr auto first_report_within = 30s;

/// A first report that is partial is shown as current when no full one follows within this time.
constexpr auto full_report_within = 10s;

constexpr auto job_start_grace = 180s;

/// A P1's session is replaced by a new one after so many commands, when the last one is so long ago.
constexpr int commands_per_session = 4;
constexpr auto quiet_after_command = 30s;

/// Within this a printer answers get_version.
constexpr auto answer_within = 10s;

/// While the state has holes a full report is asked for again after this time.
constexpr auto retry_incomplete = 30s;

void earliest(std::optional<Instant>& result, const std::optional<Instant>& candidate) {
    if (candidate && (!result || *candidate < *result)) {
        result = candidate;
    }
}

} // namespace

Timeouts timeouts_for(Family family) {
    const bool changes_only =
        family == Family::p1 || family == Family::a1 || family == Family::a2 || family == Family::unknown;
    if (changes_only) {
        return Timeouts{.stale = 90s, .nudge = 60s, .rebuild = 90s, .pushall_every = 300s};
    }
    return Timeouts{.stale = 30s, .nudge = 30s, .rebuild = 60s, .pushall_every = 30s};
}

void Connection::up(Instant now, Family family, ConnectionActions& actions) {
    under_way_ = false;
    if (paused_) {
        actions.push_back(ConnectionAction::disconnect); // paused while it was being made
        return;
    }
    places_.reached();
    retry_at_.reset();
    up_since_ = now;
    last_report_.reset();
    nudged_ = false;
    trusted_ = false;
    answer_until_.reset();
    half_open_ = false;
    command_budget_spent_ = false;
    commands_ = 0;
    check_at_ = now + first_report_within;
    if (timeouts_for(family).pushall_every <= retry_incomplete) {
        last_pushall_.reset(); // such a printer bears one with each connection
    }
    actions.push_back(ConnectionAction::get_version);
    want_full(now, family, actions);
}

void Connection::report(Extent extent, Instant now, Family family, ConnectionActions& actions) {
    if (!up_since_ || paused_) {
        return; // of a connection that was given up
    }
    if (!last_report_) {
        backoff_.reset();
        check_at_ = now + full_report_within;
    }
    last_report_ = now;
    nudged_ = false;
    grace_until_.reset();
    if (extent == Extent::full) {
        trusted_ = true;
        full_at_.reset();
    }
    if (trusted_) {
        state_ = ConnectionState::connected;
        error_.clear();
        check_at_ = now + timeouts_for(family).nudge;
    } else if (!full_at_) {
        want_full(now, family, actions);
    }
}

void Connection::alive(Instant now, Family family) {
    const auto timeouts = timeouts_for(family);
    if (!up_since_ || paused_ || !last_report_ || !trusted_ || timeouts.nudge >= timeouts.stale) {
        return;
    }
    last_report_ = now;
    nudged_ = false;
    check_at_ = now + timeouts.nudge;
}

void Connection::want_full(Instant now, Family family, ConnectionActions& actions) {
    if (!up_since_ || paused_) {
        return;
    }
    const std::chrono::seconds gap = trusted_ ? timeouts_for(family).pushall_every : retry_incomplete;
    if (!last_pushall_ || now - *last_pushall_ >= gap) {
        last_pushall_ = now;
        actions.push_back(ConnectionAction::pushall);
    }
    full_at_ = *last_pushall_ + gap;
}

std::chrono::seconds Connection::full_report_in(Instant now, Family family) const {
    const auto every = timeouts_for(family).pushall_every;
    if (!last_pushall_ || now - *last_pushall_ >= every) {
        return 0s;
    }
    return std::chrono::ceil<std::chrono::seconds>(*last_pushall_ + every - now);
}

void Connection::pause(ConnectionActions& actions) {
    if (up_since_ && !paused_) {
        actions.push_back(ConnectionAction::ignore);
    }
    hold();
}

void Connection::quit(ConnectionActions& actions) {
    actions.push_back(ConnectionAction::disconnect);
    up_since_.reset();
    under_way_ = false;
    hold();
    closed_ = true;
}

/// Neither pause() nor quit() leaves anything that is due.
void Connection::hold() {
    paused_ = true;
    state_ = ConnectionState::paused;
    error_.clear();
    retry_at_.reset();
    check_at_.reset();
    full_at_.reset();
    answer_until_.reset();
}

void Connection::resume(Instant now, Family family, ConnectionActions& actions) {
    if (!paused_) {
        return;
    }
    paused_ = false;
    closed_ = false;
    state_ = ConnectionState::connecting;
    if (!up_since_) {
        if (!under_way_) { // an attempt that was begun before is gone on with
            start(now, actions);
        }
        return;
    }
    actions.push_back(ConnectionAction::listen);
    up(now, family, actions);
}

void Connection::command_sent(Instant now, Family family) {
    last_command_ = now;
    commands_ += family == Family::p1 ? 1 : 0;
}

void Connection::command_unanswered(Instant now, ConnectionActions& actions) {
    if (up_since_ && !paused_ && !answer_until_) {
        answer_until_ = now + answer_within;
        actions.push_back(ConnectionAction::get_version);
    }
}

void Connection::answered() {
    answer_until_.reset();
    half_open_ = false;
}

ReconnectReason Connection::reconnect_reason() const {
    if (!up_since_ || paused_) {
        return ReconnectReason::no;
    }
    return half_open_              ? ReconnectReason::half_open
           : command_budget_spent_ ? ReconnectReason::command_budget
                                   : ReconnectReason::no;
}

/// Whether the session has carried enough commands, and only waits for quiet.
bool Connection::has_command_budget() const {
    return commands_ >= commands_per_session && last_command_ && !command_budget_spent_;
}

void Connection::job_started(Instant now, Family family) {
    if (family == Family::p1 || family == Family::a1) {
        grace_until_ = now + job_start_grace;
    }
}

void Connection::tick(Instant now, Family family, ConnectionActions& actions) {
    check_clock(now);
    if (retry_at_ && now >= *retry_at_) {
        start(now, actions);
        return;
    }
    if (!up_since_ || paused_) {
        return;
    }
    if (answer_until_ && now >= *answer_until_) {
        // A printer that is silent altogether is another matter, see below.
        half_open_ = last_report_ && *last_report_ > *answer_until_ - answer_within;
        answer_until_.reset();
    }
    if (has_command_budget() && now >= *last_command_ + quiet_after_command) {
        command_budget_spent_ = true;
    }
    if (full_at_ && now >= *full_at_) {
        want_full(now, family, actions);
    }
    if (!check_at_ || now < *check_at_) {
        return;
    }
    if (!last_report_) {
        state_ = ConnectionState::no_reports;
        error_ = "logged in, but no report came";
        check_at_ = now + first_report_within;
        if (now - *up_since_ > 2 * first_report_within) {
            lose(now, actions, error_);
        }
        return;
    }
    if (!trusted_) { // only partial reports came; they will have to do
        trusted_ = true;
        state_ = ConnectionState::connected;
        error_.clear();
    }
    const auto timeouts = timeouts_for(family);
    const auto silence = now - *last_report_;
    if (grace_until_ && now < *grace_until_) {
        check_at_ = *grace_until_;
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
    if (silence >= timeouts.nudge && !nudged_) {
        nudged_ = true;
        actions.push_back(ConnectionAction::get_version);
    }
    check_at_ = *last_report_ + (silence >= timeouts.nudge ? timeouts.rebuild : timeouts.nudge);
}

std::optional<Instant> Connection::deadline() const {
    std::optional<Instant> result;
    earliest(result, retry_at_);
    if (waits_for_clock()) {
        earliest(result, clock_check_at_);
    }
    if (up_since_ && !paused_) {
        earliest(result, full_at_);
        earliest(result, check_at_);
        earliest(result, answer_until_);
        if (has_command_budget()) {
            earliest(result, *last_command_ + quiet_after_command);
        }
    }
    return result;
}

} // namespace bambu2mqtt
