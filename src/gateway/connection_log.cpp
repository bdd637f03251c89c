#include "gateway/connection_log.hpp"

#include <bambu2mqtt/base/text_util.hpp>

#include <fmt/format.h>

namespace bambu2mqtt {

namespace {

constexpr std::size_t longest_reason = 256; ///< bytes of connection/attributes `error`

} // namespace

std::optional<ConnectionStatus> ConnectionLog::follow(const Connection& connection,
                                                      std::optional<WallTime> since, WallTime now) {
    const auto state = connection.state();
    auto hint = connection.hint(id_);
    if (state == state_ && connection.closed() == closed_ && connection.error() == error_ && hint == hint_) {
        return std::nullopt;
    }
    closed_ = connection.closed();
    const bool state_changed = std::exchange(state_, state) != state;
    error_ = connection.error();
    hint_ = std::move(hint);
    const auto text = [](std::string_view words) { return printable(words, longest_reason); };
    return ConnectionStatus{.state = name_of(state),
                            .since = state_changed ? now : since.value_or(now),
                            .error = text(error_),
                            .hint = text(hint_),
                            .fingerprint =
                                state == ConnectionState::tls_untrusted ? text(fingerprint_) : std::string{}};
}

std::optional<ConnectionLog::Line> ConnectionLog::line() {
    switch (state_) {
    case ConnectionState::connecting:
        return std::nullopt;
    case ConnectionState::connected: {
        const auto place = std::exchange(place_note_, std::string{});
        const bool after_outage = std::exchange(outage_logged_, false);
        const bool again = std::exchange(was_connected_, true) && after_outage;
        return Line{Level::info, fmt::format("{}{}{}", again ? "connected again" : "connected",
                                             place.empty() ? "" : ", ", place)};
    }
    case ConnectionState::paused:
        outage_logged_ = false;
        return Line{Level::info, closed_ ? "closed by a command" : "paused by a command"};
    default:
        if (std::exchange(outage_logged_, true)) {
            return std::nullopt;
        }
        return Line{Level::warning,
                    fmt::format("{}: {}{}{}", name_of(state_), error_, hint_.empty() ? "" : "; ", hint_)};
    }
}

bool ConnectionLog::moved(const Connection& connection) {
    if (connection.host() == host_) {
        return false;
    }
    const auto& configured = connection.places().configured();
    const bool as_configured = connection.host() == configured;
    place_note_ =
        fmt::format("found at {}{}", connection.host(),
                    as_configured || configured.empty() ? "" : ", not at its configured host " + configured);
    host_ = connection.host();
    return true;
}

std::optional<ConnectionLog::Line> ConnectionLog::place_line() {
    if (state_ != ConnectionState::connected || place_note_.empty()) {
        return std::nullopt;
    }
    return Line{Level::info, std::exchange(place_note_, std::string{})};
}

std::optional<ConnectionLog::Line> ConnectionLog::reports_lost(Instant now) {
    if (!loss_logged_.take(now)) {
        return std::nullopt;
    }
    return Line{Level::warning, "reports arrived faster than they could be processed; some were dropped"};
}

} // namespace bambu2mqtt
