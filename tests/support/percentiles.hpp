#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bambu2mqtt::test_support {

struct Percentiles {
    double p50 = 0;
    double p99 = 0;
};

/// Of at least one value, in its unit.
[[nodiscard]] inline Percentiles percentiles(std::vector<double> values) {
    std::ranges::sort(values);
    const auto at = [&](std::size_t percent) { return values[(values.size() - 1) * percent / 100]; };
    return {at(50), at(99)};
}

} // namespace bambu2mqtt::test_support
