// Hands a value that only the core thread can make to other threads that request it.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

namespace bambu2mqtt {

/// The core makes a value when one is requested, at most once a second: clients cannot cost it more.
template <typename Value>
class CoreExchange {
  public:
    static constexpr std::chrono::seconds lifetime{1};
    static constexpr std::chrono::seconds core_timeout{2};

    /// `wake_core` makes the core thread call take_request() soon; called on other threads.
    explicit CoreExchange(std::function<void()> wake_core) : wake_core_(std::move(wake_core)) {}

    /// Any other thread: the value; nothing if the core has not provided one in time.
    [[nodiscard]] std::optional<Value> get() {
        const MutexLock lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        if (value_ && now - provided_at_ < lifetime) {
            return value_;
        }
        value_.reset();
        requested_ = true;
        wake_core_();
        while (!value_) {
            if (!provided_.wait_until(mutex_, now + core_timeout)) {
                break;
            }
        }
        return value_;
    }

    /// Core thread: whether provide() has to be called.
    [[nodiscard]] bool take_request() noexcept { return requested_.exchange(false); }

    /// Core thread.
    void provide(Value value) {
        const MutexLock lock(mutex_);
        value_ = std::move(value);
        provided_at_ = std::chrono::steady_clock::now();
        provided_.notify_all();
    }

  private:
    std::function<void()> wake_core_;
    std::atomic<bool> requested_ = false;
    Mutex mutex_;
    ConditionVariable provided_;
    std::optional<Value> value_ GUARDED_BY(mutex_);
    Instant provided_at_ GUARDED_BY(mutex_){};
};

} // namespace bambu2mqtt
