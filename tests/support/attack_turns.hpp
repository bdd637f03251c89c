#pragma once
// What attackers of one test share: whether they attack, whose turn it is, and how long the attack lasted.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace bambu2mqtt::test_support {

/// Thread-safe.
class AttackTurns {
  public:
    /// From now on messages of `size` bytes are sent.
    void begin(std::uint32_t size) {
        const std::lock_guard lock(mutex_);
        size_ = size;
        changed_.notify_all();
    }

    /// From now on none.
    void end() { begin(0); }

    /// 0: no attack.
    [[nodiscard]] std::uint32_t size() const {
        const std::lock_guard lock(mutex_);
        return size_;
    }

    /// A message is in transit from its first byte to the end of its connection. Returns its number.
    std::uint64_t started() {
        const std::lock_guard lock(mutex_);
        if (under_way_++ == 0) {
            since_ = std::chrono::steady_clock::now();
        }
        changed_.notify_all();
        return ++begun_;
    }

    void finished() {
        const std::lock_guard lock(mutex_);
        if (--under_way_ == 0) {
            covered_ += std::chrono::steady_clock::now() - since_;
        }
        changed_.notify_all();
    }

    /// Waits until a message after this one has started, the attack has ended, or `limit` is over.
    void await_successor(std::uint64_t number, std::chrono::milliseconds limit) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, limit, [&] { return begun_ > number || size_ == 0; });
    }

    /// How many messages were begun.
    [[nodiscard]] std::uint64_t begun() const {
        const std::lock_guard lock(mutex_);
        return begun_;
    }

    /// The number of messages in transit.
    [[nodiscard]] int under_way() const {
        const std::lock_guard lock(mutex_);
        return under_way_;
    }

    /// The total time with at least one message in transit.
    [[nodiscard]] std::chrono::duration<double> covered() const {
        const std::lock_guard lock(mutex_);
        const auto now = under_way_ > 0 ? std::chrono::steady_clock::now() - since_
                                        : std::chrono::steady_clock::duration::zero();
        return covered_ + now;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::uint32_t size_ = 0;
    std::uint64_t begun_ = 0;
    int under_way_ = 0;
    std::chrono::steady_clock::time_point since_;
    std::chrono::steady_clock::duration covered_{};
};

} // namespace bambu2mqtt::test_support
