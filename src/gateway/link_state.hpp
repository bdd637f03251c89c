// The states of the connection to one printer, each with the values and deadlines that only exist in it.
#pragma once

#include "gateway/command_health.hpp"
#include <bambu2mqtt/base/time.hpp>

#include <optional>
#include <variant>

namespace bambu2mqtt {

/// There is no connection.
struct LinkDown {
    std::optional<Instant> retry_at{};       ///< the next attempt; nothing: none is due
    std::optional<Instant> clock_check_at{}; ///< next check of the clock
};

/// An attempt has begun and not ended.
struct LinkAttempt {};

/// The printer's broker has taken login and subscription.
struct LinkUp {
    Instant since{};
    std::optional<Instant> last_report{};
    std::optional<Instant> full_at{};  ///< a full report is wanted and may be requested then
    std::optional<Instant> check_at{}; ///< when the time since the last report is checked
    bool nudged = false;               ///< it was asked for a sign of life
    bool trusted = false;              ///< its state is shown as current
    CommandHealth commands{};
};

using LinkState = std::variant<LinkDown, LinkAttempt, LinkUp>;

} // namespace bambu2mqtt
