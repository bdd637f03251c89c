#include "gateway/command_health.hpp"

#include "gateway/earliest_of.hpp"

#include <chrono>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// A P1's session is replaced after this number of commands, this long after the last one.
constexpr int commands_per_session = 4;
constexpr auto quiet_after_command = 30s;

/// A printer answers get_version within this time.
constexpr auto answer_within = 10s;

} // namespace

void CommandHealth::sent(Instant now, Family family) {
    last_command_ = now;
    commands_ += family == Family::p1 ? 1 : 0;
}

bool CommandHealth::unanswered(Instant now) {
    if (answer_until_) {
        return false;
    }
    answer_until_ = now + answer_within;
    return true;
}

void CommandHealth::answered() noexcept {
    answer_until_.reset();
    half_open_ = false;
}

/// When the session has carried its number of commands; nothing while that is open, or known already.
std::optional<Instant> CommandHealth::budget_spent_at() const {
    return commands_ >= commands_per_session && last_command_ && !budget_spent_
               ? std::optional{*last_command_ + quiet_after_command}
               : std::nullopt;
}

void CommandHealth::tick(Instant now, std::optional<Instant> last_report) {
    if (answer_until_ && now >= *answer_until_) {
        // A printer that is silent altogether is another matter: see Connection::tick().
        half_open_ = last_report && *last_report > *answer_until_ - answer_within;
        answer_until_.reset();
    }
    if (const auto spent_at = budget_spent_at(); spent_at && now >= *spent_at) {
        budget_spent_ = true;
    }
}

std::optional<Instant> CommandHealth::deadline() const {
    return earliest_of({answer_until_, budget_spent_at()});
}

ReconnectReason CommandHealth::reconnect_reason() const noexcept {
    return half_open_      ? ReconnectReason::half_open
           : budget_spent_ ? ReconnectReason::command_budget
                           : ReconnectReason::no;
}

} // namespace bambu2mqtt
