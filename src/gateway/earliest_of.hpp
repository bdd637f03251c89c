// The earlier of moments that may not exist.
#pragma once

#include <bambu2mqtt/base/time.hpp>

#include <initializer_list>
#include <optional>

namespace bambu2mqtt {

/// The first of some moments; nothing where there is none.
[[nodiscard]] inline std::optional<Instant>
earliest_of(std::initializer_list<std::optional<Instant>> moments) {
    std::optional<Instant> first;
    for (const auto& moment : moments) {
        if (moment && (!first || *moment < *first)) {
            first = moment;
        }
    }
    return first;
}

} // namespace bambu2mqtt
