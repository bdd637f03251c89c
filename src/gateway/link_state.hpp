// The states of the connection to one printer, each with what is known and due in it alone.
#pragma once

#include "gateway/command_health.hpp"
#include <bambu2mqtt/base/time.hpp>

#include <optional>
#include <variant>

namespace bambu2mqtt {

/// There is no connection.
struct LinkDown {
    std::optional<Instant> retry_at{};       ///< the next attempt; nothing: none is due
    std::optional<Instant> clock_check_at{}; ///< the clock is looked at again then
};

/// An attempt has begun and not ended.
struct LinkAttempt {};

/// The printer's broker has taken login and subscription.
struct LinkUp {
    Instant since{};
    std::optional<Instant> last_report{};
    std::optional<Instant> full_at{};  ///< a full report is wanted and may be requested then
    std::optional<Instant> check_at{}; ///< when it is looked at how long the printer is silent
    bool nudged = false;               ///< it was asked for a sign of life
    bool trusted = false;              ///< its state is shown as current
    CommandHealth commands{};
};

using LinkState = std::variant<LinkDown, LinkAttempt, LinkUp>;

} // namespace bambu2mqtt
