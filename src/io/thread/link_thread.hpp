// The thread of the links. Knows jobs and times, not their purpose.
#pragma once

#include <bambu2mqtt/base/time.hpp>
#include <bambu2mqtt/io/thread/mutex.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <thread>

namespace bambu2mqtt {

/// One thread that runs jobs in order. MQTT clients are created, connected and destroyed here: those calls
/// wait for a lock of the Paho library that its callbacks hold, and destroying must not happen in a callback.
class LinkThread {
  public:
    using Job = std::function<void()>;

    LinkThread();
    LinkThread(const LinkThread&) = delete;
    LinkThread& operator=(const LinkThread&) = delete;
    ~LinkThread();

    /// From any thread. An escaping exception is logged and ends only that job. After stop() it is not run.
    void post(Job job);

    /// The same, after `delay`.
    void post_after(std::chrono::milliseconds delay, Job job);

    /// True if the caller is this thread.
    [[nodiscard]] bool is_current() const;

    /// Runs due jobs, including jobs they add, drops later ones, and ends the thread.
    void stop();

  private:
    void run();

    Mutex mutex_;
    ConditionVariable ready_;
    std::multimap<Instant, Job> jobs_ GUARDED_BY(mutex_); // by due time, equal times in order of arrival
    bool stopping_ GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

} // namespace bambu2mqtt
