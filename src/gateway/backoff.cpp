#include <bambu2mqtt/gateway/backoff.hpp>

#include <algorithm>

namespace bambu2mqtt {

using std::chrono::milliseconds;

milliseconds Backoff::next() {
    constexpr int last_step = 5; // 1, 2, 4, 8, 16, 30 s
    const milliseconds wait = std::min(milliseconds{1000} * (1 << step_), milliseconds{30'000});
    step_ = std::min(step_ + 1, last_step);
    return spread(wait);
}

milliseconds Backoff::next_node() {
    return spread(milliseconds{200});
}

milliseconds Backoff::slow() {
    return spread(std::chrono::minutes{5});
}

milliseconds Backoff::spread(milliseconds wait) {
    std::uniform_int_distribution<milliseconds::rep> quarter{-wait.count() / 4, wait.count() / 4};
    return wait + milliseconds{quarter(random_)};
}

} // namespace bambu2mqtt
