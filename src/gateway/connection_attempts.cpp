// When and where a connection to a printer is tried, and what comes of it.
#include <bambu2mqtt/gateway/connection.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace bambu2mqtt {

using namespace std::chrono_literals;

namespace {

/// Announcements lead to attempts no more often than this, whatever addresses they name.
constexpr auto between_hurries = 5s;

/// How soon it is noticed that somebody has set the clock, while a certificate waits for that.
constexpr auto between_clock_checks = 1s;

} // namespace

void Connection::start(Instant now, ConnectionActions& actions) {
    if (places_.choose(now)) {
        connect(now, actions);
        return;
    }
    retry_at_.reset();
    check_at_.reset();
    state_ = ConnectionState::unreachable;
    error_ = "no address is known: host is not set, and the printer has not announced itself";
}

/// At the place that is chosen.
void Connection::connect(Instant now, ConnectionActions& actions) {
    retry_at_.reset();
    check_at_ = now;
    under_way_ = true;
    actions.push_back(ConnectionAction::connect);
}

void Connection::announced(const std::string& address, Instant now, ConnectionActions& actions) {
    const bool worth_an_attempt = places_.on_announcement(address, now);
    if (!worth_an_attempt || paused_ || under_way_) {
        return; // resume() and the end of the attempt look at what is news
    }
    const bool doubtful = state_ == ConnectionState::stale || state_ == ConnectionState::no_reports;
    if (!up_since_) {
        retry_soon(now, actions);
    } else if (doubtful && places_.has_news(now)) {
        move(now, actions);
    }
}

/// An attempt now instead of later.
void Connection::retry_soon(Instant now, ConnectionActions& actions) {
    if (!hurried_at_ || now - *hurried_at_ >= between_hurries) {
        hurried_at_ = now;
        start(now, actions);
        return;
    }
    const auto soon = *hurried_at_ + between_hurries;
    retry_at_ = std::min(retry_at_.value_or(soon), soon);
}

/// The session is silent, and the printer is said to be elsewhere.
void Connection::move(Instant now, ConnectionActions& actions) {
    lose(now, actions, error_);
    if (retry_at_ && *retry_at_ <= now) {
        start(now, actions);
    }
}

void Connection::down(const PrinterDown& event, Instant now) {
    under_way_ = false;
    if (paused_) {
        up_since_.reset();
        return;
    }
    never_reported_ = up_since_ && !last_report_;
    const bool attempt_failed = !up_since_;
    up_since_.reset();
    last_report_.reset();
    full_at_.reset();
    check_at_.reset();
    answer_until_.reset();
    if (attempt_failed) {
        places_.failed();
    }
    show(event, now);
    retry_at_ = next_attempt(event.failure, now);
    if (waits_for_clock()) {
        clock_check_at_ = now + between_clock_checks;
    }
}

/// One place of several that does not answer does not hide that another one shows a strange certificate.
void Connection::show(const PrinterDown& event, Instant now) {
    constexpr std::array states{ConnectionState::unreachable,    ConnectionState::auth_refused,
                                ConnectionState::tls_untrusted,  ConnectionState::unreachable,
                                ConnectionState::tls_untrusted,  ConnectionState::tls_untrusted,
                                ConnectionState::pin_unavailable};
    auto state = states[static_cast<std::size_t>(event.failure)];
    auto error = event.detail;
    if (event.failure == LinkFailure::tls_untrusted && places_.is_unverified()) {
        // Somebody said that it is the printer: no reason to doubt the printer's own certificate.
        state = ConnectionState::unreachable;
        error = "not where it was announced: " + error;
    }
    const bool less_telling = state == ConnectionState::unreachable &&
                              state_ == ConnectionState::tls_untrusted && places_.is_untrusted(now);
    if (!less_telling) {
        state_ = state;
        error_ = std::move(error);
        shown_failure_ = event.failure;
    }
}

/// What only a person can repair is tried again slowly. A refused access code is no matter of the place.
Instant Connection::next_attempt(LinkFailure failure, Instant now) {
    if (failure == LinkFailure::auth_refused) {
        places_.stay();
        return now + backoff_.slow();
    }
    if (failure == LinkFailure::tls_untrusted) {
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
    if (retry_at_) {
        start(now, actions);
    }
}

void Connection::clock_set(Instant now, ConnectionActions& actions) {
    if (waits_for_clock()) {
        retry_soon(now, actions);
    }
}

/// Whether the last attempt failed because a certificate is not valid by the clock of this machine.
bool Connection::waits_for_clock() const {
    return retry_at_ &&
           (shown_failure_ == LinkFailure::not_yet_valid || shown_failure_ == LinkFailure::expired);
}

/// Notices at the next clock_set() soon; the clock itself others look at.
void Connection::check_clock(Instant now) {
    if (!waits_for_clock()) {
        clock_check_at_.reset();
    } else if (clock_check_at_ && now >= *clock_check_at_) {
        clock_check_at_ = now + between_clock_checks;
    }
}

void Connection::reconnect(Instant now, ConnectionActions& actions) {
    actions.push_back(ConnectionAction::disconnect);
    up_since_.reset();
    full_at_.reset();
    check_at_.reset();
    half_open_ = false;
    connect(now, actions); // where it was
}

/// Gives the connection up and reconnects after the usual wait.
void Connection::lose(Instant now, ConnectionActions& actions, std::string why) {
    actions.push_back(ConnectionAction::disconnect);
    const auto shown = state_;
    down(PrinterDown{.failure = LinkFailure::lost, .detail = std::move(why)}, now);
    state_ = shown;
}

} // namespace bambu2mqtt
