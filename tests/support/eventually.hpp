#pragma once
// Waiting for something another thread or process does, with a deadline. Knows only a predicate and the
// clock.

#include "support/sanitizers.hpp"

#include <chrono>
#include <thread>

namespace bambu2mqtt::test_support {

/// Factor for timeouts in this build.
inline constexpr int timeout_factor = sanitized ? 3 : 1;

/// Longest time to wait for something that has to happen. A wait ends with the event, so this only limits how
/// late a failure is noticed: long enough for a busy machine.
inline constexpr std::chrono::seconds test_timeout{60 * timeout_factor};

/// Evaluates `predicate` every few milliseconds until it is true or `deadline` (from now) has passed. Returns
/// its last result, so a true value is never lost to a late check of the clock.
template <typename Predicate>
[[nodiscard]] bool eventually(std::chrono::milliseconds deadline, Predicate predicate) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!predicate()) {
        if (std::chrono::steady_clock::now() >= end)
            return predicate();
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
}

} // namespace bambu2mqtt::test_support
