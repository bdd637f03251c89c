// When and where connections to a printer are attempted, and their results.
#include <bambu2mqtt/gateway/connection.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Announcements cause attempts at most this often, for any addresses.
constexpr auto between_hurries = 5s;

/// How soon a set clock is noticed, while a certificate waits for it.
constexpr auto between_clock_checks = 1s;

/// The certificate is of another machine, or may be; not only its validity is doubtful.
bool is_about_identity(LinkFailure failure) {
    return failure == LinkFailure::tls_untrusted || failure == LinkFailure::wrong_name;
}

} // namespace

void Connection::start(Instant now, ConnectionActions& actions) {
    if (places_.choose(now)) {
        connect(actions);
        return;
    }
    link_ = Down{};
    state_ = ConnectionState::unreachable;
    error_ = "waiting for an announcement: host is not set, and printers announce themselves every 5 to 30 s";
}

/// At the chosen address.
void Connection::connect(ConnectionActions& actions) {
    link_ = Attempt{};
    actions.push_back(ConnectionAction::connect);
}

void Connection::announced(const std::string& address, Instant now, ConnectionActions& actions) {
    const bool worth_an_attempt = places_.on_announcement(address, now);
    if (!worth_an_attempt || hold_ != Hold::none || std::holds_alternative<Attempt>(link_)) {
        return; // resume() and the end of the attempt evaluate new addresses
    }
    const bool doubtful = state_ == ConnectionState::stale || state_ == ConnectionState::no_reports;
    if (std::holds_alternative<Down>(link_)) {
        retry_soon(now, actions);
    } else if (doubtful && places_.has_news(now)) {
        move(now, actions);
    }
}

/// Makes an attempt now instead of later.
void Connection::retry_soon(Instant now, ConnectionActions& actions) {
    if (!hurried_at_ || now - *hurried_at_ >= between_hurries) {
        hurried_at_ = now;
        start(now, actions);
        return;
    }
    const auto soon = *hurried_at_ + between_hurries;
    if (auto* const down = std::get_if<Down>(&link_)) {
        down->retry_at = std::min(down->retry_at.value_or(soon), soon);
    }
}

/// The session is silent, and the printer is announced elsewhere.
void Connection::move(Instant now, ConnectionActions& actions) {
    lose(now, actions, error_);
    if (const auto due = retry_at(); due && *due <= now) {
        start(now, actions);
    }
}

/// When the next attempt is due; nothing while there is a connection or an attempt.
std::optional<Instant> Connection::retry_at() const {
    const auto* const down = std::get_if<Down>(&link_);
    return down != nullptr ? down->retry_at : std::nullopt;
}

void Connection::down(const PrinterDown& event, Instant now) {
    const auto* const up = std::get_if<Up>(&link_);
    const bool attempt_failed = up == nullptr;
    const bool silent = up != nullptr && !up->last_report;
    link_ = Down{};
    if (hold_ != Hold::none) {
        return;
    }
    never_reported_ = silent;
    if (attempt_failed) {
        places_.failed();
    }
    show(event, now);
    link_ = Down{.retry_at = next_attempt(event.failure, now), .clock_check_at = now + between_clock_checks};
}

/// An address that does not answer does not hide that another one presents an untrusted certificate.
void Connection::show(const PrinterDown& event, Instant now) {
    constexpr std::array states{ConnectionState::unreachable,     ConnectionState::auth_refused,
                                ConnectionState::tls_untrusted,   ConnectionState::unreachable,
                                ConnectionState::tls_untrusted,   ConnectionState::tls_untrusted,
                                ConnectionState::pin_unavailable, ConnectionState::tls_untrusted};
    auto state = states[static_cast<std::size_t>(event.failure)];
    auto error = event.detail;
    if (is_about_identity(event.failure) && places_.is_unverified()) {
        // It was only announced: no reason to doubt the printer's own certificate.
        state = ConnectionState::unreachable;
        error = "not at its announced address: " + error;
    }
    const bool less_telling = state == ConnectionState::unreachable &&
                              state_ == ConnectionState::tls_untrusted && places_.is_untrusted(now);
    if (!less_telling) {
        state_ = state;
        error_ = std::move(error);
        shown_failure_ = event.failure;
    }
}

/// Problems that need a person are retried slowly. A refused access code does not depend on the address.
Instant Connection::next_attempt(LinkFailure failure, Instant now) {
    if (failure == LinkFailure::auth_refused) {
        places_.stay();
        return now + backoff_.slow();
    }
    if (is_about_identity(failure)) {
        places_.set_aside(now + backoff_.slow());
    }
    if (const auto free = places_.free_at(now)) {
        return *free;
    }
    if (!places_.has_news(now)) {
        return now + backoff_.next();
    }
    hurried_at_ = hurried_at_ ? std::max(now, *hurried_at_ + between_hurries) : now;
    return *hurried_at_;
}

void Connection::certificate_trusted(Instant now, ConnectionActions& actions) {
    places_.trusted();
    if (retry_at()) {
        start(now, actions);
    }
}

void Connection::clock_set(Instant now, ConnectionActions& actions) {
    if (waits_for_clock()) {
        retry_soon(now, actions);
    }
}

/// True if the last attempt failed because a certificate is outside its validity by the clock of this
/// machine.
bool Connection::waits_for_clock() const {
    return retry_at() &&
           (shown_failure_ == LinkFailure::not_yet_valid || shown_failure_ == LinkFailure::expired);
}

/// Schedules the check for clock_set(); the clock itself is read elsewhere.
void Connection::check_clock(Instant now) {
    auto* const down = std::get_if<Down>(&link_);
    if (down != nullptr && waits_for_clock() && down->clock_check_at && now >= *down->clock_check_at) {
        down->clock_check_at = now + between_clock_checks;
    }
}

void Connection::reconnect(ConnectionActions& actions) {
    actions.push_back(ConnectionAction::disconnect);
    connect(actions); // the previous address
}

/// Closes the connection and reconnects after the usual delay.
void Connection::lose(Instant now, ConnectionActions& actions, std::string why) {
    actions.push_back(ConnectionAction::disconnect);
    const auto shown = state_;
    down(PrinterDown{.failure = LinkFailure::lost, .detail = std::move(why)}, now);
    state_ = shown;
}

} // namespace bambu2mqtt
