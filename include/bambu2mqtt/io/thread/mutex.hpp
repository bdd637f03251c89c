// Mutex, lock and condition variable with the annotations that Clang checks; those of the standard library
// have none.
#pragma once

#include <bambu2mqtt/base/thread_annotations.hpp>
#include <bambu2mqtt/base/time.hpp>

#include <condition_variable>
#include <mutex>

namespace bambu2mqtt {

/// A std::mutex. Data it guards is marked with GUARDED_BY(), functions that need it with REQUIRES().
class CAPABILITY("mutex") Mutex {
  public:
    Mutex() = default;
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    void lock() ACQUIRE() { mutex_.lock(); }

    void unlock() RELEASE() { mutex_.unlock(); }

  private:
    friend class ConditionVariable;
    std::mutex mutex_;
};

/// Holds a mutex during its lifetime, except between unlock() and lock().
class SCOPED_CAPABILITY MutexLock {
  public:
    explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }

    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

    ~MutexLock() RELEASE() {
        if (locked_) {
            mutex_.unlock();
        }
    }

    void lock() ACQUIRE() {
        mutex_.lock();
        locked_ = true;
    }

    void unlock() RELEASE() {
        mutex_.unlock();
        locked_ = false;
    }

  private:
    Mutex& mutex_;
    bool locked_ = true;
};

/// A std::condition_variable. Its waits take no predicate, because the analysis does not see that a lambda
/// runs under the lock: wait in a loop that checks the condition.
class ConditionVariable {
  public:
    void notify_one() noexcept { changed_.notify_one(); }

    void notify_all() noexcept { changed_.notify_all(); }

    /// Lets go of `mutex` while it waits, and holds it again on return. May return without a notification.
    void wait(Mutex& mutex) REQUIRES(mutex) {
        std::unique_lock lock(mutex.mutex_, std::adopt_lock);
        changed_.wait(lock);
        (void)lock.release();
    }

    /// The same, until `deadline` at most. False when that has passed.
    [[nodiscard]] bool wait_until(Mutex& mutex, Instant deadline) REQUIRES(mutex) {
        std::unique_lock lock(mutex.mutex_, std::adopt_lock);
        const auto status = changed_.wait_until(lock, deadline);
        (void)lock.release();
        return status == std::cv_status::no_timeout;
    }

  private:
    std::condition_variable changed_;
};

} // namespace bambu2mqtt
